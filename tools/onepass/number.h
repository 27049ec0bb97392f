// SPDX-License-Identifier: Apache-2.0
// A number written in an expression or on the command line, as a C++ number would be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace onepass::tool {

using Number = std::variant<bool, int64_t, uint64_t, double>;

/// A whole text as an unsigned number: 3, 1_000, 0x1f, .5, 1e-3, and as C++ writes floats, 0.5f.
/// Nothing if it is none. An integer is an int64_t if it fits, else a uint64_t.
std::optional<Number> read_number(std::string_view text);

/// The same with an optional sign, and True, False, inf, nan.
std::optional<Number> read_signed_number(std::string_view text);

Number negated(const Number& number);

bool is_integer(const Number& number);
/// The value of an integer that fits; nothing otherwise.
std::optional<int64_t> as_integer(const Number& number);
double as_double(const Number& number);

}  // namespace onepass::tool
