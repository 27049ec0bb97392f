// SPDX-License-Identifier: Apache-2.0
// Numbers of twice the precision as unevaluated sums of two words (Dekker, Knuth; error-free by
// fma).
#pragma once

#include "onepass/ir/math/polynomial.h"

namespace onepass::ir::math {

/// high + low, with |low| at most half a unit in the last place of high.
template <class E>
struct DoubleWord {
  typename E::Value high;
  typename E::Value low;
};

/// x + y exactly.
template <class E>
DoubleWord<E> two_sum(E& e, typename E::Value x, typename E::Value y) {
  const auto sum = e.add(x, y);
  const auto y_part = e.sub(sum, x);
  const auto x_part = e.sub(sum, y_part);
  return {sum, e.add(e.sub(x, x_part), e.sub(y, y_part))};
}

/// x + y exactly, where x is 0 or |x| >= |y|.
template <class E>
DoubleWord<E> fast_two_sum(E& e, typename E::Value x, typename E::Value y) {
  const auto sum = e.add(x, y);
  return {sum, e.sub(y, e.sub(sum, x))};
}

/// x * y exactly, unless the error underflows.
template <class E>
DoubleWord<E> two_product(E& e, typename E::Value x, typename E::Value y) {
  const auto product = e.mul(x, y);
  return {product, e.fma(x, y, e.neg(product))};
}

/// x * y to about twice the precision.
template <class E>
DoubleWord<E> multiply(E& e, DoubleWord<E> x, DoubleWord<E> y) {
  const auto product = two_product(e, x.high, y.high);
  const auto cross = e.fma(x.high, y.low, e.mul(x.low, y.high));
  return fast_two_sum(e, product.high, e.add(product.low, cross));
}

/// x + y to about twice the precision, where |x| >= |y|.
template <class E>
DoubleWord<E> add_smaller(E& e, DoubleWord<E> x, DoubleWord<E> y) {
  const auto sum = fast_two_sum(e, x.high, y.high);
  return fast_two_sum(e, sum.high, e.add(sum.low, e.add(x.low, y.low)));
}

}  // namespace onepass::ir::math
