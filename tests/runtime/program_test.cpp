// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "expect_error.h"
#include "onepass/runtime/blas.h"
#include "onepass/runtime/temporaries.h"
#include "onepass/runtime/thread_pool.h"
#include "sample_kernels.h"
#include "view_pointers.h"

namespace onepass::runtime {
namespace {

using onepass::testing::scalar_slot;
using onepass::testing::scaled_add_kernel;
using Floats = std::vector<float>;
using Kind = ProgramArray::Kind;

ProgramArray array(Kind kind, int index, std::vector<int> extents, DType dtype = f32) {
  ProgramArray result;
  result.kind = kind;
  result.index = index;
  result.dtype = dtype;
  result.extents = std::move(extents);
  return result;
}

KernelLaunch scaled_add(int a, int b, int out) {
  static const auto kernel = std::make_shared<const Kernel>(scaled_add_kernel());
  return {kernel, {a, b, out}};
}

Floats counted(int64_t count) {
  Floats values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

void run_with(const Program& program, std::vector<ArrayView> inputs, std::vector<ArrayView> outputs,
              std::vector<int64_t> symbols, float scale = 1) {
  const std::vector<uint64_t> scalars = {scalar_slot(scale)};
  run(program, {pointers_to(inputs), pointers_to(outputs), symbols, scalars});
}

/// x + x, + x, ..: `length` steps with a temporary between each two.
Program chain(int length) {
  Program program;
  program.arrays = {array(Kind::input, 0, {0, 1}), array(Kind::output, 0, {0, 1})};
  int previous = 0;
  for (int i = 0; i < length; ++i) {
    int target = 1;
    if (i + 1 < length) {
      target = static_cast<int>(program.arrays.size());
      program.arrays.push_back(array(Kind::temporary, 0, {0, 1}));
    }
    program.steps.push_back(scaled_add(previous, 0, target));
    previous = target;
  }
  return program;
}

TEST(Run, PassesTemporariesFromStepToStep) {
  for (const int length : {1, 2, 3, 50}) {
    Floats x = counted(12), out(12);
    run_with(chain(length), {dense_view(x.data(), f32, {3, 4})},
             {dense_view(out.data(), f32, {3, 4})}, {3, 4});
    for (size_t i = 0; i < 12; ++i) EXPECT_EQ(out[i], x[i] * static_cast<float>(length + 1));
  }
}

TEST(Run, TakesEmptyArrays) {
  Floats x, out;
  run_with(chain(3), {dense_view(x.data(), f32, {0, 4})}, {dense_view(out.data(), f32, {0, 4})},
           {0, 4});
}

TEST(Run, AsksTheSystemForNoMemoryOnceWarm) {
  const Program program = chain(8);
  Floats x = counted(4096), out(4096);
  const auto call = [&] {
    run_with(program, {dense_view(x.data(), f32, {64, 64})},
             {dense_view(out.data(), f32, {64, 64})}, {64, 64});
  };
  call();
  const int64_t before = pool_statistics().allocations;
  for (int i = 0; i < 5; ++i) call();
  EXPECT_EQ(pool_statistics().allocations, before);
}

TEST(TemporaryMemory, IsSharedByTemporariesThatNeverMeet) {
  const std::vector<int64_t> symbols = {100, 16};
  const int64_t one = 100 * 16 * 4;
  EXPECT_EQ(TemporaryMemory(chain(1), symbols).bytes(), 0);
  EXPECT_EQ(TemporaryMemory(chain(2), symbols).bytes(), one);
  EXPECT_EQ(TemporaryMemory(chain(3), symbols).bytes(), 2 * one);
  EXPECT_EQ(TemporaryMemory(chain(100), symbols).bytes(), 2 * one);
}

TEST(TemporaryMemory, KeepsTemporariesApartThatLiveAtTheSameTime) {
  // Sizes differ and lives overlap in every way; whoever is alive together must not share a byte.
  Program program;
  program.arrays = {array(Kind::input, 0, {0}), array(Kind::output, 0, {0})};
  const int count = 40, steps = 60;
  std::vector<std::pair<int, int>> lives;
  program.steps.resize(steps, scaled_add(0, 0, 1));
  for (int t = 0; t < count; ++t) {
    program.arrays.push_back(array(Kind::temporary, 0, {t % 5}));
    const int first = t * 7 % steps;
    const int last = std::min(first + t * 3 % 11, steps - 1);
    lives.emplace_back(first, last);
    for (const int step : {first, last}) {
      std::get<KernelLaunch>(program.steps[static_cast<size_t>(step)]).arrays.push_back(t + 2);
    }
  }
  const std::vector<int64_t> symbols = {10, 1000, 33, 500, 1};
  const TemporaryMemory memory(program, symbols);
  for (int a = 0; a < count; ++a) {
    for (int b = 0; b < a; ++b) {
      const auto [first_a, last_a] = lives[static_cast<size_t>(a)];
      const auto [first_b, last_b] = lives[static_cast<size_t>(b)];
      if (last_a < first_b || last_b < first_a) continue;
      const std::byte* const at_a = memory.data(static_cast<size_t>(a + 2));
      const std::byte* const at_b = memory.data(static_cast<size_t>(b + 2));
      ASSERT_TRUE(at_a + symbols[static_cast<size_t>(a % 5)] * 4 <= at_b ||
                  at_b + symbols[static_cast<size_t>(b % 5)] * 4 <= at_a)
          << a << " and " << b;
    }
  }
}

TEST(TemporaryMemory, LivesAsLongAsWhatReshapesIt) {
  Program program;
  program.arrays = {array(Kind::input, 0, {0, 1}), array(Kind::output, 0, {0, 1}),
                    array(Kind::temporary, 0, {0, 1}), array(Kind::reshaped, 2, {1, 0}),
                    array(Kind::temporary, 0, {0, 1})};
  program.steps = {scaled_add(0, 0, 2), scaled_add(0, 0, 4), scaled_add(3, 4, 1)};
  const TemporaryMemory memory(program, std::vector<int64_t>{2, 2});
  EXPECT_NE(memory.data(2), memory.data(4));
}

TEST(Run, ReshapesDenseArraysInPlace) {
  // out[3, 2] as the elements of x[2, 3], added to y[3, 2].
  Program program;
  program.arrays = {array(Kind::input, 0, {1, 0}), array(Kind::input, 1, {0, 1}),
                    array(Kind::reshaped, 0, {0, 1}), array(Kind::output, 0, {0, 1})};
  program.steps = {scaled_add(2, 1, 3)};
  Floats x = counted(6), y = {10, 20, 30, 40, 50, 60}, out(6);
  run_with(program, {dense_view(x.data(), f32, {2, 3}), dense_view(y.data(), f32, {3, 2})},
           {dense_view(out.data(), f32, {3, 2})}, {3, 2});
  EXPECT_EQ(out, (Floats{11, 22, 33, 44, 55, 66}));
}

TEST(Run, WritesSectionsOfAnArray) {
  // Two halves of the columns, of extents symbols 1 and 2, joined in an output of strided rows.
  Program program;
  ProgramArray left = array(Kind::section, 2, {0, 1});
  left.dimension = 1;
  ProgramArray right = array(Kind::section, 2, {0, 2});
  right.dimension = 1;
  right.start = {1};
  program.arrays = {array(Kind::input, 0, {0, 1}), array(Kind::input, 1, {0, 2}),
                    array(Kind::output, 0, {0, 3}), left, right};
  Kernel over_right = scaled_add_kernel();
  over_right.interface.iteration_symbols = {0, 2};
  program.steps = {scaled_add(0, 0, 3),
                   KernelLaunch{std::make_shared<const Kernel>(over_right), {1, 1, 4}}};
  Floats a = {1, 2}, b = {3, 4, 5, 6}, out(14, -1);
  const ArrayView target = sliced(dense_view(out.data(), f32, {2, 7}), 1, 0, 3, 2);
  run_with(program, {dense_view(a.data(), f32, {2, 1}), dense_view(b.data(), f32, {2, 2})},
           {target}, {2, 1, 2, 3});
  EXPECT_EQ(out, (Floats{2, -1, 6, -1, 8, -1, -1, 4, -1, 10, -1, 12, -1, -1}));
}

/// out = (x + scale * x) @ w, through the library.
Program product_program() {
  Program program;
  program.arrays = {array(Kind::input, 0, {0, 1}), array(Kind::input, 1, {1, 2}),
                    array(Kind::output, 0, {0, 2}), array(Kind::temporary, 0, {0, 1})};
  LibraryProduct product;
  product.lhs = 3;
  product.rhs = 1;
  product.result = 2;
  product.extents = {0, 2, 1};
  program.steps = {scaled_add(0, 0, 3), product};
  return program;
}

TEST(Run, MultipliesByTheLibraryBetweenKernels) {
  if (!blas_available()) GTEST_SKIP() << "OpenBLAS is not installed";
  Floats x = {1, 2, 3, 4, 5, 6}, w = {1, 0, 0, 1, 1, 1}, out(4);
  const ArrayView strided_w =
      permuted(dense_view(w.data(), f32, {2, 3}), std::vector<int64_t>{1, 0});
  run_with(product_program(), {dense_view(x.data(), f32, {2, 3}), strided_w},
           {dense_view(out.data(), f32, {2, 2})}, {2, 3, 2});
  EXPECT_EQ(out, (Floats{2, 12, 8, 30}));
}

/// out0 = x + x, then out1 = take(x, indices), with indices that the caller gives or a step
/// computes.
Program gather_program(bool computed) {
  Program program;
  program.arrays = {array(Kind::input, 0, {0, 1}), array(Kind::input, 1, {2}, i32),
                    array(Kind::output, 0, {0, 1}), array(Kind::output, 1, {2, 1}),
                    array(Kind::temporary, 0, {2}, i32)};
  program.steps = {scaled_add(0, 0, 2)};
  if (computed) {
    // The step that computes the indices copies them.
    Kernel copy;
    copy.interface.iteration_symbols = {2};
    copy.interface.operands = {onepass::testing::operand(0, i32, false, {0}),
                               onepass::testing::operand(1, i32, true, {0})};
    copy.interface.integers = {onepass::testing::extent(0)};
    Phase phase;
    phase.run = [](const Arguments* arguments, int64_t begin, int64_t end) {
      const auto* from = reinterpret_cast<const int32_t*>(arguments->buffers[0]);
      std::copy(from + begin, from + end,
                reinterpret_cast<int32_t*>(arguments->buffers[1]) + begin);
    };
    copy.interface.phases = {phase};
    program.steps.push_back(KernelLaunch{std::make_shared<const Kernel>(copy), {1, 4}});
  }
  Gather gather;
  gather.source = 0;
  gather.indices = computed ? 4 : 1;
  gather.result = 3;
  gather.axis = 0;
  program.steps.push_back(gather);
  return program;
}

TEST(Run, GathersAndRefusesBadIndicesBeforeAnyStore) {
  for (const bool computed : {false, true}) {
    const Program program = gather_program(computed);
    Floats x = counted(6), sums(12, -1), taken(6, -1);
    std::vector<int32_t> indices = {2, 0, -2};
    const std::vector<ArrayView> inputs = {dense_view(x.data(), f32, {3, 2}),
                                           dense_view(indices.data(), i32, {3})};
    // The first output is strided, which a stand-in must keep.
    const std::vector<ArrayView> outputs = {
        sliced(dense_view(sums.data(), f32, {3, 4}), 1, 3, 2, -2),
        dense_view(taken.data(), f32, {3, 2})};
    indices[1] = 3;
    onepass::testing::expect_error<UserError>(
        "take: index 3 at position 1, but axis 0 of f32[3, 2] has 3 elements; indices must lie in "
        "[-3, 3).",
        [&] { run_with(program, inputs, outputs, {3, 2, 3}); });
    EXPECT_EQ(sums, Floats(12, -1));
    EXPECT_EQ(taken, Floats(6, -1));
    indices[1] = 0;
    run_with(program, inputs, outputs, {3, 2, 3});
    EXPECT_EQ(sums, (Floats{-1, 4, -1, 2, -1, 8, -1, 6, -1, 12, -1, 10}));
    EXPECT_EQ(taken, (Floats{5, 6, 1, 2, 3, 4}));
  }
}

TEST(Run, StoresNothingIfTemporariesAreRefused) {
  // The temporary has extents that no output has, so only its memory is too much.
  Program program;
  program.arrays = {array(Kind::input, 0, {0, 1}), array(Kind::output, 0, {0, 1}),
                    array(Kind::temporary, 0, {2})};
  program.steps = {scaled_add(0, 0, 1), scaled_add(0, 0, 2)};
  Floats x = counted(2), out(2, -1);
  onepass::testing::expect_error<SystemError>(
      "buffer: cannot allocate 4611686018427387904 bytes.", [&] {
        run_with(program, {dense_view(x.data(), f32, {1, 2})},
                 {dense_view(out.data(), f32, {1, 2})}, {1, 2, int64_t{1} << 60});
      });
  EXPECT_EQ(out, Floats(2, -1));
}

TEST(Run, WorksInAForkedChild) {
  set_threads(4);
  Kernel heavy = scaled_add_kernel();
  heavy.interface.phases[0].nanoseconds_per_element = 1e6;
  Program program = chain(1);
  program.steps = {KernelLaunch{std::make_shared<const Kernel>(heavy), {0, 0, 1}}};
  Floats x = counted(100), out(100);
  const auto call = [&] {
    run_with(program, {dense_view(x.data(), f32, {50, 2})}, {dense_view(out.data(), f32, {50, 2})},
             {50, 2});
    return out[99] == 200;
  };
  EXPECT_TRUE(call());
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    out.assign(100, 0);
    _exit(call() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  set_threads(0);
}

}  // namespace
}  // namespace onepass::runtime
