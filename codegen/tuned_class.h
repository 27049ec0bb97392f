// SPDX-License-Identifier: Apache-2.0
// A class of products in words, and in a line of the file of tuning.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "onepass/runtime/dtype.h"

namespace onepass::codegen {

/// Of sizes.
inline constexpr int most_bits = 40;

/// "f32, rows in [64, 127], columns in [256, 511], depth in [512, 1023]"
std::string class_text(DType dtype, int row_bits, int column_bits, int depth_bits);

/// Reads "<dtype> <numbers>": as many as asked for, separated by single spaces. Nothing if the
/// dtype is not one of `known`, or the line is another one.
std::optional<DType> read_class(std::string_view line, std::initializer_list<DType> known,
                                std::span<int64_t> numbers);

}  // namespace onepass::codegen
