// SPDX-License-Identifier: Apache-2.0
// Plans of graphs written as text, without compiling them.
#pragma once

#include <string_view>
#include <vector>

#include "onepass/codegen/dense_layout.h"
#include "onepass/codegen/plan.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen::testing {

/// The plan of the first kernel of a graph; inputs as declared, outputs dense.
inline Plan plan_of(std::string_view text, Target target = {InstructionSet::x86_64_v4}) {
  ir::Graph graph = ir::parse(text);
  ir::run_pipeline(graph, ir::PassOptions());
  for (const ir::Node& node : graph.nodes) {
    if (node.op != ir::OpCode::fused) continue;
    PlanContext context{graph, node, {}, target, ir::Accuracy::strict};
    for (const ir::InputDeclaration& input : node.body->inputs) {
      const ir::Type& type = node.body->node(input.node).type;
      context.layouts.push_back(
          input.strides.empty()
              ? dense_layout(type)
              : runtime::Layout(type.dtype, graph.captured_shape(type),
                                Strides(std::span<const int64_t>(input.strides))));
    }
    for (const ir::NodeId output : node.body->outputs) {
      context.layouts.push_back(dense_layout(node.body->node(output).type));
    }
    return plan_kernel(context);
  }
  throw InternalError("the graph holds no kernel");
}

}  // namespace onepass::codegen::testing
