// SPDX-License-Identifier: Apache-2.0
// What a sub-expression stands for: an array, or a number that has no dtype of its own yet.
#pragma once

#include <span>
#include <variant>

#include "number.h"
#include "onepass/engine/onepass.h"
#include "onepass/ir/composite.h"
#include "onepass/ir/op.h"

namespace onepass::tool {

using Operand = std::variant<Number, Value>;

Value as_value(const Operand& operand);

/// A tensor of rank 0: i64, u64, f64 or boolean.
Tensor as_tensor(const Number& number);

/// Applies a function. Of numbers alone the result is a number, as in C++, where such parts are
/// computed by the host.
Operand apply_to(ir::OpCode op, std::span<const Operand> operands);
Operand apply_to(ir::Composite composite, std::span<const Operand> operands);

}  // namespace onepass::tool
