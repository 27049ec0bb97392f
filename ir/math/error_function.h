// SPDX-License-Identifier: Apache-2.0
// erf, erfc, sigmoid.
#pragma once

#include "onepass/ir/math/double_word.h"
#include "onepass/ir/math/exponential.h"
#include "onepass/ir/math/piecewise.h"
#include "onepass/ir/modes.h"

namespace onepass::ir::math {

/// erf(x) / x - 1 for |x| below 0.928 (f32) or 1 (f64).
template <class E>
auto erf_rest(E& e, typename E::Value x) {
  const auto z = e.mul(x, x);
  if (e.is_double()) {
    return polynomial(e, z, 0.12837916709551259, -0.37612638903183876, 0.11283791670958743,
                      -0.026866170645619539, 0.0052239776290956578, -0.00085483271896066241,
                      0.00012055337777810952, -1.4925738504204218e-5, 1.646308709483387e-6,
                      -1.6370638290933871e-7, 1.4786548418167036e-8, -1.1830590465705277e-9,
                      6.684830822627492e-11);
  }
  return polynomial(e, z, 0.128379151, -0.376124889, 0.112817362, -0.0267633013, 0.00498800771,
                    -0.000596356986);
}

/// erfc(x) for x >= 0 as exp(-x^2) * (1 + p(q)) / (1 + 2x) with q = (x - c) / (x + c) (Shepherd and
/// Laframboise).
template <class E>
auto erfc_of_positive(E& e, typename E::Value x) {
  const auto held = e.min(constant(e, 11, 28), x);
  const auto centre = constant(e, 2, 4);
  // q with the rounding error of its division taken out.
  const auto sum = e.add(held, centre);
  const auto difference = e.sub(held, centre);
  const auto raw = e.div(difference, sum);
  const auto t = e.fma(e.add(raw, e.constant(1)), e.neg(centre), held);
  const auto q = e.add(raw, e.div(e.fma(raw, e.neg(held), t), sum));
  auto p = q;
  if (e.is_double()) {
    p = polynomial(e, q, 0.2329951186255525, -0.13962111684056253, 0.01537965210262081,
                   0.068097054254694575, -0.10103906603633828, 0.093732834998272646,
                   -0.066330365811717043, 0.037167515538849082, -0.016197734061898734,
                   0.0050319699649396862, -0.00075777326845656654, -0.00019925662037969784,
                   0.00015062161716911454, -2.4399477380591351e-5, -1.1221946431113835e-5,
                   5.7103106421143592e-6, 2.9383039582351257e-7, -8.261727028931918e-7,
                   7.4376997138908368e-8, 1.1054005999586821e-7, -1.7578030813170019e-8,
                   -1.4171699530275133e-8, 1.6881832193116688e-9, 1.2133131994981363e-9);
  } else {
    p = polynomial(e, q, 0.276978374, -0.0927638113, -0.166030213, 0.164050847, -0.0542208403,
                   -0.00803007931, 0.00872166362, 0.00125360489, -0.00144476537, -0.000409386674,
                   0.000186642879, 8.96880738e-5);
  }
  // (1 + p) / (1 + 2x), corrected by its remainder.
  const auto denominator = e.fma(e.constant(2), held, e.constant(1));
  const auto numerator = fast_two_sum(e, e.constant(1), p);
  const auto quotient = e.div(numerator.high, denominator);
  const auto lost = fast_two_sum(e, e.constant(1), e.add(held, held));
  auto remainder = e.fma(e.neg(quotient), denominator, numerator.high);
  remainder =
      e.add(remainder,
            e.fma(e.neg(quotient), e.sub(e.add(lost.high, lost.low), denominator), numerator.low));
  const auto correction = e.div(remainder, denominator);
  const auto square = two_product(e, held, held);
  const auto reduced = reduce_by_ln2(e, e.neg(square.high));
  const auto decay = precise_exp_of_rest(e, reduced.rest);
  const auto decay_low = e.fma(e.neg(square.low), decay.high, decay.low);
  const auto low = e.fma(quotient, decay_low, e.mul(correction, decay.high));
  return scale(e, e.fma(quotient, decay.high, low), reduced.n);
}

/// erf on [0, 4.2); from 3.92 on it rounds to 1.
inline constexpr PieceTable erf_pieces = {
    {1.49984682, 2.49960423, 3.59933686, 0.0, 0.0, 0.0, 0.0, 0.750109434},
    {{0.966086924, 0.999592185, 0.999999642, 0.0, 0.0, 0.0, 0.0, 0.711225986},
     {0.118984737, 0.00218263245, 2.66044549e-6, 0.0, 0.0, 0.0, 0.128379166, 0.642825544},
     {-0.178459123, -0.00545565132, -9.59630233e-6, 0.0, 0.0, 0.0, 0.0, -0.482189476},
     {0.13879092, 0.00836194493, 2.24011292e-5, 0.0, 0.0, 0.0, -0.376127213, 0.02685339},
     {-0.0445896126, -0.00863376632, -3.67734392e-5, 0.0, 0.0, 0.0, 3.05219328e-5, 0.150656044},
     {-0.0150519684, 0.00615004357, 4.36136215e-5, 0.0, 0.0, 0.0, 0.112483263, -0.0532096401},
     {0.0193491876, -0.002808891, -4.45955957e-5, 0.0, 0.0, 0.0, 0.00193832745, -0.0268115159},
     {-0.00382966409, 0.000402086909, 4.5128294e-5, 0.0, 0.0, 0.0, -0.0324245654, 0.017679451},
     {-0.0024262066, 0.000305552909, -2.58435302e-5, 0.0, 0.0, 0.0, 0.008247572, 0.00193256617}}};

/// What is left out of the slopes above: at 0 it is 2 / sqrt(pi), whose rounding would show.
inline constexpr double erf_whole_slopes[pieces] = {0, 0, 0, 0, 0, 0, 1, 0};

template <class E>
auto erf(E& e, typename E::Value x) {
  const auto magnitude = e.abs(x);
  if (!e.is_double()) {
    const auto place = place_of(e, e.min(e.constant(4.1), magnitude), erf_pieces);
    const auto base = e.fma(place.t, e.table(erf_whole_slopes, place.column),
                            e.table(erf_pieces.coefficients[0], place.column));
    const auto slope = piece_polynomial<1>(e, place, erf_pieces);
    return with_sign_of(e, e.fma(place.t, slope, base), x);
  }
  const auto one = e.constant(1);
  const auto near_zero = e.fma(magnitude, erf_rest(e, magnitude), magnitude);
  const auto beyond = e.sub(one, erfc_of_positive(e, magnitude));
  return with_sign_of(e, e.select(e.less(magnitude, one), near_zero, beyond), x);
}

template <class E>
auto erfc(E& e, typename E::Value x) {
  const auto magnitude = e.abs(x);
  const auto one = e.constant(1);
  const auto small = e.less(magnitude, e.constant(0.5));
  // 1 - (x + x rest), the sum in two words.
  const auto start = fast_two_sum(e, one, e.neg(x));
  const auto near_zero = e.add(start.high, e.fma(e.neg(x), erf_rest(e, x), start.low));
  const auto positive = erfc_of_positive(e, magnitude);
  const auto negative = e.sub(e.constant(2), positive);
  const auto far = e.select(e.less(x, e.constant(0)), negative, positive);
  return e.select(small, near_zero, far);
}

/// 1 / (1 + t) or t / (1 + t) with t = exp(-|x|), which cannot overflow. In fast accuracy
/// t / (1 + t) with t = exp(x), where x is held at a point from which the result is 1.
template <class E>
auto sigmoid(E& e, typename E::Value x) {
  const auto one = e.constant(1);
  if (e.accuracy() == Accuracy::fast) {
    const auto growth = exp(e, e.min(constant(e, 20, 40), x));
    return e.div(growth, e.add(growth, one));
  }
  const auto t = exp(e, e.neg(e.abs(x)));
  const auto numerator = e.select(e.less(x, e.constant(0)), t, one);
  const auto sum = fast_two_sum(e, one, t);
  const auto quotient = e.div(numerator, sum.high);
  // What the rounding of 1 + t lost, over 1 + t, which is between 1 and 2.
  const auto lost = e.mul(sum.low, e.fma(e.constant(-0.5), t, one));
  return e.fma(e.neg(quotient), lost, quotient);
}

}  // namespace onepass::ir::math
