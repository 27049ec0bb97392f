// SPDX-License-Identifier: Apache-2.0
// asin, acos, atan, atan2: polynomials near 0, identities elsewhere.
#pragma once

#include "onepass/ir/math/double_word.h"

namespace onepass::ir::math {

template <class E>
DoubleWord<E> half_pi(E& e) {
  return {constant(e, 1.5707963705062866, 1.5707963267948966),
          constant(e, -4.3711388286737929e-8, 6.123233995736766e-17)};
}

/// (asin(t) - t) / t for z = t^2 <= 1/4.
template <class E>
auto asin_rest(E& e, typename E::Value z) {
  auto p = z;
  if (e.is_double()) {
    p = polynomial(e, z, 0.1666666666666676, 0.074999999999710951, 0.044642857174224136,
                   0.030381942729507769, 0.022372214318213676, 0.017351624732641444,
                   0.013980662389073067, 0.011400238094136402, 0.01077270078341017,
                   0.0037352343200085705, 0.021636856974466507, -0.020898809490814328,
                   0.032565839274904577);
  } else {
    p = polynomial(e, z, 0.166667536, 0.0749527663, 0.0454714522, 0.0241787955, 0.0421625003);
  }
  return e.mul(z, p);
}

/// For |x| <= 1/2 the series in x; beyond in s = sqrt((1 - |x|) / 2), where asin|x| = pi/2 - 2
/// asin(s).
template <class E>
struct ArcSineParts {
  typename E::Mask small;        // |x| <= 1/2
  typename E::Value argument;    // |x| or s
  typename E::Value correction;  // asin(argument) - argument
};

template <class E>
ArcSineParts<E> arc_sine_parts(E& e, typename E::Value x) {
  const auto magnitude = e.abs(x);
  const auto half = e.constant(0.5);
  const auto small = e.less_equal(magnitude, half);
  const auto complement = e.fma(e.neg(half), magnitude, half);
  const auto z = e.select(small, e.mul(magnitude, magnitude), complement);
  const auto argument = e.select(small, magnitude, e.sqrt(complement));
  return {small, argument, e.mul(argument, asin_rest(e, z))};
}

template <class E>
auto asin(E& e, typename E::Value x) {
  const auto parts = arc_sine_parts(e, x);
  const auto quarter = half_pi(e);
  const auto two = e.constant(2);
  if (e.accuracy() == Accuracy::fast) {
    const auto sum = e.add(parts.argument, parts.correction);
    const auto large = e.fma(e.neg(two), sum, quarter.high);
    return with_sign_of(e, e.select(parts.small, sum, large), x);
  }
  const auto start = fast_two_sum(e, quarter.high, e.neg(e.mul(two, parts.argument)));
  const auto rest = e.add(start.low, e.fma(e.neg(two), parts.correction, quarter.low));
  const auto y =
      e.select(parts.small, e.add(parts.argument, parts.correction), e.add(start.high, rest));
  return with_sign_of(e, e.abs(y), x);
}

template <class E>
auto acos(E& e, typename E::Value x) {
  const auto parts = arc_sine_parts(e, x);
  const auto quarter = half_pi(e);
  const auto two = e.constant(2);
  const auto signs = sign_bits(e, x);
  const auto flip = [&](typename E::Value v) {
    return e.as_value(e.bit_xor(e.as_integer(v), signs));
  };
  // |x| <= 1/2: pi/2 - asin(x).
  const auto inner = fast_two_sum(e, quarter.high, e.neg(flip(parts.argument)));
  const auto small =
      e.add(inner.high, e.add(inner.low, e.sub(quarter.low, flip(parts.correction))));
  // x > 1/2: 2 asin(s). x < -1/2: pi - 2 asin(s).
  const auto positive = e.mul(two, e.add(parts.argument, parts.correction));
  const auto turn = fast_two_sum(e, e.mul(two, quarter.high), e.mul(e.neg(two), parts.argument));
  const auto rest = e.add(turn.low, e.mul(two, e.sub(quarter.low, parts.correction)));
  const auto negative = e.add(turn.high, rest);
  const auto large = e.select(e.less(x, e.constant(0)), negative, positive);
  return e.select(parts.small, small, large);
}

/// atan(t) - t for |t| <= 0.6.
template <class E>
auto atan_correction(E& e, typename E::Value t) {
  const auto z = e.mul(t, t);
  auto p = z;
  if (e.is_double()) {
    p = polynomial(e, z, -0.33333333333333326, 0.19999999999997695, -0.1428571428547028,
                   0.11111111098174996, -0.090909086843782586, 0.076922993803950582,
                   -0.066665495887619122, 0.058811743163070439, -0.052544761094473688,
                   0.04714452410652635, -0.041540892161064928, 0.034086316544907957,
                   -0.023577183726602485, 0.011656698294222131, -0.0029572690999015274);
  } else {
    p = polynomial(e, z, -0.333332896, 0.199975803, -0.142404512, 0.107125886, -0.0723441094,
                   0.0295419022);
  }
  return e.mul(e.mul(z, p), t);
}

/// atan(y / x) for y, x >= 0, not both 0 nor infinite: of y/x below 0.6, of -x/y + pi/2 above 5/3,
/// else of (y - x) / (y + x) + pi/4. The result as base + t with a correction, base 0, pi/4 or
/// pi/2.
template <class E>
DoubleWord<E> atan_of_ratio(E& e, typename E::Value y, typename E::Value x) {
  const auto zero = e.constant(0);
  const auto quarter = half_pi(e);
  const auto half = e.constant(0.5);
  const auto limit = e.constant(0.6);
  const auto flat = e.less_equal(y, e.mul(limit, x));
  const auto steep = e.less(x, e.mul(limit, y));
  const auto numerator = e.select(flat, y, e.select(steep, e.neg(x), e.sub(y, x)));
  const auto denominator = e.select(flat, x, e.select(steep, y, e.add(y, x)));
  const auto t = e.div(numerator, denominator);
  const auto share = e.select(flat, zero, e.select(steep, e.constant(1), half));
  const auto sum = fast_two_sum(e, e.mul(share, quarter.high), t);
  const auto low = e.add(sum.low, e.fma(share, quarter.low, atan_correction(e, t)));
  return {sum.high, low};
}

template <class E>
auto atan(E& e, typename E::Value x) {
  const auto y = atan_of_ratio(e, e.abs(x), e.constant(1));
  return with_sign_of(e, e.add(y.high, y.low), x);
}

/// The angle of the point (x, y).
template <class E>
auto atan2(E& e, typename E::Value y, typename E::Value x) {
  const auto zero = e.constant(0);
  const auto one = e.constant(1);
  auto rise = e.abs(y);
  auto run = e.abs(x);
  // Scaled so that the sum of both does not overflow and 0.6 of one is accurate; two infinities are
  // as one to one.
  const auto larger = e.max(rise, run);
  const auto large = e.less(constant(e, 0x1p125, 0x1p1021), larger);
  const auto tiny = e.less(larger, constant(e, 0x1p-100, 0x1p-960));
  const auto factor =
      e.select(large, e.constant(0.25), e.select(tiny, constant(e, 0x1p60, 0x1p120), one));
  const auto both_infinite = e.mask_and(e.equal(rise, infinity(e)), e.equal(run, infinity(e)));
  rise = e.select(both_infinite, one, e.mul(rise, factor));
  run = e.select(both_infinite, one, e.mul(run, factor));
  run = e.select(e.mask_and(e.equal(rise, zero), e.equal(run, zero)), one, run);
  const auto angle = atan_of_ratio(e, rise, run);
  // In the left half plane pi - angle. The sign bit decides, so that -0 lies left.
  const auto left = e.less(e.as_integer(x), e.integer(0));
  const auto quarter = half_pi(e);
  const auto turn = fast_two_sum(e, e.add(quarter.high, quarter.high), e.neg(angle.high));
  const auto rest = e.add(turn.low, e.sub(e.add(quarter.low, quarter.low), angle.low));
  const auto result = e.select(left, e.add(turn.high, rest), e.add(angle.high, angle.low));
  const auto signed_result = with_sign_of(e, result, y);
  return e.select(is_nan(e, x), x, e.select(is_nan(e, y), y, signed_result));
}

}  // namespace onepass::ir::math
