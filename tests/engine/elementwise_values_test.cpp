// SPDX-License-Identifier: Apache-2.0
// What users rely on beyond a bound in units in the last place, in every mode.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "onepass/onepass.h"

namespace onepass {
namespace {

constexpr Mode modes[] = {Mode::fused, Mode::unfused, Mode::interpreted};

Tensor vector_of(const std::vector<float>& numbers) {
  return Tensor::copy_of(std::span<const float>(numbers), {static_cast<int64_t>(numbers.size())});
}

/// 100,000 numbers from `low` to `high`.
Tensor range(float low, float high) {
  constexpr int64_t count = 100000;
  return evaluate(low + (high - low) / float{count} * astype(arange(count), f32));
}

template <class Expression>
void expect_saturates(const Expression& y) {
  for (const Mode mode : modes) {
    for (const float value : evaluate(y, {.mode = mode}).template to_vector<float>()) {
      ASSERT_EQ(value, 1);
    }
  }
}

TEST(Saturation, OfTanhAndErfIsExactlyOne) {
  const Tensor far = vector_of({10, 11, 12.5f, 1e3f, 1e30f, INFINITY});
  expect_saturates(tanh(far));
  expect_saturates(erf(far));
  expect_saturates(-tanh(-far));
  expect_saturates(tanh(range(9.5f, 40)));
  expect_saturates(erf(range(4.1f, 40)));
}

TEST(Saturation, NeverExceedsOne) {
  for (const Mode mode : modes) {
    for (const Tensor& y : {evaluate(tanh(range(0, 12)), {.mode = mode}),
                            evaluate(erf(range(0, 6)), {.mode = mode})}) {
      for (const float value : y.to_vector<float>()) ASSERT_LE(value, 1);
    }
  }
}

TEST(Cosine, OfZeroIsOne) {
  const Tensor zeros = vector_of({0, -0.0f, 1e-30f});
  for (const Mode mode : modes) {
    for (const Accuracy accuracy : {Accuracy::strict, Accuracy::fast}) {
      const EvaluateOptions options = {.mode = mode, .accuracy = accuracy};
      for (const float value : evaluate(cos(zeros), options).to_vector<float>()) {
        EXPECT_EQ(value, 1);
      }
      for (const double value : evaluate(cos(astype(zeros, f64)), options).to_vector<double>()) {
        EXPECT_EQ(value, 1);
      }
    }
  }
}

// Where a sine is nearest to 1: the numbers about every quarter turn that three words reduce.
template <class T>
Tensor numbers_about_quarter_turns() {
  constexpr int turns = 80'000;
  constexpr int steps = 4;
  std::vector<T> numbers;
  for (int n = 0; n < turns; ++n) {
    T x = static_cast<T>(n * (std::acos(-1.0) / 2));
    for (int i = 0; i < steps; ++i) x = std::nextafter(x, T(0));
    for (int i = 0; i <= 2 * steps; ++i, x = std::nextafter(x, T(INFINITY))) numbers.push_back(x);
  }
  return Tensor::copy_of(std::span<const T>(numbers), {static_cast<int64_t>(numbers.size())});
}

template <class T>
void expect_at_most_one(const Tensor& values) {
  for (const T value : values.to_vector<T>()) ASSERT_LE(std::abs(value), 1);
}

TEST(SineAndCosine, NeverExceedOne) {
  const Tensor singles = numbers_about_quarter_turns<float>();
  const Tensor doubles = numbers_about_quarter_turns<double>();
  for (const Accuracy accuracy : {Accuracy::strict, Accuracy::fast}) {
    expect_at_most_one<float>(evaluate(sin(singles), {.accuracy = accuracy}));
    expect_at_most_one<float>(evaluate(cos(singles), {.accuracy = accuracy}));
    expect_at_most_one<double>(evaluate(sin(doubles), {.accuracy = accuracy}));
    expect_at_most_one<double>(evaluate(cos(doubles), {.accuracy = accuracy}));
  }
}

// Lanes that take the rare way do not touch their neighbours.
TEST(RareLanes, HaveTheBitsTheyHaveAlone) {
  std::vector<float> mixed;
  for (int i = 0; i < 1000; ++i) {
    mixed.push_back(0.37f * static_cast<float>(i));
    if (i % 37 == 0) mixed.push_back(1e20f * static_cast<float>(i));
    if (i % 41 == 0) mixed.push_back(-1.0f);
    if (i % 43 == 0) mixed.push_back(1e-40f);
    if (i % 47 == 0) mixed.push_back(std::numeric_limits<float>::infinity());
  }
  const Tensor x = vector_of(mixed);
  for (const auto& f : {+[](const Tensor& v) { return evaluate(sin(v)); },
                        +[](const Tensor& v) { return evaluate(cos(v)); },
                        +[](const Tensor& v) { return evaluate(tan(v)); },
                        +[](const Tensor& v) { return evaluate(log(v)); },
                        +[](const Tensor& v) { return evaluate(log2(v)); },
                        +[](const Tensor& v) { return evaluate(log10(v)); }}) {
    const std::vector<float> together = f(x).to_vector<float>();
    for (size_t i = 0; i < mixed.size(); ++i) {
      const auto alone = f(vector_of({mixed[i]})).item<float>();
      if (std::isnan(alone)) {
        ASSERT_TRUE(std::isnan(together[i])) << mixed[i];
      } else {
        ASSERT_EQ(together[i], alone) << mixed[i];
      }
    }
  }
}

// Vectors of f32 are then shorter than a register; what their rare way keeps must survive it.
TEST(RareLanes, BesideWiderElementsHaveTheBitsOfTheInterpreter) {
  const Tensor wide = evaluate(astype(range(-40, 40), f64) * 1e3);
  const auto x = astype(wide, f32);
  for (const auto& y : {Value(astype(pow(x, x), f64) + wide), Value(astype(tan(x * x), f64) + wide),
                        Value(astype(log(x), f64) + wide)}) {
    const std::vector<double> fused = evaluate(y).to_vector<double>();
    const std::vector<double> expected =
        evaluate(y, {.mode = Mode::interpreted}).to_vector<double>();
    for (size_t i = 0; i < fused.size(); ++i) {
      if (std::isnan(expected[i])) {
        ASSERT_TRUE(std::isnan(fused[i])) << i;
      } else {
        ASSERT_EQ(fused[i], expected[i]) << i;
      }
    }
  }
}

}  // namespace
}  // namespace onepass
