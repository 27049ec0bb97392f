// SPDX-License-Identifier: Apache-2.0
// How a product is cut, in words: what explain shows of it.
#pragma once

#include <string>

#include "onepass/codegen/contraction_blocking.h"

namespace onepass::codegen {

/// "few rows: tiles of 1 x 128 (8 vectors of 16), columns in parallel, x in place, w in place, k in
/// blocks of 8, generated code by default"
std::string describe_contraction(const PlanContext& context, const PointGraph& graph,
                                 const ContractionSpace& space, const Blocking& blocking);

}  // namespace onepass::codegen
