// SPDX-License-Identifier: Apache-2.0
// The functions of the language. Element-wise ones are stamped from the op table, composites from
// theirs.
#pragma once

#include "onepass/engine/expression.h"
#include "onepass/engine/value.h"

namespace onepass {

/// Applies an op or a composite to operands: an expression, or a Value if one of them is a Value.
template <auto code, class... Xs>
  requires Operands<Xs...>
auto apply(Xs&&... xs) {
  if constexpr (any_value<Xs...>) {
    return Value::apply(code, {Value(std::forward<Xs>(xs))...});
  } else if constexpr (sizeof...(Xs) == 1) {
    return Apply<code, Stored<Xs>...>(stored(std::forward<Xs>(xs))..., Nothing{}, Nothing{});
  } else if constexpr (sizeof...(Xs) == 2) {
    return Apply<code, Stored<Xs>...>(stored(std::forward<Xs>(xs))..., Nothing{});
  } else {
    return Apply<code, Stored<Xs>...>(stored(std::forward<Xs>(xs))...);
  }
}

#define ONEPASS_FUNCTION_1(name, code)               \
  template <class X>                                 \
    requires Operands<X>                             \
  auto name(X&& x) {                                 \
    return onepass::apply<code>(std::forward<X>(x)); \
  }
#define ONEPASS_FUNCTION_2(name, code)                                   \
  template <class X, class Y>                                            \
    requires Operands<X, Y>                                              \
  auto name(X&& x, Y&& y) {                                              \
    return onepass::apply<code>(std::forward<X>(x), std::forward<Y>(y)); \
  }
#define ONEPASS_FUNCTION_3(name, code)                                                       \
  template <class X, class Y, class Z>                                                       \
    requires Operands<X, Y, Z>                                                               \
  auto name(X&& x, Y&& y, Z&& z) {                                                           \
    return onepass::apply<code>(std::forward<X>(x), std::forward<Y>(y), std::forward<Z>(z)); \
  }

#define ONEPASS_OP(name, arity, ...) ONEPASS_FUNCTION_##arity(name, ir::OpCode::name)
#include "onepass/ir/ops.def"
#define ONEPASS_COMPOSITE(name, arity, ...) ONEPASS_FUNCTION_##arity(name, ir::Composite::name)
#include "onepass/ir/composites.def"

#undef ONEPASS_FUNCTION_1
#undef ONEPASS_FUNCTION_2
#undef ONEPASS_FUNCTION_3

}  // namespace onepass
