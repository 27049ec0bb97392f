// SPDX-License-Identifier: Apache-2.0
// Evaluation: from an expression to tensors.
#pragma once

#include <array>
#include <tuple>
#include <utility>

#include "onepass/engine/functions.h"
#include "onepass/engine/slot.h"
#include "onepass/engine/structural.h"

namespace onepass {

/// Several expressions evaluated in one traversal; made by outputs().
template <class... Es>
struct Outputs : ExpressionTag {
  std::tuple<Es...> expressions;

  static constexpr size_t size = sizeof...(Es);
  static constexpr Counts counts = (Node<Es>::counts + ...);
  static constexpr bool per_element = false;

  explicit Outputs(Es... es) : expressions(std::move(es)...) {}
  void collect(Collector& call) const {
    std::apply([&](const Es&... e) { (Node<Es>::collect(e, call), ...); }, expressions);
  }
};

/// Joins expressions, so that evaluate computes them together: shared parts once, one pass where
/// shapes allow.
template <ArrayOperand... Es>
  requires(!any_value<Es...>)
auto outputs(Es&&... expressions) {
  return Outputs<Stored<Es>...>(stored(std::forward<Es>(expressions))...);
}

namespace detail {

template <class E>
void describe_one(TapeWriter& tape) {
  tape.output(Node<E>::describe(tape));
}
template <class... Es>
void describe_all(TapeWriter& tape) {
  (describe_one<Es>(tape), ...);
}

/// The kernel slot of an expression type.
template <class E>
struct SlotOf {
  static inline constinit Slot slot{&describe_one<E>};
};
template <class... Es>
struct SlotOf<Outputs<Es...>> {
  static inline constinit Slot slot{&describe_all<Es...>};
};

}  // namespace detail

template <Expression E>
Tensor evaluate(const E& expression, const EvaluateOptions& options) {
  Tensor result;
  if constexpr (std::same_as<E, Value>) {
    evaluate_values({&expression, 1}, options, {&result, 1});
  } else if constexpr (std::same_as<E, Tensor>) {
    result = expression;
  } else {
    const Collected<E> call(expression);
    evaluate_call(detail::SlotOf<E>::slot, call.arguments(), options, {&result, 1});
  }
  return result;
}

/// One tensor for each expression: `auto [a, b] = evaluate(outputs(e1, e2));`
template <class... Es>
std::array<Tensor, sizeof...(Es)> evaluate(const Outputs<Es...>& expressions,
                                           const EvaluateOptions& options = {}) {
  std::array<Tensor, sizeof...(Es)> results;
  const Collected<Outputs<Es...>> call(expressions);
  evaluate_call(detail::SlotOf<Outputs<Es...>>::slot, call.arguments(), options, results);
  return results;
}

/// Several values in one traversal.
std::vector<Tensor> evaluate(std::span<const Value> values, const EvaluateOptions& options = {});

/// Evaluates into existing memory. `target` must have the shape and dtype of the result; it may be
/// a view, and it may share memory with operands: the result is as if it were computed elsewhere
/// first. UserError leaves it unchanged.
template <Expression E>
void evaluate_into(const Tensor& target, const E& expression, const EvaluateOptions& options = {}) {
  if constexpr (std::same_as<E, Value>) {
    evaluate_values_into({&expression, 1}, options, {&target, 1});
  } else {
    const Collected<E> call(expression);
    evaluate_call_into(detail::SlotOf<E>::slot, call.arguments(), options, {&target, 1});
  }
}

/// Several targets: `evaluate_into({a, b}, outputs(e1, e2));`
template <class... Es>
void evaluate_into(const std::array<Tensor, sizeof...(Es)>& targets,
                   const Outputs<Es...>& expressions, const EvaluateOptions& options = {}) {
  const Collected<Outputs<Es...>> call(expressions);
  evaluate_call_into(detail::SlotOf<Outputs<Es...>>::slot, call.arguments(), options, targets);
}

/// Write through a tensor: the elements change, the handle stays.
#define ONEPASS_COMPOUND_ASSIGNMENT(sign, name)                       \
  template <Operand E>                                                \
  const Tensor& operator sign(const Tensor & target, E && e) {        \
    evaluate_into(target, onepass::name(target, std::forward<E>(e))); \
    return target;                                                    \
  }
ONEPASS_COMPOUND_ASSIGNMENT(+=, add)
ONEPASS_COMPOUND_ASSIGNMENT(-=, subtract)
ONEPASS_COMPOUND_ASSIGNMENT(*=, multiply)
ONEPASS_COMPOUND_ASSIGNMENT(/=, divide)
#undef ONEPASS_COMPOUND_ASSIGNMENT

}  // namespace onepass
