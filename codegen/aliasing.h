// SPDX-License-Identifier: Apache-2.0
// Which operands the results of a kernel may overwrite.
#pragma once

#include <vector>

#include "onepass/codegen/point_graph.h"
#include "onepass/codegen/strips.h"

namespace onepass::codegen {

/// Whether load operand `a` visits the elements that result operand `b` visits, in the same order.
bool walks_alike(const PointGraph& graph, int a, int b);

/// For each of `arrays` operands of the fused node: every load of it walks exactly as every result
/// does, elements are as wide, and no strip reads it after one that stores.
std::vector<bool> in_place_operands(const PointGraph& graph, size_t arrays,
                                    const std::vector<Strip>& strips);

}  // namespace onepass::codegen
