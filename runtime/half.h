// SPDX-License-Identifier: Apache-2.0
// Conversions between the 16-bit floats and float or double: one rounding, to nearest even, by
// integer arithmetic, so that no floating point mode of the caller can change them. NaN stays NaN
// (quiet), infinities and signs are kept.
#pragma once

#include "onepass/runtime/dtype.h"

namespace onepass {

Float16 to_float16(float x);
Float16 to_float16(double x);
BFloat16 to_bfloat16(float x);
BFloat16 to_bfloat16(double x);

float to_float(Float16 x);
float to_float(BFloat16 x);
double to_double(Float16 x);
double to_double(BFloat16 x);

}  // namespace onepass
