// SPDX-License-Identifier: Apache-2.0
// The functions of the reference column over double and long double where the C library has none
// of that name and meaning; the others are its own.
#pragma once

#include <cmath>

namespace onepass::prove::wide {

// What is defined below hides the standard function of the same name.
using namespace std;

template <class T>
T sigmoid(T x) {
  return 1 / (1 + exp(-x));
}
template <class T>
T sign(T x) {
  return x < 0 ? T(-1) : x > 0 ? T(1) : x;
}
template <class T>
T round_to_even(T x) {
  return nearbyint(x);
}
template <class T>
T copysign(T x, T y) {
  return isnan(y) ? abs(x) : std::copysign(x, y);
}
template <class T>
T minimum(T x, T y) {
  if (isnan(x) || isnan(y)) return T(NAN);
  if (x == y) return signbit(x) ? x : y;
  return x < y ? x : y;
}
template <class T>
T maximum(T x, T y) {
  if (isnan(x) || isnan(y)) return T(NAN);
  if (x == y) return signbit(x) ? y : x;
  return x < y ? y : x;
}
template <class T>
T remainder(T x, T y) {
  if (!isfinite(x) || isnan(y) || y == 0) return T(NAN);
  if (isinf(y)) return x == 0 ? std::copysign(x, y) : signbit(x) == signbit(y) ? x : y;
  const T rest = fmod(x, y);
  if (rest == 0) return std::copysign(rest, y);
  return signbit(rest) == signbit(y) ? rest : rest + y;
}
/// The rounded quotient is an integer too large only where the exact one lies just below it: the
/// rest, exact in its sign, then points away from y.
template <class T>
T floor_divide(T x, T y) {
  if (isinf(y) && isfinite(x)) return x == 0 || signbit(x) == signbit(y) ? x / y : T(-1);
  const T quotient = x / y;
  const T whole = floor(quotient);
  if (!isfinite(whole)) return whole;
  const T rest = fma(-whole, y, x);
  if (rest != 0 && signbit(rest) != signbit(y)) return whole - 1;
  return whole == 0 ? std::copysign(whole, quotient) : whole;
}

}  // namespace onepass::prove::wide
