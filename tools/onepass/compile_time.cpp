// SPDX-License-Identifier: Apache-2.0
// Asks the compiler for the same program again: its kernels come from the cache and say how long
// they took.
#include "compile_time.h"

#include <memory>
#include <set>
#include <span>
#include <variant>

#include "onepass/codegen/compile.h"
#include "onepass/engine/capture.h"
#include "onepass/engine/pass_options.h"
#include "onepass/engine/value_node.h"
#include "onepass/ir/passes/pipeline.h"

namespace onepass::tool {

int64_t compile_nanoseconds(const Value& value, const EvaluateOptions& options) {
  if (options.mode == Mode::interpreted) return 0;
  const auto flat = flatten(std::span<const Value>(&value, 1));
  ir::Graph graph = capture(flat->tape, flat->arguments(), options.accuracy).graph;
  ir::run_pipeline(graph, pass_options(options));
  codegen::CompileOptions compile_options;
  compile_options.accuracy = options.accuracy;
  const auto program = codegen::compile(graph, compile_options);

  int64_t total = 0;
  std::set<runtime::PhaseFunction> counted;  // equal kernels are compiled once
  for (const runtime::Step& step : program->steps) {
    const auto* launch = std::get_if<runtime::KernelLaunch>(&step);
    if (launch == nullptr) continue;
    const auto& phases = launch->kernel->interface.phases;
    if (phases.empty() || counted.insert(phases.front().run).second) {
      total += launch->kernel->compile_nanoseconds;
    }
  }
  return total;
}

}  // namespace onepass::tool
