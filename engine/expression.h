// SPDX-License-Identifier: Apache-2.0
// Expression templates: the structure of a computation in its type, leaves by shared handle.
// Nothing is computed here.
//
// Every expression type E has
//   E::counts                      how many leaves, literals, words and extents one call brings
//   along e.collect(Collector&)          writes them, in order E::describe(TapeWriter&) writes the
//   structure, operands first
// Expressions own their leaves, so they can be stored, returned and evaluated later: no dangling
// expression exists.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "onepass/engine/options.h"
#include "onepass/engine/tape.h"
#include "onepass/engine/tensor.h"
#include "onepass/ir/composite.h"
#include "onepass/ir/op.h"

namespace onepass {

class Value;

template <class T>
concept Expression = std::derived_from<std::remove_cvref_t<T>, ExpressionTag>;

/// What may stand beside an expression: a C++ number. Its dtype is decided by the tensors it meets.
template <class T>
concept Number = std::is_arithmetic_v<std::remove_cvref_t<T>>;

template <class T>
concept Operand = Expression<T> || Number<T>;

/// Operands of one function: at least one tensor, value or expression among them.
template <class... Ts>
concept Operands = (Operand<Ts> && ...) && (Expression<Ts> || ...);

struct Counts {
  size_t leaves = 0, literals = 0, words = 0, extents = 0;
  friend constexpr Counts operator+(Counts a, Counts b) {
    return {a.leaves + b.leaves, a.literals + b.literals, a.words + b.words, a.extents + b.extents};
  }
};

/// Evaluates to a new tensor; defined in evaluate.h.
template <Expression E>
Tensor evaluate(const E& expression, const EvaluateOptions& options = {});

/// What expressions other than tensors and values have in common.
template <class Derived>
struct Expressed : ExpressionTag {
  /// Evaluates: `Tensor t = a + b;`
  operator Tensor() const { return evaluate(static_cast<const Derived&>(*this)); }
  /// A slice of the result, as with tensors; still nothing is computed.
  Value operator[](std::initializer_list<Index> indices) const;
};

/// A C++ number in an expression.
template <class T>
struct Literal : ExpressionTag {
  T value;

  static constexpr Counts counts{.literals = 1};
  static constexpr bool per_element = false;
  static constexpr LiteralKind kind = [] {
    if (std::same_as<T, bool>) return LiteralKind::boolean;
    if (std::same_as<T, float>) return LiteralKind::single;
    if (std::is_floating_point_v<T>) return LiteralKind::floating;
    return std::is_signed_v<T> ? LiteralKind::integer : LiteralKind::unsigned_integer;
  }();
  explicit Literal(T v) : value(v) {}
  /// A float stays one: converting it here would depend on the caller's floating-point mode.
  uint64_t bits() const {
    if constexpr (kind == LiteralKind::single) {
      return std::bit_cast<uint32_t>(value);
    } else if constexpr (kind == LiteralKind::floating) {
      return std::bit_cast<uint64_t>(static_cast<double>(value));
    } else {
      return static_cast<uint64_t>(value);
    }
  }
  void collect(Collector& call) const { *call.literals++ = bits(); }
  static uint32_t describe(TapeWriter& tape) { return tape.literal(kind); }
};

/// How the rest of the header asks a tensor the questions that expressions answer themselves.
template <class X>
struct Node {
  static constexpr Counts counts = X::counts;
  static constexpr bool per_element = X::per_element;
  static void collect(const X& x, Collector& call) { x.collect(call); }
  static uint32_t describe(TapeWriter& tape) { return X::describe(tape); }
};
template <>
struct Node<Tensor> {
  static constexpr Counts counts{.leaves = 1};
  static constexpr bool per_element = false;
  static void collect(const Tensor& x, Collector& call) { *call.leaves++ = &x.header(); }
  static uint32_t describe(TapeWriter& tape) { return tape.leaf(); }
};

template <class T>
inline constexpr bool is_literal = false;
template <class T>
inline constexpr bool is_literal<Literal<T>> = true;

/// Stands for a missing operand.
struct Nothing {};

/// An op of the table or a composite, applied to one to three operands.
template <auto code, class X, class Y = Nothing, class Z = Nothing>
struct Apply : Expressed<Apply<code, X, Y, Z>> {
  [[no_unique_address]] X x;
  [[no_unique_address]] Y y;
  [[no_unique_address]] Z z;

