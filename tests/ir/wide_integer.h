// SPDX-License-Identifier: Apache-2.0
// Integers of 128 bits with the spelling of the op table's reference column: the oracle of integer
// rows. The truth modulo the width of the element type is what a row must give.
#pragma once

#include <cstdint>

namespace onepass::ir {

struct Wide {
  __extension__ typedef __int128 Signed;
  __extension__ typedef unsigned __int128 Unsigned;
  Signed value = 0;

  Wide(Signed v) : value(v) {}
  static Wide wrapped(Unsigned bits) { return Wide(static_cast<Signed>(bits)); }
  Unsigned bits() const { return static_cast<Unsigned>(value); }
};

inline Wide operator+(Wide x, Wide y) { return Wide::wrapped(x.bits() + y.bits()); }
inline Wide operator-(Wide x, Wide y) { return Wide::wrapped(x.bits() - y.bits()); }
inline Wide operator*(Wide x, Wide y) { return Wide::wrapped(x.bits() * y.bits()); }
inline Wide operator-(Wide x) { return Wide::wrapped(-x.bits()); }
inline Wide operator&(Wide x, Wide y) { return x.value & y.value; }
inline Wide operator|(Wide x, Wide y) { return x.value | y.value; }
inline Wide operator^(Wide x, Wide y) { return x.value ^ y.value; }
inline bool operator==(Wide x, Wide y) { return x.value == y.value; }
inline bool operator!=(Wide x, Wide y) { return x.value != y.value; }
inline bool operator<(Wide x, Wide y) { return x.value < y.value; }
inline bool operator<=(Wide x, Wide y) { return x.value <= y.value; }
inline bool operator>(Wide x, Wide y) { return x.value > y.value; }
inline bool operator>=(Wide x, Wide y) { return x.value >= y.value; }

inline bool isnan(Wide) { return false; }
inline bool isinf(Wide) { return false; }
inline bool isfinite(Wide) { return true; }
inline Wide abs(Wide x) { return x < 0 ? -x : x; }
inline Wide sign(Wide x) { return Wide(x > 0) - Wide(x < 0); }
inline Wide floor(Wide x) { return x; }
inline Wide ceil(Wide x) { return x; }
inline Wide trunc(Wide x) { return x; }
inline Wide round_to_even(Wide x) { return x; }
inline Wide minimum(Wide x, Wide y) { return x < y ? x : y; }
inline Wide maximum(Wide x, Wide y) { return x < y ? y : x; }

inline Wide floor_divide(Wide x, Wide y) {
  if (y == 0) return 0;
  const Wide quotient = x.value / y.value;
  const bool below = x.value % y.value != 0 && (x < 0) != (y < 0);
  return below ? quotient - Wide(1) : quotient;
}
inline Wide remainder(Wide x, Wide y) { return y == 0 ? Wide(0) : x - y * floor_divide(x, y); }

inline Wide pow(Wide x, Wide y) {
  if (y < 0) {
    // 1 / x^-y towards zero.
    if (abs(x) != 1) return 0;
    return x == 1 || y.value % 2 == 0 ? 1 : -1;
  }
  // Leading bits first.
  Wide result = 1;
  for (int bit = 63; bit >= 0; --bit) {
    result = result * result;
    if (y.value >> bit & 1) result = result * x;
  }
  return result;
}

inline Wide bitwise_invert(Wide x) { return ~x.value; }
inline bool bitwise_invert(bool x) { return !x; }
inline Wide bitwise_left_shift(Wide x, Wide y) {
  return y < 0 || y > 127 ? Wide(0) : Wide::wrapped(x.bits() << y.value);
}
inline Wide bitwise_right_shift(Wide x, Wide y) {
  return y < 0 || y > 127 ? Wide(x < 0 ? -1 : 0) : Wide(x.value >> y.value);
}

}  // namespace onepass::ir
