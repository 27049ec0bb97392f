// SPDX-License-Identifier: Apache-2.0
// The table of signs.
#include "operators.h"

#include <algorithm>
#include <iterator>

namespace onepass::tool {
namespace {

constexpr BinarySign binary_signs[] = {
    {"||", 0, "logical_or"},
    {"&&", 1, "logical_and"},
    {"==", comparison_level, "equal"},
    {"!=", comparison_level, "not_equal"},
    {"<", comparison_level, "less"},
    {"<=", comparison_level, "less_equal"},
    {">", comparison_level, "greater"},
    {">=", comparison_level, "greater_equal"},
    {"|", 3, "bitwise_or"},
    {"^", 4, "bitwise_xor"},
    {"&", 5, "bitwise_and"},
    {"<<", 6, "bitwise_left_shift"},
    {">>", 6, "bitwise_right_shift"},
    {"+", 7, "add"},
    {"-", 7, "subtract"},
    {"*", tightest_level, "multiply"},
    {"/", tightest_level, "divide"},
    {"//", tightest_level, "floor_divide"},
    {"%", tightest_level, "remainder"},
    {"@", tightest_level, "matmul"},
    {"**", tightest_level + 1, "pow"},
};

}  // namespace

const BinarySign* find_binary_sign(std::string_view sign) {
  const auto found = std::find_if(std::begin(binary_signs), std::end(binary_signs),
                                  [&](const BinarySign& row) { return row.sign == sign; });
  return found == std::end(binary_signs) ? nullptr : found;
}

std::string_view unary_function(std::string_view sign) {
  if (sign == "-") return "negative";
  if (sign == "~") return "bitwise_invert";
  if (sign == "!") return "logical_not";
  return {};
}

bool is_unary_sign(std::string_view sign) { return sign == "+" || !unary_function(sign).empty(); }

}  // namespace onepass::tool
