// SPDX-License-Identifier: Apache-2.0
// Literals of a call in the dtype that the graph gave them.
#pragma once

#include <cstdint>

#include "onepass/engine/tape.h"
#include "onepass/runtime/dtype.h"

namespace onepass {

/// The bits of the literal as a value of `dtype`, in the low bytes. UserError if an integer is out
/// of its range.
uint64_t converted_literal(LiteralKind kind, uint64_t bits, DType dtype);

/// Of a literal under Accuracy::fast: which of the values that are compiled in it is, 0.5 or 1; 0
/// if none. They are the ones that the rewrites of fast look for, so 0.5 * x * (1 + tanh(u)) has a
/// kernel of its own while any other literal stays an argument of the call.
int literal_class(LiteralKind kind, uint64_t bits);

}  // namespace onepass
