// SPDX-License-Identifier: Apache-2.0
// Random tensors: published vectors of the generator, moments, and what the elements depend on.
#include "onepass/engine/random.h"

#include <gtest/gtest.h>
#include <xmmintrin.h>

#include <cmath>
#include <limits>
#include <vector>

#include "error_text.h"
#include "onepass/engine/philox.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {
namespace {

// From the file kat_vectors of the Random123 distribution.
TEST(Philox, MatchesThePublishedVectors) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};

Moments moments(const Tensor& x) {
  const std::vector<double> values = x.to_vector<double>();
  const auto n = static_cast<double>(values.size());
  Moments m;
  for (const double v : values) m.mean += v / n;
  for (const double v : values) m.variance += (v - m.mean) * (v - m.mean) / n;
  const double deviation = std::sqrt(m.variance);
  for (const double v : values) {
    const double z = (v - m.mean) / deviation;
    m.skewness += z * z * z / n;
    m.kurtosis += z * z * z * z / n;
  }
  return m;
}

TEST(RandomUniform, HasTheMomentsOfItsDistribution) {
  for (const DType dtype : {f32, f64}) {
    const Moments m =
        moments(random_uniform({1000, 400}, {.low = -1, .high = 3, .seed = 5, .dtype = dtype}));
    EXPECT_NEAR(m.mean, 1, 0.01);
    EXPECT_NEAR(m.variance, 16.0 / 12, 0.01);
    EXPECT_NEAR(m.skewness, 0, 0.01);
    EXPECT_NEAR(m.kurtosis, 1.8, 0.01);
  }
}

TEST(RandomNormal, HasTheMomentsOfItsDistribution) {
  for (const DType dtype : {f32, f64}) {
    const Moments m =
        moments(random_normal({400000}, {.mean = 2, .stddev = 0.5, .seed = 6, .dtype = dtype}));
    EXPECT_NEAR(m.mean, 2, 0.004);
    EXPECT_NEAR(m.variance, 0.25, 0.003);
    EXPECT_NEAR(m.skewness, 0, 0.02);
    EXPECT_NEAR(m.kurtosis, 3, 0.05);
  }
}

TEST(RandomUniform, StaysInsideItsInterval) {
  const std::vector<float> values = random_uniform({100000}, {.seed = 1}).to_vector<float>();
  for (const float v : values) ASSERT_TRUE(v >= 0 && v < 1);
  // Two neighbours: rounding to nearest would reach the upper one for half of the draws.
  const float high = std::nextafter(1.f, 2.f);
  const Tensor narrow = random_uniform({1000}, {.low = 1, .high = high});
  for (const float v : narrow.to_vector<float>()) ASSERT_EQ(v, 1.f);
  const double high_double = std::nextafter(1.0, 2.0);
  const Tensor tight = random_uniform({1000}, {.low = 1, .high = high_double, .dtype = f64});
  for (const double v : tight.to_vector<double>()) ASSERT_EQ(v, 1.0);
}

TEST(Random, ElementsDependOnSeedAndIndexOnly) {
  for (const DType dtype : {f32, f64}) {
    const auto uniform = [&](const Shape& shape, uint64_t seed) {
      return random_uniform(shape, {.seed = seed, .dtype = dtype}).to_vector<double>();
    };
    const auto normal = [&](const Shape& shape, uint64_t seed) {
      return random_normal(shape, {.seed = seed, .dtype = dtype}).to_vector<double>();
    };
    const std::vector<double> longer = uniform({70003}, 9);
    const std::vector<double> shorter = uniform({7, 11}, 9);
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
    EXPECT_NE(uniform({100}, 9), uniform({100}, 10));
    EXPECT_NE(uniform({100}, 9), uniform({100}, 9 + (uint64_t{1} << 32)));
    EXPECT_NE(uniform({100}, 9), normal({100}, 9));
    const std::vector<double> normals = normal({70003}, 9);
    const ThreadScope one(1);
    EXPECT_EQ(uniform({70003}, 9), longer);
    EXPECT_EQ(normal({70003}, 9), normals);
  }
}

