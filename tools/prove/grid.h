// SPDX-License-Identifier: Apache-2.0
// The floating point types that are proven, and the wider type in which each one's error is
// measured.
#pragma once

#include <cstdint>

namespace onepass::prove {

/// Doubt: a reference within this many units of a rounding boundary decides nothing, and the error
/// of the reference must stay below it.
template <class T>
struct Grid;

template <>
struct Grid<float> {
  using Wide = double;
  using Bits = uint32_t;
  static constexpr double doubt = 1e-6;
  static constexpr int exponent_bits = 8;
};

/// The long double of x86 has 11 bits more than double: the doubt is 8 of its units.
template <>
struct Grid<double> {
  using Wide = long double;
  using Bits = uint64_t;
  static constexpr double doubt = 0x1p-8;
  static constexpr int exponent_bits = 11;
};

template <class T>
using WideOf = typename Grid<T>::Wide;

}  // namespace onepass::prove
