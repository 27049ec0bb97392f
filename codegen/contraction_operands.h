// SPDX-License-Identifier: Apache-2.0
// How the operands of products lie in memory.
#pragma once

#include "onepass/codegen/contraction_space.h"

namespace onepass::codegen {

/// Whether the point is a load of elements that lie side by side along a group.
bool is_plain_load(const PointGraph& graph, PointId id, const LoopGroup& along);

/// Whether all that the point is computed from lies side by side along the dimension, or is one for
/// all of it.
bool lies_along(const PointGraph& graph, PointId root, int dimension);

/// The operands among `points` that have rows, and columns side by side.
std::vector<int> matrices_beside(const PointGraph& graph, const ContractionSpace& space,
                                 const std::vector<PointId>& points);

/// Whether the point loads a right operand that is a constant matrix, all of it, which nothing else
/// in the kernel reads.
bool is_constant_matrix(const PlanContext& context, const PointGraph& graph,
                        const ContractionSpace& space, PointId id);

}  // namespace onepass::codegen
