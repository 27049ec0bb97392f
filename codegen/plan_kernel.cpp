// SPDX-License-Identifier: Apache-2.0
// Picks the planner of a fused node.
#include <algorithm>

#include "onepass/codegen/plan.h"
#include "onepass/codegen/row_planner.h"
#include "onepass/ir/cumulative.h"
#include "onepass/ir/row_space.h"

namespace onepass::codegen {

Plan plan_kernel(const PlanContext& context) {
  const auto& nodes = context.fused.body->nodes;
  const auto contains = [&](auto kind) {
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](const ir::Node& node) { return kind(node.op); });
  };
  if (contains([](ir::OpCode op) { return op == ir::OpCode::matmul; })) {
    return plan_contraction(context);
  }
  if (contains(ir::is_cumulative)) return plan_cumulative(context);
  if (const auto space = ir::row_space(*context.fused.body)) {
    return space->columns > 0 ? plan_columns(context, build_point_graph(context))
                              : plan_rows(context, build_point_graph(context));
  }
  if (contains(ir::is_reduction)) return plan_reduce(context);
  return plan_map(context);
}

}  // namespace onepass::codegen