  static constexpr bool has_y = !std::same_as<Y, Nothing>;
  static constexpr bool has_z = !std::same_as<Z, Nothing>;
  static constexpr bool is_composite = std::same_as<decltype(code), ir::Composite>;
  /// A literal exponent may be compiled in, so its class is a fact of the call.
  static constexpr bool has_exponent_class = [] {
    if constexpr (is_composite) {
      return false;
    } else {
      return code == ir::OpCode::pow && is_literal<Y>;
    }
  }();
  static constexpr bool per_element = [] {
    bool any = Node<X>::per_element;
    if constexpr (has_y) any = any || Node<Y>::per_element;
    if constexpr (has_z) any = any || Node<Z>::per_element;
    return any;
  }();
  static constexpr Counts counts = [] {
    Counts sum = Node<X>::counts;
    if constexpr (has_y) sum = sum + Node<Y>::counts;
    if constexpr (has_z) sum = sum + Node<Z>::counts;
    if constexpr (has_exponent_class) sum = sum + Counts{.words = 1};
    return sum;
  }();

  Apply(X a, Y b, Z c) : x(std::move(a)), y(std::move(b)), z(std::move(c)) {}

  void collect(Collector& call) const {
    Node<X>::collect(x, call);
    if constexpr (has_y) Node<Y>::collect(y, call);
    if constexpr (has_z) Node<Z>::collect(z, call);
    if constexpr (has_exponent_class) *call.words++ = exponent_class(Y::kind, y.bits());
  }
  static uint32_t describe(TapeWriter& tape) {
    uint32_t inputs[3] = {Node<X>::describe(tape)};
    size_t count = 1;
    if constexpr (has_y) inputs[count++] = Node<Y>::describe(tape);
    if constexpr (has_z) inputs[count++] = Node<Z>::describe(tape);
    using Kind = TapeInstruction::Kind;
    return tape.instruction({.kind = is_composite ? Kind::composite : Kind::elementwise,
                             .code = static_cast<uint16_t>(code),
                             .words = has_exponent_class},
                            {inputs, count});
  }
};

/// A structural function of one or two operands, with its words and extents.
template <StructuralFunction function, size_t word_count, size_t extent_count, class X,
          class Y = Nothing>
struct Structural : Expressed<Structural<function, word_count, extent_count, X, Y>> {
  [[no_unique_address]] X x;
  [[no_unique_address]] Y y;
  int64_t words[word_count + 1] = {};  // one more, so that no array is empty
  int64_t extents[extent_count + 1] = {};

  static constexpr bool has_y = !std::same_as<Y, Nothing>;
  static constexpr bool per_element = false;
  static constexpr Counts counts = [] {
    Counts sum = Node<X>::counts;
    if constexpr (has_y) sum = sum + Node<Y>::counts;
    return sum + Counts{.words = word_count, .extents = extent_count};
  }();

  explicit Structural(X a) : x(std::move(a)) {}
  Structural(X a, Y b) : x(std::move(a)), y(std::move(b)) {}

  void collect(Collector& call) const {
    Node<X>::collect(x, call);
    if constexpr (has_y) Node<Y>::collect(y, call);
    for (size_t i = 0; i < word_count; ++i) *call.words++ = words[i];
    for (size_t i = 0; i < extent_count; ++i) *call.extents++ = extents[i];
  }
  static uint32_t describe(TapeWriter& tape) {
    uint32_t inputs[2] = {Node<X>::describe(tape)};
    size_t count = 1;
    if constexpr (has_y) inputs[count++] = Node<Y>::describe(tape);
    return tape.instruction({.kind = TapeInstruction::Kind::structural,
                             .code = static_cast<uint16_t>(function),
                             .words = static_cast<uint16_t>(word_count),
                             .extents = static_cast<uint16_t>(extent_count)},
                            {inputs, count});
  }
};

/// How an operand is stored: expressions as they are (moved or copied), numbers as literals.
template <Operand T>
auto stored(T&& operand) {
  if constexpr (Number<T>) {
    return Literal<std::remove_cvref_t<T>>(operand);
  } else {
    return std::remove_cvref_t<T>(std::forward<T>(operand));
  }
}
template <class T>
using Stored = decltype(stored(std::declval<T>()));

template <class... Ts>
inline constexpr bool any_value = (std::same_as<std::remove_cvref_t<Ts>, Value> || ...);

/// True if an operand stands for single elements inside a `map`.
template <class T>
inline constexpr bool is_per_element = [] {
  using X = std::remove_cvref_t<T>;
  if constexpr (Number<T> || std::same_as<X, Value>) {
    return false;
  } else {
    return Node<X>::per_element;
  }
}();

/// An operand of a structural function: a whole array.
template <class T>
concept ArrayOperand = Expression<T> && !is_per_element<T>;

}  // namespace onepass
