// SPDX-License-Identifier: Apache-2.0
// The functions of ir/array_composites.def: softmax(x, {.axis = 1}), layer_norm(x, weight, bias).
// What each computes is in docs/ops.md.
#pragma once

#include "onepass/engine/array_options.h"
#include "onepass/engine/structural.h"

namespace onepass {

using CompositeWords = CallWords<4, 0>;  // those of axes, then the bits of the number as a double
CompositeWords composite_words(const CommonOptions& options, double default_number);

/// Up to two operands make an expression, more a Value.
template <StructuralFunction function, class... Xs>
auto array_composite(const CompositeWords& call, Xs&&... xs) {
  constexpr size_t most_operands = 2;
  if constexpr (sizeof...(Xs) > most_operands) {
    return Value::structural(function, {Value(std::forward<Xs>(xs))...}, {call.words, 4}, {});
  } else {
    return structural<function>(call, std::forward<Xs>(xs)...);
  }
}

#define ONEPASS_ARRAY_COMPOSITE(name, least, most, rule, operands, kind, number, doc)           \
  template <ArrayOperand X>                                                                     \
    requires(least <= 1)                                                                        \
  auto name(X&& x, const OptionsOf<ir::ArrayOptions::Kind::kind>& options = {}) {               \
    return onepass::array_composite<StructuralFunction::name>(composite_words(options, number), \
                                                              std::forward<X>(x));              \
  }                                                                                             \
  template <ArrayOperand X, ArrayOperand Y>                                                     \
    requires(least <= 2 && 2 <= most)                                                           \
  auto name(X&& x, Y&& y, const OptionsOf<ir::ArrayOptions::Kind::kind>& options = {}) {        \
    return onepass::array_composite<StructuralFunction::name>(                                  \
        composite_words(options, number), std::forward<X>(x), std::forward<Y>(y));              \
  }                                                                                             \
  template <ArrayOperand X, ArrayOperand Y, ArrayOperand Z>                                     \
    requires(least <= 3 && 3 <= most)                                                           \
  auto name(X&& x, Y&& y, Z&& z, const OptionsOf<ir::ArrayOptions::Kind::kind>& options = {}) { \
    return onepass::array_composite<StructuralFunction::name>(                                  \
        composite_words(options, number), std::forward<X>(x), std::forward<Y>(y),               \
        std::forward<Z>(z));                                                                    \
  }                                                                                             \
  template <ArrayOperand X, ArrayOperand Y, ArrayOperand Z, ArrayOperand V>                     \
    requires(least <= 4 && 4 <= most)                                                           \
  auto name(X&& x, Y&& y, Z&& z, V&& v,                                                         \
            const OptionsOf<ir::ArrayOptions::Kind::kind>& options = {}) {                      \
    return onepass::array_composite<StructuralFunction::name>(                                  \
        composite_words(options, number), std::forward<X>(x), std::forward<Y>(y),               \
        std::forward<Z>(z), std::forward<V>(v));                                                \
  }                                                                                             \
  template <ArrayOperand X, ArrayOperand Y, ArrayOperand Z, ArrayOperand V, ArrayOperand W>     \
    requires(least <= 5 && 5 <= most)                                                           \
  auto name(X&& x, Y&& y, Z&& z, V&& v, W&& w,                                                  \
            const OptionsOf<ir::ArrayOptions::Kind::kind>& options = {}) {                      \
    return onepass::array_composite<StructuralFunction::name>(                                  \
        composite_words(options, number), std::forward<X>(x), std::forward<Y>(y),               \
        std::forward<Z>(z), std::forward<V>(v), std::forward<W>(w));                            \
  }
#include "onepass/ir/array_composites.def"

}  // namespace onepass
