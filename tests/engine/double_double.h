// SPDX-License-Identifier: Apache-2.0
// Sums and products in two doubles, about 106 bits: what rounded results are held against.
#pragma once

#include <cmath>

namespace onepass::testing {

struct DoubleDouble {
  double high = 0, low = 0;

  DoubleDouble() = default;
  DoubleDouble(double x) : high(x) {}
  DoubleDouble(double h, double l) : high(h + l), low(l - (high - h)) {}
  /// The 64 bits of a long double.
  static DoubleDouble of(long double x) {
    const auto h = static_cast<double>(x);
    return std::isfinite(h) ? DoubleDouble(h, static_cast<double>(x - h)) : DoubleDouble(h);
  }
  long double value() const { return static_cast<long double>(high) + low; }
};

inline DoubleDouble operator+(DoubleDouble x, DoubleDouble y) {
  const double sum = x.high + y.high;
  if (!std::isfinite(sum)) return sum;
  const double part = sum - x.high;
  const double error = (x.high - (sum - part)) + (y.high - part);
  return {sum, error + x.low + y.low};
}
inline DoubleDouble operator-(DoubleDouble x) {
  x.high = -x.high;
  x.low = -x.low;
  return x;
}
inline DoubleDouble operator-(DoubleDouble x, DoubleDouble y) { return x + -y; }
inline DoubleDouble operator*(DoubleDouble x, DoubleDouble y) {
  const double product = x.high * y.high;
  if (!std::isfinite(product)) return product;
  const double error = std::fma(x.high, y.high, -product);
  return {product, error + x.high * y.low + x.low * y.high};
}
inline DoubleDouble operator/(DoubleDouble x, DoubleDouble y) {
  const DoubleDouble first = x.high / y.high;
  if (!std::isfinite(first.high)) return first;
  return first + (x - first * y).high / y.high;
}
inline DoubleDouble exp(DoubleDouble x) {
  return DoubleDouble::of(std::exp(static_cast<long double>(x.high))) *
         DoubleDouble(1.0, std::isfinite(x.low) ? x.low : 0.0);
}
inline DoubleDouble log(DoubleDouble x) { return DoubleDouble::of(std::log(x.value())); }
inline DoubleDouble sqrt(DoubleDouble x) { return DoubleDouble::of(std::sqrt(x.value())); }

}  // namespace onepass::testing
