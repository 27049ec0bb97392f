// SPDX-License-Identifier: Apache-2.0
// Picks the way in which the rows of a product are walked.
#include "onepass/codegen/row_planner.h"

namespace onepass::codegen {

Plan plan_product_rows(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  ProductRows product(context, std::move(graph), facts);
  PointGraph rows = product.rows();
  if (are_short(rows, facts)) {
    return plan_short_rows(context, std::move(rows), std::move(facts), &product);
  }
  if (can_pipeline(context, rows, facts)) {
    return plan_row_pipeline(context, std::move(rows), std::move(facts), &product);
  }
  return plan_row_by_row(context, std::move(rows), std::move(facts), &product);
}

}  // namespace onepass::codegen
