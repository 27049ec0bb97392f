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

}  // namespace onepass
