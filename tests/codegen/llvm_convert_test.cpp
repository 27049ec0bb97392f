// SPDX-License-Identifier: Apache-2.0
// Conversions between all element types against a scalar model in long double.
#include "nest_fixture.h"
#include "sample_values.h"

namespace onepass::codegen::testing {
namespace {

constexpr int64_t count = 512 + 5;

long double wide(bool x) { return x ? 1 : 0; }
long double wide(Float16 x) { return to_double(x); }
long double wide(BFloat16 x) { return to_double(x); }
template <class T>
long double wide(T x) {
  return x;
}

/// The nearer of the 16-bit floats around x, the even one of two equally near.
template <class Half>
Half nearest_half(long double x, Half guess) {
  if (x != x || std::isinf(static_cast<double>(x))) return guess;
  Half best = guess;
  const auto distance = [x](Half h) {
    // An infinity stands for the power of two that would come next.
    const double value = to_double(h);
    if (!std::isinf(value)) return std::abs(x - static_cast<long double>(value));
    Half largest = h;
    --largest.bits;
    Half before = largest;
    --before.bits;
    return std::abs(x - (2.0L * to_double(largest) - to_double(before)));
  };
  for (int step : {-1, 1}) {
    Half other = guess;
    other.bits = static_cast<uint16_t>(other.bits + step);
    if (to_double(other) != to_double(other)) continue;
    if (distance(other) < distance(best) ||
        (distance(other) == distance(best) && (other.bits & 1) == 0))
      best = other;
  }
  return best;
}

template <class To, class From>
To model(From x) {
  const long double value = wide(x);
  if constexpr (std::is_same_v<To, bool>) {
    return value != 0;
  } else if constexpr (std::is_same_v<To, Float16>) {
    return nearest_half(value, to_float16(static_cast<double>(value)));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return nearest_half(value, to_bfloat16(static_cast<double>(value)));
  } else if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(value);
  } else if constexpr (std::is_integral_v<From>) {
    return static_cast<To>(x);
  } else {
    if (value != value) return 0;
    if (value >= static_cast<long double>(std::numeric_limits<To>::max()))
      return std::numeric_limits<To>::max();
    if (value <= static_cast<long double>(std::numeric_limits<To>::min()))
      return std::numeric_limits<To>::min();
    return static_cast<To>(value);
  }
}

void expect_model(DType from, DType to, const Target& target, int lanes) {
  TestNest t;
  const VariableId i = t.variable("i"), j = t.variable("j");
  const ArrayId in = t.buffer(from), out = t.buffer(to, true);
  const ValueId x = t.value(), y = t.value();
  t.nest.phases = {vector_phase(
      i, j, lanes,
      {Load{x, in, variable(j)}, Convert{y, x, from, to}, Store{out, variable(j), y}})};
  Bytes input = sample(from, count, 1);
  Bytes expected(to, count), actual(to, count);
  visit_dtype(from, [&](auto a) {
    visit_dtype(to, [&](auto b) {
      for (int64_t k = 0; k < count; ++k)
        expected.as<decltype(b)>()[k] = model<decltype(b)>(input.as<decltype(a)>()[k]);
    });
  });
  run(compile_nest(t.nest, target), {{input.data(), actual.data()}, {count}, {}});
  ASSERT_TRUE(actual.guard_is_intact());
  for (int64_t k = 0; k < count; ++k) {
    ASSERT_TRUE(same_element(to, expected, actual, k))
        << to_string(from) << " to " << to_string(to) << ", " << lanes << " lanes, "
        << to_string(target.instruction_set) << ", of " << bits_text(from, input, k)
        << ": expected " << bits_text(to, expected, k) << ", compiled " << bits_text(to, actual, k);
  }
}

class ConvertFrom : public ::testing::TestWithParam<int> {};

TEST_P(ConvertFrom, RoundsOnceSaturatesAndSendsNanToZero) {
  const auto from = static_cast<DType>(GetParam());
  constexpr int fixed_lanes = 16;
  for (int to = 0; to < dtype_count; ++to) {
    for (const Target& target : targets())
      expect_model(from, static_cast<DType>(to), target, fixed_lanes);
  }
}

TEST_P(ConvertFrom, HasTheSameBitsInOneLane) {
  const auto from = static_cast<DType>(GetParam());
  for (int to = 0; to < dtype_count; ++to)
    expect_model(from, static_cast<DType>(to), targets().back(), 1);
}

INSTANTIATE_TEST_SUITE_P(DTypes, ConvertFrom, ::testing::Range(0, dtype_count),
                         [](const auto& info) {
                           return std::string(to_string(static_cast<DType>(info.param)));
                         });

}  // namespace
}  // namespace onepass::codegen::testing
