// SPDX-License-Identifier: Apache-2.0
// Compiling as a service: many threads, many kernels, code that goes away, and errors as
// exceptions.
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "nest_fixture.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen::testing {
namespace {

/// out = in + n, with `additions` ops in a row.
LoopNest chain(int additions, std::string name = "chain") {
  TestNest t;
  t.nest.name = std::move(name);
  const VariableId i = t.variable("i"), j = t.variable("j");
  const ArrayId in = t.buffer(f32), out = t.buffer(f32, true);
  ValueId x = t.value();
  const ValueId one = t.value();
  std::vector<Statement> body = {Load{x, in, variable(j)}, Constant{one, f32, 0x3f800000}};
  for (int k = 0; k < additions; ++k) {
    const ValueId next = t.value();
    body.push_back(Compute{next, ir::OpCode::add, f32, {x, one}, 0});
    x = next;
  }
  body.push_back(Store{out, variable(j), x});
  t.nest.phases = {vector_phase(i, j, 16, body)};
  return t.nest;
}

void expect_adds(const MachineCode& code, int additions) {
  std::vector<float> in(75, 0.5f), out(75);
  run(code, {{in.data(), out.data()}, {75}, {}});
  for (const float x : out) ASSERT_EQ(x, 0.5f + static_cast<float>(additions));
}

/// Resident memory and mappings of this process.
struct Footprint {
  int64_t pages = 0;
  int64_t mappings = 0;
};

Footprint footprint() {
  Footprint result;
  int64_t size = 0;
  std::ifstream("/proc/self/statm") >> size >> result.pages;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) ++result.mappings;
  return result;
}

// Sanitizers keep what is freed for a while, and shadows of it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

TEST(CompiledCode, IsFreedWithItsOwner) {
  const Target target = targets().back();
  for (int k = 0; k < 50; ++k) expect_adds(compile_nest(chain(3), target), 3);
  const Footprint before = footprint();
  for (int k = 0; k < 200; ++k) expect_adds(compile_nest(chain(3), target), 3);
  const Footprint after = footprint();
  // Kept kernels would cost two mappings and a few pages each.
  EXPECT_LT(after.mappings - before.mappings, 20);
  if (!sanitized) {
    EXPECT_LT(after.pages - before.pages, 400);
  }
}

TEST(CompiledCode, OutlivesOtherKernelsOfTheSameNest) {
  const Target target = targets().back();
  const MachineCode kept = compile_nest(chain(2), target);
  for (int k = 0; k < 3; ++k) expect_adds(compile_nest(chain(2), target), 2);
  expect_adds(kept, 2);
}

TEST(Compiling, IsThreadSafe) {
  constexpr int threads = 8, kernels = 6;
  std::atomic<int> failures{0};
  std::vector<std::thread> workers;
  for (int worker = 0; worker < threads; ++worker) {
    workers.emplace_back([&, worker] {
      for (int k = 0; k < kernels; ++k) {
        const std::vector<Target> all = targets();
        const Target target = all[static_cast<size_t>(worker + k) % all.size()];
        const int additions = 1 + worker * kernels + k;
        const MachineCode code = compile_nest(chain(additions), target);
        std::vector<float> in(33, 0.0f), out(33);
        run(code, {{in.data(), out.data()}, {33}, {}});
        if (out != std::vector<float>(33, static_cast<float>(additions))) ++failures;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(failures, 0);
}

TEST(Compiling, TakesAnyKernelName) {
  expect_adds(compile_nest(chain(1, "a b/c\"%\n\xc3\xa4"), targets().back()), 1);
  expect_adds(compile_nest(chain(1, ""), targets().back()), 1);
}

TEST(Compiling, ReportsTheTimeItTook) {
  EXPECT_GT(compile_nest(chain(1), targets().back()).nanoseconds, 0);
}

TEST(Compiling, RefusesABrokenNest) {
  LoopNest undefined = chain(1);
  auto& vector = std::get<For>(std::get<For>(undefined.phases[0][0]).body[0]);
  vector.body.erase(vector.body.begin());
  EXPECT_THROW(compile_nest(undefined, targets().back()), InternalError);

  // The store has another element type than the value: LLVM itself must not be asked to run that.
  LoopNest mixed = chain(1);
  mixed.arrays[1].dtype = f64;
  EXPECT_THROW(compile_nest(mixed, targets().back()), InternalError);
  // The session is as good as before.
  expect_adds(compile_nest(chain(1), targets().back()), 1);
}

TEST(CodeText, ShowsTheModuleAndIntelAssembly) {
  const CodeText text = code_text(chain(2), targets().front());
  EXPECT_NE(text.llvm_ir.find("define void @onepass_chain_phase0(ptr"), std::string::npos);
  EXPECT_NE(text.llvm_ir.find("fadd <16 x float>"), std::string::npos);
  EXPECT_NE(text.assembly.find("onepass_chain_phase0:"), std::string::npos);
  EXPECT_NE(text.assembly.find("ymmword ptr"), std::string::npos);
}

TEST(LlvmDescription, NamesTheVersion) { EXPECT_EQ(llvm_description().substr(0, 8), "LLVM 19."); }

}  // namespace
}  // namespace onepass::codegen::testing
