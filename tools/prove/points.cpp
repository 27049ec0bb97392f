// SPDX-License-Identifier: Apache-2.0
// Every point is a function of its index: runs and thread counts do not change the arguments.
#include "points.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace onepass::prove {
namespace {

constexpr int most_operands = 3;

template <class T>
T number(bool negative, uint64_t exponent, uint64_t random) {
  using Bits = typename Grid<T>::Bits;
  constexpr int digits = std::numeric_limits<T>::digits - 1;
  constexpr int width = digits + Grid<T>::exponent_bits;
  // One number in eight has few bits: integers, exact results and ties are among those.
  constexpr int few_bits = 3;
  const bool simple = random % 8 == 0;
  uint64_t fraction = random >> (64 - digits);
  if (simple) fraction = fraction >> (digits - few_bits) << (digits - few_bits);
  return std::bit_cast<T>(
      static_cast<Bits>(uint64_t{negative} << width | exponent << digits | fraction));
}

template <class T>
uint64_t exponent_of(T x) {
  const auto bits = uint64_t{std::bit_cast<typename Grid<T>::Bits>(std::abs(x))};
  return bits >> (std::numeric_limits<T>::digits - 1);
}

template <class T>
std::vector<T> special_values() {
  using Limits = std::numeric_limits<T>;
  const T even_limit = std::ldexp(T(1), Limits::digits);
  const T magnitudes[] = {0,
                          Limits::denorm_min(),
                          Limits::min() - Limits::denorm_min(),
                          Limits::min(),
                          Limits::epsilon(),
                          T(0.5),
                          1 - Limits::epsilon() / 2,
                          1,
                          1 + Limits::epsilon(),
                          T(1.5),
                          2,
                          3,
                          even_limit - 1,
                          even_limit,
                          Limits::max(),
                          Limits::infinity(),
                          Limits::quiet_NaN()};
  std::vector<T> values;
  for (const T x : magnitudes) values.insert(values.end(), {x, -x});
  return values;
}

/// A number in [low, high), in `random`'s order.
double between(double low, double high, uint64_t random) {
  return low + (high - low) * std::ldexp(static_cast<double>(random >> 11), -53);
}

/// The logarithm of the result, to base 2, lies where results are neither 0 nor infinite.
template <class T>
T aimed_exponent(T base, uint64_t random) {
  using Limits = std::numeric_limits<T>;
  const double size = std::log2(std::abs(static_cast<double>(base)));
  const double wanted =
      between(Limits::min_exponent - Limits::digits, Limits::max_exponent, random);
  const auto exponent = static_cast<T>(wanted / size);
  return random % 4 == 0 ? std::round(exponent) : exponent;
}

}  // namespace

uint64_t scrambled(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

template <class T>
Points<T>::Points(ir::OpCode op, uint64_t wanted, Stratum stratum)
    : op_(op),
      arity_(ir::info(op).arity),
      stratum_(stratum),
      exhaustive_(arity_ == 1 && sizeof(T) == sizeof(float)) {
  if (exhaustive_) {
    total_ = uint64_t{1} << 32;
    return;
  }
  specials_ = special_values<T>();
  special_count_ = 1;
  for (int i = 0; i < arity_; ++i) special_count_ *= specials_.size();
  const uint64_t total = std::max(wanted, special_count_) + stratum_.count - 1;
  total_ = total / stratum_.count * stratum_.count;
}

template <class T>
uint64_t Points<T>::place_in_all(uint64_t point) const {
  return point * stratum_.count + (scrambled(point) + stratum_.index) % stratum_.count;
}

template <class T>
void Points<T>::fill(uint64_t first, int64_t count, T* const* operands) const {
  T arguments[most_operands] = {};
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t point = place_in_all(first + static_cast<uint64_t>(i));
    if (exhaustive_) {
      arguments[0] = std::bit_cast<T>(static_cast<typename Grid<T>::Bits>(point));
    } else if (point < special_count_) {
      special(point, arguments);
    } else if (point % 2 == 0) {
      spread(point / 2, arguments);
    } else {
      aimed(point / 2, arguments);
    }
    for (int k = 0; k < arity_; ++k) operands[k][i] = arguments[k];
  }
}

template <class T>
void Points<T>::special(uint64_t point, T* arguments) const {
  for (int k = 0; k < arity_; ++k) {
    arguments[k] = specials_[point % specials_.size()];
    point /= specials_.size();
  }
}

template <class T>
void Points<T>::spread(uint64_t point, T* arguments) const {
  constexpr int cell_bits = 1 + Grid<T>::exponent_bits;
  // Multiples of the golden ratio spread evenly over the cells, however many points there are.
  uint64_t cell = point * 0x9e3779b97f4a7c15 >> (64 - cell_bits * arity_);
  for (int k = 0; k < arity_; ++k) {
    const uint64_t exponent = cell >> 1 & ((uint64_t{1} << Grid<T>::exponent_bits) - 1);
    arguments[k] =
        number<T>(cell & 1, exponent, scrambled(point * most_operands + static_cast<uint64_t>(k)));
    cell >>= cell_bits;
  }
}

template <class T>
void Points<T>::aimed(uint64_t point, T* arguments) const {
  const uint64_t random = scrambled(~point);
  if (arity_ == 1) {
    const ir::OpInfo& row = ir::info(op_);
    arguments[0] = static_cast<T>(between(row.low, row.high, random));
    return;
  }
  spread(point, arguments);
  if (op_ == ir::OpCode::pow) {
    arguments[1] = aimed_exponent(arguments[0], random);
    return;
  }
  // The last operand is about as large as the first, or as the product of the others.
  constexpr int64_t nearness = 64;
  constexpr int64_t bias = std::numeric_limits<T>::max_exponent - 1;
  constexpr int64_t highest = 2 * bias + 1;
  auto exponent = static_cast<int64_t>(exponent_of(arguments[0]));
  if (arity_ > 2) exponent += static_cast<int64_t>(exponent_of(arguments[1])) - bias;
  exponent += static_cast<int64_t>(random % nearness) - nearness / 2;
  arguments[arity_ - 1] =
      number<T>(random >> 8 & 1, static_cast<uint64_t>(std::clamp<int64_t>(exponent, 0, highest)),
                scrambled(random));
}

template class Points<float>;
template class Points<double>;

}  // namespace onepass::prove
