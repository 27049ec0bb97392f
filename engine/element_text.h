// SPDX-License-Identifier: Apache-2.0
// Elements as aligned text, by NumPy's rules: one width for all, decimal points below each other.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "onepass/runtime/dtype.h"

namespace onepass {

/// The texts of the elements that lie at `elements`, equally long. Floats are the shortest ones
/// that read back as the same element; all of them use an exponent if one is 1e8 or more, below
/// 1e-4, or the range exceeds 1000.
std::vector<std::string> element_texts(DType dtype, std::span<const std::byte* const> elements);

}  // namespace onepass
