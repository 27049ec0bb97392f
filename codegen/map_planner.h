// SPDX-License-Identifier: Apache-2.0
// Element-wise kernels of a given graph.
#pragma once

#include "onepass/codegen/loop_groups.h"
#include "onepass/codegen/plan.h"

namespace onepass::codegen {

/// Plans a graph without reductions.
Plan plan_map(const PlanContext& context, PointGraph graph, SizeFacts facts);

}  // namespace onepass::codegen
