// SPDX-License-Identifier: Apache-2.0
// Values as the bits that a Constant carries.
#pragma once

#include <cstdint>

#include "onepass/runtime/dtype.h"

namespace onepass::codegen {

/// `value` rounded to `dtype`, in the low bytes. Integers saturate.
uint64_t constant_bits(DType dtype, double value);

}  // namespace onepass::codegen
