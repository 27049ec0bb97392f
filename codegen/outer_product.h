// SPDX-License-Identifier: Apache-2.0
// Products over a single term are element-wise work.
#pragma once

#include "onepass/codegen/point_graph.h"

namespace onepass::codegen {

/// Whether the body's only reduction is a product whose inner extent is the constant 1.
bool is_outer_product(const PointGraph& graph);

/// The same computation without a reduction: each element is the one term, added to zero as the sum
/// of a product begins.
PointGraph without_sum(const PointGraph& graph);

}  // namespace onepass::codegen
