// SPDX-License-Identifier: Apache-2.0
// Running reductions along rows that lie one after the other.
#pragma once

#include "onepass/codegen/loop_groups.h"

namespace onepass::codegen {

/// Whether many rows run along the last axis; facts of the sizes are noted.
bool run_along_rows(const PointGraph& graph, SizeFacts& facts);

/// Several rows at once, one per lane.
Plan plan_cumulative_rows(const PlanContext& context, PointGraph graph, SizeFacts facts);

}  // namespace onepass::codegen