TEST(Random, BitsAreFixedForEver) {
  // Words of philox({0, 0, 0, 0}, {0, 0}), the first of the published vectors.
  EXPECT_EQ(random_uniform({4}).to_vector<float>(),
            (std::vector<float>{0x6627e8p-24f, 0xe169c5p-24f, 0xbc57acp-24f, 0x9b00dbp-24f}));
  EXPECT_EQ(random_uniform({2}, {.dtype = f64}).to_vector<double>(),
            (std::vector<double>{static_cast<double>(0xe169c58d6627e8d5 >> 11) * 0x1p-53,
                                 static_cast<double>(0x9b00dbd8bc57ac4c >> 11) * 0x1p-53}));
  const std::vector<float> narrow = random_normal({1000}).to_vector<float>();
  const std::vector<double> wide = random_normal({1000}, {.dtype = f64}).to_vector<double>();
  for (size_t i = 0; i < wide.size(); ++i) ASSERT_EQ(narrow[i], static_cast<float>(wide[i]));
}

TEST(Random, IgnoresTheFloatingPointModeOfTheCaller) {
  const std::vector<float> expected = random_normal({64}).to_vector<float>();
  const uint32_t saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040 | 0x6000);
  const Tensor x = random_normal({64});
  _mm_setcsr(saved);
  EXPECT_EQ(x.to_vector<float>(), expected);
}

TEST(Random, EmptyAndScalarShapesWork) {
  EXPECT_EQ(random_uniform({0, 4}).size(), 0);
  EXPECT_EQ(random_normal({}).rank(), 0);
}

TEST(Random, RefusesWhatIsNoDistribution) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_text([] { random_uniform({2}, {.low = 1, .high = 1}); }),
            "random_uniform: low is 1, high is 1; low must be less than high in f32, and their "
            "difference finite.");
  EXPECT_EQ(error_text([] { random_uniform({2}, {.low = 1, .high = 1.000000001}); }),
            "random_uniform: low is 1, high is 1.000000001; low must be less than high in f32, and "
            "their difference finite.");
  EXPECT_EQ(error_text([] { random_uniform({2}, {.low = -1e308, .high = 1e308, .dtype = f64}); }),
            "random_uniform: low is -1e+308, high is 1e+308; low must be less than high in f64, "
            "and their difference finite.");
  EXPECT_EQ(error_text([] { random_uniform({2}, {.dtype = i32}); }),
            "random_uniform: dtype is i32; it must be f32 or f64.");
  EXPECT_EQ(error_text([] { random_normal({2}, {.stddev = -1}); }),
            "random_normal: mean is 0, stddev is -1; both must be finite, stddev not negative.");
  EXPECT_EQ(error_text([=] { random_normal({2}, {.mean = infinity}); }),
            "random_normal: mean is inf, stddev is 1; both must be finite, stddev not negative.");
  EXPECT_EQ(error_text([] { random_normal({2}, {.dtype = f16}); }),
            "random_normal: dtype is f16; it must be f32 or f64.");
  EXPECT_EQ(error_text([] { random_normal({int64_t{1} << 61}, {.dtype = f64}); }),
            "random_normal: f64[2305843009213693952] has more than 2^63 - 1 bytes; the size in "
            "bytes must fit 63 bits.");
}

TEST(NormalQuantile, InvertsTheDistributionFunction) {
  // Through erfc in long double: an independent way there.
  const auto below = [](double x) {
    return 0.5L * erfcl(-static_cast<long double>(x) / sqrtl(2.0L));
  };
  double worst = 0;
  for (double p = 0x1p-53; p < 0.5; p *= 1.01) {
    const double x = normal_quantile(p);
    // The error of x is the error of the probability divided by the density.
    const long double density = expl(-0.5L * x * x) / sqrtl(2 * 3.14159265358979323846L);
    const long double error = (below(x) - static_cast<long double>(p)) / density;
    worst = std::max(worst, static_cast<double>(fabsl(error / x)));
    if (1 - (1 - p) == p) {
      ASSERT_EQ(normal_quantile(1 - p), -x) << p;
    }
  }
  EXPECT_LT(worst, 1e-15);
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-15);
}

}  // namespace
}  // namespace onepass
