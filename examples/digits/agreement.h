// SPDX-License-Identifier: Apache-2.0
// What the library promises between its modes, as a check.
#pragma once

#include <onepass/onepass.h>

/// Equal bits in every element, or NaN in both.
bool same_bits(const onepass::Tensor& a, const onepass::Tensor& b);
