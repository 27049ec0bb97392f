// SPDX-License-Identifier: Apache-2.0
// The meaning of cast, element by element, over dense blocks.
#pragma once

#include <cstdint>

#include "onepass/runtime/dtype.h"

namespace onepass::ir {

/// to[i] = from[i] as another dtype: floats to integers saturate and NaN gives 0, anything but 0 is
/// true, integers wrap, numbers round once to the nearest float (integers to 16-bit floats through
/// f64).
void convert_elements(DType from_dtype, const void* from, DType to_dtype, void* to, int64_t count);

/// The value of a constant: `number` as an element of `dtype`, stored at `to`.
void store_number(double number, DType dtype, void* to);

}  // namespace onepass::ir
