// SPDX-License-Identifier: Apache-2.0
// Operands that try an element-wise op: specials against each other, dense and random samples.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

namespace onepass::ir {

template <class T>
struct OperandSamples {
  std::vector<T> x, y, z;
  size_t size() const { return x.size(); }
};

template <class T>
std::vector<T> special_values() {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_same_v<T, bool>) {
    return {false, true};
  } else if constexpr (std::is_floating_point_v<T>) {
    std::vector<T> values = {0,
                             T(0.5),
                             1,
                             T(1.5),
                             2,
                             T(2.5),
                             3,
                             10,
                             100,
                             T(1e10),
                             T(0x1p24),
                             T(0x1p53),
                             Limits::min(),
                             Limits::denorm_min(),
                             Limits::max(),
                             Limits::infinity(),
                             std::nextafter(T(1), T(0)),
                             std::nextafter(T(1), T(2)),
                             T(0x1p-30),
                             std::nextafter(Limits::min(), T(0)),
                             T(3.14159265358979323846),
                             Limits::quiet_NaN()};
    const size_t positive = values.size();
    for (size_t i = 0; i < positive; ++i) values.push_back(-values[i]);
    return values;
  } else {
    std::vector<T> values = {0,
                             1,
                             2,
                             3,
                             5,
                             7,
                             8,
                             31,
                             63,
                             64,
                             100,
                             Limits::max(),
                             static_cast<T>(Limits::max() - 1),
                             Limits::min(),
                             static_cast<T>(Limits::min() + 1)};
    if (std::is_signed_v<T>) {
      for (const int v : {-1, -2, -3, -7, -64}) values.push_back(static_cast<T>(v));
    }
    return values;
  }
}

/// One operand: any bits, a number of [low, high], or one near a power of two.
template <class T>
class OperandSource {
 public:
  OperandSource(double low, double high) : dense_(low, high) {}

  T next() {
    if constexpr (std::is_same_v<T, bool>) return random_() & 1;
    switch (random_() % 3) {
      case 0:
        return any_bits();
      case 1:
        return static_cast<T>(clamped(dense_(random_)));
      default: {
        const int range = std::is_floating_point_v<T> ? std::numeric_limits<T>::max_exponent : 5;
        const double exponent = std::ldexp(static_cast<double>(random_() >> 11), -52) - 1;
        return static_cast<T>(clamped(std::exp2(exponent * range / 2)));
      }
    }
  }

 private:
  T any_bits() {
    const uint64_t bits = random_();
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  double clamped(double x) const {
    if constexpr (std::is_floating_point_v<T>) return x;
    const double low = std::is_signed_v<T> ? -100 : 0;
    return x < low ? low : x > 100 ? 100 : x;
  }

  std::mt19937_64 random_{20261};
  std::uniform_real_distribution<double> dense_;
};

template <class T>
OperandSamples<T> operand_samples(int arity, double low, double high, size_t random_count) {
  OperandSamples<T> samples;
  const auto add = [&](T x, T y, T z) {
    samples.x.push_back(x);
    samples.y.push_back(y);
    samples.z.push_back(z);
  };
  const std::vector<T> specials = special_values<T>();
  for (const T x : specials) {
    if (arity == 1) add(x, x, x);
    for (size_t i = 0; arity > 1 && i < specials.size(); ++i) {
      if (arity == 2) add(x, specials[i], x);
      for (size_t j = 0; arity > 2 && j < specials.size(); j += 3) {
        add(x, specials[i], specials[(i + j) % specials.size()]);
      }
    }
  }
  OperandSource<T> source(low, high);
  for (size_t i = 0; i < random_count; ++i) {
    const T x = source.next();
    const T y = source.next();
    add(x, y, source.next());
  }
  return samples;
}

}  // namespace onepass::ir
