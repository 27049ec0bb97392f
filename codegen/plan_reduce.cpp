// SPDX-License-Identifier: Apache-2.0
// Reductions: picks the order that the graph fixes (inner or outer) and arranges the iteration
// space for it.
#include <numeric>

#include "onepass/codegen/reduction_planner.h"
#include "onepass/codegen/row_planner.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {

Plan plan_reduce(const PlanContext& context) {
  PointGraph graph = build_point_graph(context);
  internal_check(graph.reductions.size() == 1, "a kernel holds more than one reduction");
  const Reduction& reduction = graph.reductions[0];
  if (reduction.inner) {
    if (!reduction.product) return plan_rows(context, std::move(graph));
    return plan_inner_reduction(context, std::move(graph), SizeFacts(context));
  }
  // Where no order is asked for, what lies one after the other is a row.
  const auto lies_along = [&](int operand) {
    return graph.known_stride(operand, static_cast<int>(graph.dimensions.size()) - 1) == 1;
  };
  bool along =
      is_free_of_order(reduction) && graph.kept < static_cast<int>(graph.dimensions.size());
  for (int operand = 0; operand < graph.first_result_operand; ++operand) {
    along = along && lies_along(operand);
  }
  if (along) return plan_rows(context, std::move(graph));
  // Reduced dimensions first: a packed copy then has them outermost, as the traversal wants.
  const auto rank = static_cast<int>(graph.dimensions.size());
  std::vector<int> order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), graph.kept);
  for (int& d : order) d %= rank;
  if (graph.kept > 0 && graph.kept < rank) graph.reorder(order);
  return plan_outer_reduction(context, std::move(graph), SizeFacts(context));
}

}  // namespace onepass::codegen
