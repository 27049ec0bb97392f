// SPDX-License-Identifier: Apache-2.0
// The emitter that computes nothing: it counts what a formula does, for roofs and for cutting
// bodies.
#pragma once

#include <type_traits>

#include "onepass/ir/modes.h"
#include "onepass/ir/op.h"
#include "onepass/runtime/dtype.h"

namespace onepass::ir {

/// What one element of an op takes.
struct OpCost {
  double flops = 0;  // arithmetic on floats; an fma is two
  double cost = 0;   // rough, an addition is 1; divisions and roots weigh more
};

/// The cost of an element-wise op; slow paths that lanes seldom need are left out. Zero where the
/// op's rule refuses the dtype; 16-bit floats count as f32.
OpCost op_cost(OpCode op, DType dtype, Accuracy accuracy);

}  // namespace onepass::ir
