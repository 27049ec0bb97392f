// SPDX-License-Identifier: Apache-2.0
// From a graph to a program: plan, look the code up or make it, link. A failure leaves a file that
// replays it.
#include "onepass/codegen/compile.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "onepass/codegen/jit.h"
#include "onepass/codegen/program_builder.h"
#include "onepass/ir/print.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/kernel_cache.h"
#include "onepass/runtime/settings.h"

namespace onepass::codegen {
namespace {

/// Writes the graph to a file of its own. Empty if that is impossible: the first error matters
/// more.
std::string write_repro(const ir::Graph& graph) {
  static std::atomic<int> count = 0;
  const std::string path = fmt::format("{}/onepass-repro-{}-{}.ir", runtime::repro_directory(),
                                       getpid(), count.fetch_add(1));
  std::ofstream file(path);
  file << ir::print(graph);
  file.close();
  return file ? path : std::string();
}

[[noreturn]] void throw_with_repro(const InternalError& error, const ir::Graph& graph) {
  const std::string path = write_repro(graph);
  if (path.empty()) throw error;
  throw InternalError(
      fmt::format("{} Replay it with: onepass explain --graph {}", error.what(), path));
}

}  // namespace

std::string kernel_key(const LoopNest& nest, const Target& target) {
  return fmt::format("{}{}{}\n{}", to_string(target.instruction_set),
                     target.tuned_for_host ? " tuned" : "", target.sums_bytes ? " vnni" : "",
                     print(nest));
}

std::shared_ptr<const runtime::Kernel> link_kernel(const LoopNest& nest, const Target& target) {
  const auto cached = runtime::kernel_cache().get(kernel_key(nest, target), [&] {
    MachineCode code = compile_nest(nest, target);
    auto kernel = std::make_shared<runtime::Kernel>();
    kernel->interface = nest.interface;
    for (size_t i = 0; i < code.phases.size(); ++i)
      kernel->interface.phases[i].run = code.phases[i];
    kernel->code = std::move(code.owner);
    kernel->compile_nanoseconds = code.nanoseconds;
    return kernel;
  });
  // Equal text means equal code, but symbols and scalar slots are those of this program.
  auto kernel = std::make_shared<runtime::Kernel>(*cached);
  kernel->interface = nest.interface;
  for (size_t i = 0; i < kernel->interface.phases.size(); ++i) {
    kernel->interface.phases[i].run = cached->interface.phases[i].run;
  }
  return kernel;
}

std::shared_ptr<const runtime::Program> compile(const ir::Graph& graph,
                                                const CompileOptions& options) {
  try {
    ProgramBuilder builder(graph, options, true);
    builder.build();
    const std::shared_ptr<runtime::Program> program = builder.take_program();
    program->direct = runtime::DirectLaunch::of(*program);
    return program;
  } catch (const InternalError& error) {
    throw_with_repro(error, graph);
  }
}

}  // namespace onepass::codegen
