// SPDX-License-Identifier: Apache-2.0
// The error bounds of docs/ir.md as numbers, and elements that are hard to add up.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "double_double.h"
#include "onepass/engine/onepass.h"
#include "onepass/ir/cumulative.h"

namespace onepass::testing {

/// Half a last place, relative.
template <class T>
inline constexpr double u = std::numeric_limits<T>::epsilon() / 2;

/// The bounds hold to first order; what that leaves out.
inline constexpr double higher_orders = 1.0001;

inline int64_t blocks(int64_t n, int64_t size) { return (n + size - 1) / size; }
/// Levels of a balanced tree over `leaves`.
inline int depth(int64_t leaves) {
  return static_cast<int>(std::bit_width(static_cast<uint64_t>(std::max<int64_t>(leaves, 1) - 1)));
}

/// How many roundings an element of a sum passes.
template <class T>
int inner_roundings(int64_t n) {
  const int64_t lanes = ir::inner_lanes(ir::OpCode::sum, dtype_of<T>);
  return 15 + depth(blocks(n, 16 * lanes)) + depth(lanes);
}
inline int outer_roundings(int64_t n) { return 15 + depth(blocks(n, 16)); }
inline int64_t running_roundings(int64_t n) {
  return ir::cumulative_block + blocks(n, ir::cumulative_block);
}

/// Elements whose sum is hard: of one sign, of both, and of very different sizes.
template <class T>
std::vector<std::vector<T>> hard_cases(size_t n, std::mt19937& random) {
  std::uniform_real_distribution<T> positive(0, 1), both(-1, 1);
  std::uniform_int_distribution<int> exponent(-20, 20);
  std::vector<std::vector<T>> cases(3, std::vector<T>(n));
  for (size_t i = 0; i < n; ++i) {
    cases[0][i] = positive(random);
    cases[1][i] = both(random);
    cases[2][i] = std::ldexp(both(random), exponent(random));
  }
  return cases;
}

struct Sums {
  DoubleDouble exact;
  double magnitudes = 0;
};
template <class T>
Sums sums_of(std::span<const T> x) {
  Sums sums;
  for (const T v : x) {
    sums.exact = sums.exact + DoubleDouble(v);
    sums.magnitudes += std::abs(static_cast<double>(v));
  }
  return sums;
}

inline double distance(double got, const DoubleDouble& exact) {
  return static_cast<double>(std::abs(static_cast<long double>(got) - exact.value()));
}

template <class T>
Tensor tensor_of(const std::vector<T>& x) {
  return Tensor::copy_of(std::span<const T>(x), {static_cast<int64_t>(x.size())});
}
/// Two columns of the elements.
template <class T>
Tensor columns_of(const std::vector<T>& x) {
  const auto n = static_cast<int64_t>(x.size());
  return broadcast_to(reshape(tensor_of(x), {n, 1}), {n, 2});
}

}  // namespace onepass::testing
