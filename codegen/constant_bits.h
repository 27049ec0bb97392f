// SPDX-License-Identifier: Apache-2.0
// Values as the bits that a Constant carries.
#pragma once

#include <cstdint>

#include "onepass/runtime/dtype.h"

namespace onepass::codegen {

/// `value` rounded to `dtype`, in the low bytes. Integers saturate.
uint64_t constant_bits(DType dtype, double value);

/// What adding to leaves any value of `dtype` unchanged: -0.0 for floats, 0 for integers.
uint64_t sum_identity_bits(DType dtype);

}  // namespace onepass::codegen
