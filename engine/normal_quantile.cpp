// SPDX-License-Identifier: Apache-2.0
// The normal quantile by Wichura's algorithm AS 241 (PPND16): rational functions on three ranges.
#include <bit>
#include <cmath>
#include <span>

#include "onepass/engine/random.h"

namespace onepass {
namespace {

/// Coefficients by falling power.
constexpr double central_numerator[] = {
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608};
constexpr double central_denominator[] = {
    5226.495278852854561,  28729.085735721942674, 39307.89580009271061,  21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083,  42.313330701600911252, 1.0};
constexpr double middle_numerator[] = {7.7454501427834140764e-4, 0.0227238449892691845833,
                                       0.24178072517745061177,   1.27045825245236838258,
                                       3.64784832476320460504,   5.7694972214606914055,
                                       4.6303378461565452959,    1.42343711074968357734};
constexpr double middle_denominator[] = {1.05075007164441684324e-9, 5.475938084995344946e-4,
                                         0.0151986665636164571966,  0.14810397642748007459,
                                         0.68976733498510000455,    1.6763848301838038494,
                                         2.05319162663775882187,    1.0};
constexpr double tail_numerator[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5,
                                     0.0012426609473880784386,  0.026532189526576123093,
                                     0.29656057182850489123,    1.7848265399172913358,
                                     5.4637849111641143699,     6.6579046435011037772};
constexpr double tail_denominator[] = {2.04426310338993978564e-15, 1.4215117583164458887e-7,
                                       1.8463183175100546818e-5,   7.868691311456132591e-4,
                                       0.0148753612908506148525,   0.13692988092273580531,
                                       0.59983220655588793769,     1.0};

double polynomial(std::span<const double> coefficients, double x) {
  double sum = 0;
  for (const double coefficient : coefficients) sum = sum * x + coefficient;
  return sum;
}

/// -log(x) for a normal x in (0, 1): exponent and mantissa apart, the latter by the series of
/// atanh.
double minus_log(double x) {
  constexpr int mantissa_bits = 52, bias = 1023;
  constexpr double ln_2 = 0.693147180559945309417, sqrt_half = 0.70710678118654752440;
  constexpr int terms = 11;
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  int exponent = static_cast<int>(bits >> mantissa_bits) - (bias - 1);
  constexpr uint64_t half = uint64_t{bias - 1} << mantissa_bits;
  const uint64_t fraction = bits & ((uint64_t{1} << mantissa_bits) - 1);
  double mantissa = std::bit_cast<double>(half | fraction);  // in [0.5, 1)
  if (mantissa < sqrt_half) {
    mantissa *= 2;
    --exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double sum = 0;
  for (int k = terms - 1; k >= 0; --k) sum = sum * square + 1.0 / (2 * k + 1);
  return -(exponent * ln_2 + 2 * s * sum);
}

}  // namespace

double normal_quantile(double p) {
  constexpr double central_half_width = 0.425, central_square = 0.180625;
  constexpr double middle_centre = 1.6, middle_end = 5.0;
  const double q = p - 0.5;
  if (std::abs(q) <= central_half_width) {
    const double r = central_square - q * q;
    return q * polynomial(central_numerator, r) / polynomial(central_denominator, r);
  }
  const double r = std::sqrt(minus_log(q < 0 ? p : 1 - p));
  const double x = r <= middle_end ? polynomial(middle_numerator, r - middle_centre) /
                                         polynomial(middle_denominator, r - middle_centre)
                                   : polynomial(tail_numerator, r - middle_end) /
                                         polynomial(tail_denominator, r - middle_end);
  return q < 0 ? -x : x;
}

}  // namespace onepass
