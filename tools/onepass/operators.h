// SPDX-License-Identifier: Apache-2.0
// The signs of the language: how tightly each binds, and the function that it spells.
#pragma once

#include <string_view>

namespace onepass::tool {

/// Level 0 binds least. `**` and the unary signs bind more than every level and are the parser's
/// business.
struct BinarySign {
  std::string_view sign;
  int level;
  std::string_view function;
};

inline constexpr int comparison_level = 2;
inline constexpr int tightest_level = 8;

/// The binary operator of that sign, if it is one; of `**` too.
const BinarySign* find_binary_sign(std::string_view sign);

/// The function of a unary sign; empty for +, which changes nothing.
std::string_view unary_function(std::string_view sign);
bool is_unary_sign(std::string_view sign);

}  // namespace onepass::tool
