// SPDX-License-Identifier: Apache-2.0
// Operators: each is a function of the op table under its C++ sign.
#pragma once

#include "onepass/engine/functions.h"

namespace onepass {

#define ONEPASS_UNARY_OPERATOR(sign, name)    \
  template <class X>                          \
    requires Operands<X>                      \
  auto operator sign(X&& x) {                 \
    return onepass::name(std::forward<X>(x)); \
  }
#define ONEPASS_BINARY_OPERATOR(sign, name)                       \
  template <class X, class Y>                                     \
    requires Operands<X, Y>                                       \
  auto operator sign(X&& x, Y&& y) {                              \
    return onepass::name(std::forward<X>(x), std::forward<Y>(y)); \
  }

ONEPASS_UNARY_OPERATOR(-, negative)
ONEPASS_UNARY_OPERATOR(~, bitwise_invert)
ONEPASS_UNARY_OPERATOR(!, logical_not)
ONEPASS_BINARY_OPERATOR(+, add)
ONEPASS_BINARY_OPERATOR(-, subtract)
ONEPASS_BINARY_OPERATOR(*, multiply)
ONEPASS_BINARY_OPERATOR(/, divide)
ONEPASS_BINARY_OPERATOR(%, remainder)
ONEPASS_BINARY_OPERATOR(==, equal)
ONEPASS_BINARY_OPERATOR(!=, not_equal)
ONEPASS_BINARY_OPERATOR(<, less)
ONEPASS_BINARY_OPERATOR(<=, less_equal)
ONEPASS_BINARY_OPERATOR(>, greater)
ONEPASS_BINARY_OPERATOR(>=, greater_equal)
ONEPASS_BINARY_OPERATOR(&&, logical_and)
ONEPASS_BINARY_OPERATOR(||, logical_or)
ONEPASS_BINARY_OPERATOR(&, bitwise_and)
ONEPASS_BINARY_OPERATOR(|, bitwise_or)
ONEPASS_BINARY_OPERATOR(^, bitwise_xor)
ONEPASS_BINARY_OPERATOR(<<, bitwise_left_shift)
ONEPASS_BINARY_OPERATOR(>>, bitwise_right_shift)

#undef ONEPASS_UNARY_OPERATOR
#undef ONEPASS_BINARY_OPERATOR

}  // namespace onepass
