// SPDX-License-Identifier: Apache-2.0
// sinh, cosh from the even and odd parts of exp(r) - 1; tanh in pieces (f32) or from exp (f64); the
// inverse functions from log1p.
#pragma once

#include "onepass/ir/math/exponential.h"
#include "onepass/ir/math/logarithm.h"
#include "onepass/ir/math/piecewise.h"
#include "onepass/ir/modes.h"

namespace onepass::ir::math {

/// With |x| = n ln 2 + r: sinh r, cosh r - 1, and 2^(n-1), 2^(-n-1), both divided by `shrink` where
/// n is large.
template <class E>
struct HyperbolicParts {
  typename E::Value sinh_rest, cosh_rest;
  typename E::Value growing, falling;
  typename E::Value shrink;
};

template <class E>
HyperbolicParts<E> hyperbolic_parts(E& e, typename E::Value x) {
  const auto reduced = reduce_by_ln2(e, e.min(constant(e, 90, 711), e.abs(x)));
  const auto r = reduced.rest;
  const auto z = e.mul(r, r);
  auto odd = z;
  auto even = z;
  if (e.is_double()) {
    odd = polynomial(e, z, 0.16666666666666677, 0.0083333333333214538, 0.00019841269886514685,
                     2.7557243862350308e-6, 2.5109145832168022e-8);
    even = polynomial(e, z, 0.041666666666666685, 0.001388888888887332, 2.4801587349060595e-5,
                      2.7557251992299931e-7, 2.0921702372435563e-9);
  } else {
    odd = polynomial(e, z, 0.166666672, 0.00833319128, 0.000199593269);
    even = polynomial(e, z, 0.0416664556, 0.0013935758);
  }
  const auto one = e.integer(1);
  const auto zero = e.integer(0);
  // 2^(n-1) overflows before sinh does; 2^(-n-1) has no weight from 2^-64 on.
  const auto large = e.less(e.integer(100), reduced.n.count);
  const auto last = e.integer(63);
  const auto down = e.select(e.less(last, reduced.n.count), last, reduced.n.count);
  return {e.fma(e.mul(z, r), odd, r), e.fma(e.mul(z, z), even, e.mul(z, e.constant(0.5))),
          power_of_two(e, e.sub(reduced.n.count, e.select(large, e.integer(3), one))),
          power_of_two(e, e.sub(e.sub(zero, down), one)),
          e.select(large, e.constant(4), e.constant(1))};
}

/// sinh(n ln 2 + r) = sinh(n ln 2) cosh(r) + cosh(n ln 2) sinh(r).
template <class E>
auto sinh(E& e, typename E::Value x) {
  const auto parts = hyperbolic_parts(e, x);
  const auto cosh_n = e.add(parts.growing, parts.falling);
  const auto sinh_n = e.sub(parts.growing, parts.falling);
  const auto rest = e.fma(cosh_n, parts.sinh_rest, e.mul(sinh_n, parts.cosh_rest));
  return with_sign_of(e, e.mul(e.add(sinh_n, rest), parts.shrink), x);
}

template <class E>
auto cosh(E& e, typename E::Value x) {
  const auto parts = hyperbolic_parts(e, x);
  const auto cosh_n = e.add(parts.growing, parts.falling);
  const auto sinh_n = e.sub(parts.growing, parts.falling);
  const auto rest = e.fma(sinh_n, parts.sinh_rest, e.mul(cosh_n, parts.cosh_rest));
  return e.mul(e.add(cosh_n, rest), parts.shrink);
}

/// tanh on [0, 9.6); from 9.02 on it rounds to 1.
inline constexpr PieceTable tanh_pieces = {
    {1.50033629, 2.49971724, 4.00077772, 6.00039864, 8.30286121, 0.0, 0.0, 0.750143766},
    {{0.905209005, 0.986606777, 0.999330342, 0.999987721, 0.999999881, 0.0, 0.0, 0.635234714},
     {0.18059662, 0.026607072, 0.00133883953, 2.45562987e-5, 2.45526081e-7, 0.0, 1.0, 0.596476853},
     {-0.1634776, -0.0262507182, -0.00133796211, -2.45563751e-5, -2.74063694e-7, 0.0, 0.0,
      -0.378902823},
     {0.0877846777, 0.0170298833, 0.000891164062, 1.63794939e-5, 1.64496186e-7, 0.0, -0.333336055,
      0.041867014},
     {-0.0249734148, -0.00805162173, -0.000444286095, -8.1875869e-6, -2.14037055e-8, 0.0,
      7.93101135e-5, 0.0997077003},
     {-0.00267451094, 0.00286187651, 0.000175368405, 3.242297e-6, 3.13926982e-8, 0.0, 0.132446393,
      -0.0640410781},
     {0.00713450648, -0.000721508113, -5.80163069e-5, -1.08327401e-6, -5.84972248e-8, 0.0,
      0.00504444912, -0.00104420714},
     {-0.00381814269, 6.12168806e-5, 1.80871521e-5, 3.52660493e-7, 4.00589473e-9, 0.0,
      -0.0698710009, 0.021486504},
     {0.000793411396, 4.6803525e-5, -4.1941812e-6, -8.67570762e-8, 1.16362093e-8, 0.0, 0.0274700653,
      -0.00945952721}}};

/// tanh(x) for 0 <= x < 0.55 in f64.
template <class E>
auto tanh_near_zero(E& e, typename E::Value x) {
  const auto z = e.mul(x, x);
  const auto p = polynomial(e, z, -0.33333333333333298, 0.13333333333326611, -0.053968253963763549,
                            0.0218694883860839, -0.0088632326066402853, 0.0035920920925950122,
                            -0.001455543287971718, 0.0005884464250902402, -0.0002333867116736725,
                            8.332403889106473e-5, -1.9499467221367055e-5);
  return e.fma(e.mul(z, x), p, x);
}

/// (exp(2x) - 1) / (exp(2x) + 1) for x >= 0, both from 2^n and exp(r) - 1. Near 3 units in the last
/// place at worst.
template <class E>
auto fast_tanh(E& e, Reduced<E> reduced) {
  const auto one = e.constant(1);
  const auto p = expm1_of_rest(e, reduced.rest);
  const auto power = power_of_two(e, reduced.n.count);
  const auto numerator = e.fma(power, p, e.sub(power, one));
  return e.div(numerator, e.fma(power, p, e.add(power, one)));
}

/// In f64 1 - 2 / (exp(2|x|) + 1), where the quotient's error has little weight; a polynomial below
/// 0.55. In f32 pieces: no division, no exponential (`onepass bench "tanh(x)"`).
template <class E>
auto tanh(E& e, typename E::Value x) {
  const auto one = e.constant(1);
  const auto magnitude = e.abs(x);
  const auto held = e.min(constant(e, 9.5, 20), magnitude);
  if (!e.is_double()) {
    const auto place = place_of(e, held, tanh_pieces);
    return with_sign_of(e, piece_polynomial<0>(e, place, tanh_pieces), x);
  }
  const auto reduced = reduce_by_ln2(e, e.add(held, held));
  if (e.accuracy() == Accuracy::fast) return with_sign_of(e, fast_tanh(e, reduced), x);
  const auto growth = scale_within_normal(e, exp_of_rest(e, reduced.rest), reduced.n);
  const auto beyond = e.add(one, e.div(e.constant(-2), e.add(growth, one)));
  const auto small = e.less(magnitude, e.constant(0.55));
  return with_sign_of(e, e.select(small, tanh_near_zero(e, magnitude), beyond), x);
}

/// log1p(|x| + x^2 / (1 + sqrt(1 + x^2))); log(2|x|) where x^2 would overflow.
template <class E>
auto asinh(E& e, typename E::Value x) {
  const auto one = e.constant(1);
  const auto magnitude = e.abs(x);
  const auto large = e.less(constant(e, 0x1p30, 0x1p300), magnitude);
  const auto held = e.select(large, one, magnitude);
  const auto square = e.mul(held, held);
  const auto growth = e.div(square, e.add(one, e.sqrt(e.add(one, square))));
  const auto sum = fast_two_sum(e, held, growth);
  const DoubleWord<E> argument = {e.select(large, magnitude, sum.high),
                                  e.select(large, e.constant(0), sum.low)};
  const auto y = log1p_of_sum(e, argument, e.select(large, one, e.constant(0)));
  return with_sign_of(e, e.select(e.less(magnitude, infinity(e)), y, magnitude), x);
}

/// log1p(t + sqrt(2 t + t^2)) with t = x - 1; log(2 x) where t^2 would overflow.
template <class E>
auto acosh(E& e, typename E::Value x) {
  const auto one = e.constant(1);
  const auto large = e.less(constant(e, 0x1p30, 0x1p300), x);
  const auto t = e.sub(e.select(large, one, x), one);
  const auto twice = e.add(t, t);
  const auto square = e.fma(t, t, twice);
  const auto root = e.sqrt(square);
  // What the roundings of square and root lost, to first order.
  const auto square_lost = e.fma(t, t, e.sub(twice, square));
  const auto missed = e.add(e.fma(e.neg(root), root, square), square_lost);
  const auto lost = e.select(e.equal(root, e.constant(0)), root, e.div(missed, e.add(root, root)));
  const auto sum = two_sum(e, root, t);
  const DoubleWord<E> argument = {e.select(large, x, sum.high),
                                  e.select(large, e.constant(0), e.add(sum.low, lost))};
  const auto y = log1p_of_sum(e, argument, e.select(large, one, e.constant(0)));
  const auto valid = e.select(e.less_equal(one, x), y, e.constant(__builtin_nan("")));
  return e.select(e.equal(x, infinity(e)), x, valid);
}

/// log1p(2x / (1 - x)) / 2; below 1/2 with 2x + 2x^2 / (1 - x) as a sum of two words.
template <class E>
auto atanh(E& e, typename E::Value x) {
  const auto one = e.constant(1);
  const auto magnitude = e.abs(x);
  const auto twice = e.add(magnitude, magnitude);
  const auto small = e.less(magnitude, e.constant(0.5));
  const auto numerator = e.select(small, e.mul(twice, magnitude), twice);
  const auto quotient = e.div(numerator, e.sub(one, magnitude));
  const auto sum = two_sum(e, twice, quotient);
  const DoubleWord<E> argument = {e.select(small, sum.high, quotient),
                                  e.select(small, sum.low, e.constant(0))};
  auto y = e.mul(e.constant(0.5), log1p_of_sum(e, argument, e.constant(0)));
  y = e.select(e.equal(magnitude, one), infinity(e), y);
  y = e.select(e.less_equal(magnitude, one), y, e.constant(__builtin_nan("")));
  return e.select(e.equal(x, e.constant(0)), x, with_sign_of(e, y, x));
}

}  // namespace onepass::ir::math
