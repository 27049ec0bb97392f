// SPDX-License-Identifier: Apache-2.0
// map: a lambda over elements becomes part of the expression.
#pragma once

#include <utility>

#include "onepass/engine/expression.h"
#include "onepass/engine/value.h"

namespace onepass {

/// One element of `x`, as the lambda of `map` sees it: element-wise functions take it, structural
/// ones do not.
template <class X>
struct ElementOf : ExpressionTag {
  X x;

  static constexpr Counts counts = Node<X>::counts;
  static constexpr bool per_element = true;
  explicit ElementOf(X operand) : x(std::move(operand)) {}
  void collect(Collector& call) const { Node<X>::collect(x, call); }
  static uint32_t describe(TapeWriter& tape) { return Node<X>::describe(tape); }
};

/// The result of a `map`: an array expression again.
template <class X>
struct Mapped : Expressed<Mapped<X>> {
  X x;

  static constexpr Counts counts = Node<X>::counts;
  static constexpr bool per_element = false;
  explicit Mapped(X body) : x(std::move(body)) {}
  void collect(Collector& call) const { Node<X>::collect(x, call); }
  static uint32_t describe(TapeWriter& tape) { return Node<X>::describe(tape); }
};

/// Applies `function` element by element: it is called once, with expressions that stand for single
/// elements of the operands, and may use every element-wise function and operator.
template <class Function, class... Xs>
  requires Operands<Xs...>
auto map(Function&& function, Xs&&... xs) {
  if constexpr (any_value<Xs...>) {
    return function(Value(std::forward<Xs>(xs))...);
  } else {
    auto body = function(ElementOf<Stored<Xs>>(stored(std::forward<Xs>(xs)))...);
    return Mapped<decltype(body)>(std::move(body));
  }
}

}  // namespace onepass
