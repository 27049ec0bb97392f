// SPDX-License-Identifier: Apache-2.0
// exp, exp2, expm1 by Cody and Waite: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial in r, a
// scaling by 2^n.
#pragma once

#include "onepass/ir/math/double_word.h"
#include "onepass/ir/modes.h"

namespace onepass::ir::math {

/// x = n ln 2 + rest, where rest is `start`, x less the higher word of n ln 2, less the lower word.
template <class E>
struct Reduced {
  typename E::Value rest;
  typename E::Value start;
  Nearest<E> n;
};

template <class E>
auto negative_lower_ln2(E& e) {
  return constant(e, 1.9046542121259336e-9, -2.3190468138462996e-17);
}

/// |x| within a few times the range of exp. The first product leaves no rounding error: n has few
/// bits.
template <class E>
Reduced<E> reduce_by_ln2(E& e, typename E::Value x) {
  const auto log2_e = constant(e, 1.4426950216293335, 1.4426950408889634);
  const auto n = nearest_multiple(e, x, log2_e);
  const auto start = e.fma(n.value, constant(e, -0.69314718246459961, -0.69314718055994529), x);
  return {e.fma(n.value, negative_lower_ln2(e), start), start, n};
}

/// What the rounding of the rest lost.
template <class E>
auto lost_by_rest(E& e, Reduced<E> reduced) {
  return e.fma(reduced.n.value, negative_lower_ln2(e), e.sub(reduced.start, reduced.rest));
}

/// (exp(r) - 1) / r for |r| <= ln 2 / 2.
template <class E>
auto exp_slope(E& e, typename E::Value r) {
  auto p = r;
  const bool is_fast = e.accuracy() == Accuracy::fast;
  if (e.is_double() && is_fast) {
    p = polynomial(e, r, 1, 0.50000000000000133, 0.1666666666660829, 0.041666666666511608,
                   0.008333333372209482, 0.0013888888947850466, 0.00019841183549717536,
                   2.4801489193658203e-5, 2.7635658130662321e-6, 2.7631517209714487e-7);
  } else if (e.is_double()) {
    p = polynomial(e, r, 1, 0.5, 0.16666666666666685, 0.041666666666666685, 0.0083333333333159548,
                   0.001388888888887332, 0.00019841269898657093, 2.4801587349060595e-5,
                   2.7557232875898035e-6, 2.7557251992299931e-7, 2.511265401198411e-8,
                   2.0921702372435563e-9);
  } else if (is_fast) {
    p = polynomial(e, r, 1, 0.499991208, 0.166665167, 0.041900754, 0.0083690891);
  } else {
    p = polynomial(e, r, 1, 0.5, 0.166665167, 0.0416664556, 0.0083690891, 0.0013935758);
  }
  return p;
}

/// exp(r) for |r| <= ln 2 / 2.
template <class E>
auto exp_of_rest(E& e, typename E::Value r) {
  return e.fma(r, exp_slope(e, r), e.constant(1));
}

/// The same with what the last addition rounds off.
template <class E>
DoubleWord<E> precise_exp_of_rest(E& e, typename E::Value r) {
  const auto one = e.constant(1);
  const auto slope = exp_slope(e, r);
  const auto high = e.fma(r, slope, one);
  return {high, e.fma(r, slope, e.sub(one, high))};
}

/// (exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 2.
template <class E>
auto exp_curvature(E& e, typename E::Value r) {
  auto p = r;
  const bool is_fast = e.accuracy() == Accuracy::fast;
  if (e.is_double() && is_fast) {
    p = polynomial(e, r, 0.50000000000000056, 0.16666666666666602, 0.041666666666573919,
                   0.008333333333381647, 0.0013888888932249966, 0.00019841269735717911,
                   2.4801504615546589e-5, 2.7557392964750902e-6, 2.7626257010035394e-7,
                   2.5058286683046416e-8);
  } else if (e.is_double()) {
    p = polynomial(e, r, 0.5, 0.16666666666666677, 0.041666666666666678, 0.0083333333333214538,
                   0.0013888888888877455, 0.00019841269886514685, 2.4801587340571969e-5,
                   2.7557243862350308e-6, 2.7557259264717172e-7, 2.5109145832168022e-8,
                   2.091947673019757e-9);
  } else if (is_fast) {
    p = polynomial(e, r, 0.49999997, 0.16666542, 0.0416675247, 0.00836667325, 0.00138624036);
  } else {
    p = polynomial(e, r, 0.5, 0.166666672, 0.0416664779, 0.00833319128, 0.00139336905,
                   0.000199593269);
  }
  return p;
}

/// exp(r) - 1 for |r| <= ln 2 / 2, with a small relative error.
template <class E>
auto expm1_of_rest(E& e, typename E::Value r) {
  return e.fma(e.mul(r, r), exp_curvature(e, r), r);
}

/// x held in the range beyond which exp overflows or vanishes; NaN stays NaN.
template <class E>
auto clamp_for_exp(E& e, typename E::Value x, double low32, double low64) {
  return e.min(constant(e, 89, 710), e.max(constant(e, low32, low64), x));
}

template <class E>
auto exp(E& e, typename E::Value x) {
  const auto reduced = reduce_by_ln2(e, clamp_for_exp(e, x, -104, -746));
  return scale(e, exp_of_rest(e, reduced.rest), reduced.n);
}

/// 2^(n + r) for |r| <= 1/2.
template <class E>
auto exp2_of_rest(E& e, Nearest<E> n, typename E::Value r) {
  auto p = r;
  const bool is_fast = e.accuracy() == Accuracy::fast;
  if (e.is_double() && is_fast) {
    p = polynomial(e, r, 0.69314718055994995, 0.24022650695910136, 0.055504108664448999,
                   0.0096181291075924363, 0.0013333558230012497, 0.00015403530459036856,
                   1.5252657332095355e-5, 1.3215434398659551e-6, 1.0208678584380495e-7,
                   7.0739245864753663e-9);
  } else if (e.is_double()) {
    p = polynomial(e, r, 0.69314718055994529, 0.24022650695910072, 0.055504108664822936,
                   0.0096181291076280484, 0.0013333558146164316, 0.00015403530394056199,
                   1.5252734037022494e-5, 1.3215486312772803e-6, 1.0177985498492046e-7,
                   7.055064418414828e-9, 4.4655668620986148e-10, 2.551622817412896e-11);
  } else if (is_fast) {
    p = polynomial(e, r, 0.693147182, 0.240222275, 0.0555035807, 0.00967220031, 0.00133916433);
  } else {
    p = polynomial(e, r, 0.693147182, 0.240226507, 0.0555035807, 0.00961807743, 0.00133916433,
                   0.000154563575);
  }
  return scale(e, e.fma(r, p, e.constant(1)), n);
}

/// x held where 2^x is neither 0 nor infinite, or just beyond; NaN stays NaN.
template <class E>
auto clamp_for_exp2(E& e, typename E::Value x) {
  return e.min(constant(e, 129, 1025), e.max(constant(e, -152, -1077), x));
}

template <class E>
auto exp2(E& e, typename E::Value x) {
  if (e.has_scale()) {
    // No clamp: the nearest integer of an infinity is infinite, and its rest 0.
    const Nearest<E> all = {e.round(x), e.integer(0)};
    return exp2_of_rest(e, all, e.beyond_nearest(x));
  }
  const auto held = clamp_for_exp2(e, x);
  const auto n = nearest_multiple(e, held, e.constant(1));
  return exp2_of_rest(e, n, e.sub(held, n.value));
}

/// 2^n (1 + r + c) - 1 with c = exp(r) - 1 - r, computed as 2 * ((2^(n-1) - 1/2) + 2^(n-1) r +
/// 2^(n-1) c): 2^n itself may overflow, and in strict accuracy the first sums are kept in two
/// words.
template <class E>
auto expm1(E& e, typename E::Value x) {
  const auto reduced = reduce_by_ln2(e, clamp_for_exp(e, x, -18, -38));
  const auto half = power_of_two(e, e.sub(reduced.n.count, e.integer(1)));
  if (e.accuracy() == Accuracy::fast) {
    const auto p = expm1_of_rest(e, reduced.rest);
    const auto y = e.fma(half, p, e.sub(half, e.constant(0.5)));
    return e.select(e.equal(x, e.constant(0)), x, e.add(y, y));
  }
  const auto square = e.mul(reduced.rest, reduced.rest);
  const auto curvature = exp_curvature(e, reduced.rest);
  const auto base = fast_two_sum(e, half, e.constant(-0.5));
  const auto line = fast_two_sum(e, base.high, e.mul(half, reduced.rest));
  const auto low = e.fma(half, lost_by_rest(e, reduced), e.add(line.low, base.low));
  const auto y = e.add(line.high, e.fma(e.mul(half, square), curvature, low));
  const auto near_zero = e.fma(square, curvature, reduced.rest);
  const auto result = e.select(e.equal(reduced.n.count, e.integer(0)), near_zero, e.add(y, y));
  return e.select(e.equal(x, e.constant(0)), x, result);
}

}  // namespace onepass::ir::math
