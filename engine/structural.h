// SPDX-License-Identifier: Apache-2.0
// Functions of whole arrays: reductions, products, views and joins. On tensors, views
// (engine/views.h) are immediate; here are their forms for expressions, which stay lazy.
#pragma once

#include <initializer_list>
#include <span>

#include "onepass/engine/expression.h"
#include "onepass/engine/value.h"
#include "onepass/engine/views.h"

namespace onepass {

/// An operand that is computed: an array expression other than a tensor, whose views are immediate.
template <class T>
concept LazyOperand = ArrayOperand<T> && !std::same_as<std::remove_cvref_t<T>, Tensor>;

/// Words (facts that code may depend on) and extents (sizes that it must not) of a structural
/// function.
template <size_t word_count, size_t extent_count>
struct CallWords {
  int64_t words[word_count + 1] = {};
  int64_t extents[extent_count + 1] = {};
};

template <StructuralFunction function, size_t w, size_t e, class... Xs>
auto structural(const CallWords<w, e>& call, Xs&&... xs) {
  if constexpr (any_value<Xs...>) {
    return Value::structural(function, {Value(std::forward<Xs>(xs))...}, {call.words, w},
                             {call.extents, e});
  } else {
    Structural<function, w, e, Stored<Xs>...> node(stored(std::forward<Xs>(xs))...);
    for (size_t i = 0; i < w; ++i) node.words[i] = call.words[i];
    for (size_t i = 0; i < e; ++i) node.extents[i] = call.extents[i];
    return node;
  }
}

// How many axes (-1: all), the axes packed in bytes, keepdims or include_initial.
using AxesWords = CallWords<3, 0>;
using ListWords = CallWords<2, 0>;  // how many, packed in bytes
using ShapeWords =
    CallWords<2, max_rank>;  // how many, which are 1 or -1 (two bit masks); the extents themselves
AxesWords axes_words(const Axes& axes, bool keepdims);
ListWords list_words(std::span<const int> list);
ShapeWords shape_words(const Shape& shape);

/// The reductions of ir/reductions.def: sum(x, {.axis = {1}, .keepdims = true}). Their order is
/// fixed (docs/ir.md): the bits never depend on threads.
template <StructuralFunction function, ArrayOperand X>
auto reduce(X&& x, const ReductionOptions& options) {
  return structural<function>(axes_words(options.axis, options.keepdims), std::forward<X>(x));
}
#define ONEPASS_REDUCTION(name, ...)                                               \
  template <ArrayOperand X>                                                        \
  auto name(X&& x, const ReductionOptions& options = {}) {                         \
    return onepass::reduce<StructuralFunction::name>(std::forward<X>(x), options); \
  }
#define ONEPASS_REDUCTION_ALL(...)
#include "onepass/ir/reductions.def"

template <class X>
auto All::operator()(X&& x, const ReductionOptions& options) const {
  return onepass::reduce<StructuralFunction::all>(std::forward<X>(x), options);
}

/// The running reductions of ir/cumulative.def: cumulative_sum(x, {.axis = 1}).
#define ONEPASS_CUMULATIVE(name, ...)                                                              \
  template <ArrayOperand X>                                                                        \
  auto name(X&& x, const CumulativeOptions& options = {}) {                                        \
    return structural<StructuralFunction::name>(axes_words(options.axis, options.include_initial), \
                                                std::forward<X>(x));                               \
  }
#include "onepass/ir/cumulative.def"

/// Matrix product over the last two dimensions, earlier ones broadcast; one-dimensional operands
/// are vectors. Operands promote to the dtype of the result; products of i8 and u8 are i32.
template <ArrayOperand X, ArrayOperand Y>
auto matmul(X&& x, Y&& y) {
  return structural<StructuralFunction::matmul>(CallWords<0, 0>{}, std::forward<X>(x),
                                                std::forward<Y>(y));
}

/// x in another dtype: float to integer saturates, NaN gives 0, anything but 0 is true.
template <ArrayOperand X>
auto astype(X&& x, DType dtype) {
  return structural<StructuralFunction::astype>(CallWords<1, 0>{{static_cast<int64_t>(dtype)}, {}},
                                                std::forward<X>(x));
}

/// The slices of x along `axis` that the integer vector `indices` names; negative ones count from
/// the end.
template <ArrayOperand X, ArrayOperand Y>
auto take(X&& x, Y&& indices, int axis = 0) {
  return structural<StructuralFunction::take>(CallWords<1, 0>{{axis}, {}}, std::forward<X>(x),
                                              std::forward<Y>(indices));
}

/// Dimension i of the result is dimension axes[i] of x.
template <LazyOperand X>
auto permute_dims(X&& x, std::initializer_list<int> axes) {
  return structural<StructuralFunction::permute_dims>(list_words({axes.begin(), axes.size()}),
                                                      std::forward<X>(x));
}

/// x with its last two dimensions exchanged.
template <LazyOperand X>
auto matrix_transpose(X&& x) {
  return structural<StructuralFunction::matrix_transpose>(CallWords<0, 0>{}, std::forward<X>(x));
}

/// The elements of x in row-major order under another shape; one extent may be -1.
template <LazyOperand X>
auto reshape(X&& x, const Shape& shape) {
  return structural<StructuralFunction::reshape>(shape_words(shape), std::forward<X>(x));
}

/// x stretched to `shape`: extents of 1 repeat.
template <LazyOperand X>
auto broadcast_to(X&& x, const Shape& shape) {
  return structural<StructuralFunction::broadcast_to>(shape_words(shape), std::forward<X>(x));
}

/// x with a new dimension of extent 1 at `axis` of the result.
template <LazyOperand X>
auto expand_dims(X&& x, int axis) {
  return structural<StructuralFunction::expand_dims>(CallWords<1, 0>{{axis}, {}},
                                                     std::forward<X>(x));
}

/// x without the named dimensions, which must have extent 1.
template <LazyOperand X>
auto squeeze(X&& x, const Axes& axis) {
  return structural<StructuralFunction::squeeze>(axes_words(axis, false), std::forward<X>(x));
}

/// The operands joined along an existing axis.
Value concat(std::initializer_list<Value> parts, int axis = 0);
Value concat(std::span<const Value> parts, int axis = 0);

/// The operands joined along a new axis.
Value stack(std::initializer_list<Value> parts, int axis = 0);
Value stack(std::span<const Value> parts, int axis = 0);

/// x[{..}] for a value that is not computed yet.
Value index(const Value& x, std::span<const Index> indices);

template <class Derived>
Value Expressed<Derived>::operator[](std::initializer_list<Index> indices) const {
  return index(Value(static_cast<const Derived&>(*this)), {indices.begin(), indices.size()});
}

}  // namespace onepass
