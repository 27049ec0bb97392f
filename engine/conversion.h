// SPDX-License-Identifier: Apache-2.0
// Elements of one dtype as another, on the host, by the rules of op cast: float to integer
// saturates and NaN gives 0, integers wrap, anything but 0 is true, floats are rounded once.
#pragma once

#include "onepass/runtime/array_view.h"

namespace onepass {

/// Writes every element of `source`, in row-major order and converted to `dtype`, densely to
/// `target`.
void convert_elements(const runtime::ArrayView& source, void* target, DType dtype);

/// The bits of `value` rounded once to floating `dtype`, in the low bytes.
uint64_t float_bits(double value, DType dtype);

}  // namespace onepass
