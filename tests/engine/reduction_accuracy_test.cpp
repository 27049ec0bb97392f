// SPDX-License-Identifier: Apache-2.0
// The error bounds of sums, means and products, against sums in two doubles, and NumPy's pairwise
// sum beside them.
#include <gtest/gtest.h>

#include "reduction_bounds.h"

namespace onepass {
namespace {

using testing::distance, testing::DoubleDouble, testing::hard_cases, testing::higher_orders;
using testing::inner_roundings, testing::outer_roundings, testing::running_roundings;
using testing::Sums, testing::sums_of, testing::tensor_of, testing::u;

/// The sum as NumPy has it: halves down to 128 elements, those in 8 accumulators.
float pairwise_sum(std::span<const float> x) {
  constexpr size_t accumulators = 8, longest = 128;
  if (x.size() < accumulators) {
    float sum = 0;
    for (const float v : x) sum += v;
    return sum;
  }
  if (x.size() <= longest) {
    float r[accumulators];
    for (size_t i = 0; i < accumulators; ++i) r[i] = x[i];
    size_t i = accumulators;
    for (; i + accumulators <= x.size(); i += accumulators) {
      for (size_t j = 0; j < accumulators; ++j) r[j] += x[i + j];
    }
    float sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    for (; i < x.size(); ++i) sum += x[i];
    return sum;
  }
  const size_t half = x.size() / 2 / accumulators * accumulators;
  return pairwise_sum(x.first(half)) + pairwise_sum(x.subspan(half));
}

template <class T>
class ReductionAccuracy : public ::testing::Test {};
using Widths = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ReductionAccuracy, Widths);

TYPED_TEST(ReductionAccuracy, OfSumsAndMeansIsWithinTheStatedBound) {
  std::mt19937 random(7);
  for (const int64_t n : {1, 2, 3, 17, 64, 100, 1000, 4097, 100003, 1000000}) {
    for (const auto& x : hard_cases<TypeParam>(static_cast<size_t>(n), random)) {
      const Sums sums = sums_of<TypeParam>(x);
      const DoubleDouble average = sums.exact / DoubleDouble(static_cast<double>(n));
      const auto check = [&](const Tensor& row, const Axes& axes, int roundings) {
        const double bound = roundings * u<TypeParam> * sums.magnitudes * higher_orders;
        const auto total = evaluate(sum(row, {.axis = axes})).template to_vector<TypeParam>();
        EXPECT_LE(distance(total.back(), sums.exact), bound) << n;
        // One more rounding for the quotient.
        const double mean_bound = bound + u<TypeParam> * sums.magnitudes;
        const auto got = evaluate(mean(row, {.axis = axes})).template to_vector<TypeParam>();
        EXPECT_LE(distance(got.back(), average), mean_bound / static_cast<double>(n)) << n;
      };
      check(tensor_of(x), 0, inner_roundings<TypeParam>(n));
      check(testing::columns_of(x), 0, outer_roundings(n));
    }
  }
}

TYPED_TEST(ReductionAccuracy, OfRunningSumsIsWithinTheStatedBound) {
  std::mt19937 random(8);
  for (const int64_t n : {3, 256, 1000, 100003}) {
    for (const auto& x : hard_cases<TypeParam>(static_cast<size_t>(n), random)) {
      const auto got = evaluate(cumulative_sum(tensor_of(x))).template to_vector<TypeParam>();
      DoubleDouble exact;
      double magnitudes = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        exact = exact + DoubleDouble(x[i]);
        magnitudes += std::abs(static_cast<double>(x[i]));
        const auto roundings = static_cast<double>(running_roundings(static_cast<int64_t>(i) + 1));
        ASSERT_LE(distance(got[i], exact), roundings * u<TypeParam> * magnitudes * higher_orders)
            << n << " " << i;
      }
    }
  }
}

TYPED_TEST(ReductionAccuracy, OfProductsIsWithinTheStatedBound) {
  std::mt19937 random(9);
  std::uniform_real_distribution<TypeParam> near_one(TypeParam(0.9), TypeParam(1.1));
  for (const int64_t n : {2, 100, 1000, 5000}) {
    std::vector<TypeParam> x(static_cast<size_t>(n));
    for (TypeParam& v : x) v = near_one(random);
    const auto running = evaluate(cumulative_prod(tensor_of(x))).template to_vector<TypeParam>();
    DoubleDouble exact = 1;
    for (size_t i = 0; i < x.size(); ++i) {
      exact = exact * DoubleDouble(x[i]);
      // Every product but those with the identity is rounded once: i of them.
      const double bound = static_cast<double>(i) * u<TypeParam> * std::abs(exact.high) * 1.01;
      ASSERT_LE(distance(running[i], exact), bound) << n << " " << i;
    }
    const double bound = static_cast<double>(n - 1) * u<TypeParam> * std::abs(exact.high) * 1.01;
    EXPECT_LE(distance(evaluate(prod(tensor_of(x))).template item<TypeParam>(), exact), bound) << n;
    const Tensor column = evaluate(prod(testing::columns_of(x), {.axis = 0}));
    EXPECT_LE(distance(column.template to_vector<TypeParam>()[1], exact), bound) << n;
  }
}

TEST(PairwiseSums, AreThoseOfNumPy) {
  const auto file = [](const std::string& name) {
    return load_npy(std::string(ONEPASS_TEST_DATA) + "/" + name).to_vector<float>();
  };
  const std::vector<float> x = file("numpy_sums_x.npy"), sums = file("numpy_sums.npy");
  ASSERT_EQ(x.size(), sums.size());
  for (size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(pairwise_sum(std::span(x).first(i + 1)), sums[i]) << i;
  }
}

TEST(PairwiseSums, AreAsAccurateAsOurs) {
  for (const size_t n : {1000u, 30000u, 1000000u}) {
    double ours = 0, columns = 0, pairwise = 0;
    for (unsigned seed = 0; seed < 24; ++seed) {
      std::mt19937 random(seed);
      for (const std::vector<float>& x : hard_cases<float>(n, random)) {
        const Sums sums = sums_of<float>(x);
        const Tensor column = evaluate(sum(testing::columns_of(x), {.axis = 0}));
        ours += distance(evaluate(sum(tensor_of(x))).item<float>(), sums.exact) / sums.magnitudes;
        columns += distance(column.to_vector<float>()[0], sums.exact) / sums.magnitudes;
        pairwise += distance(pairwise_sum(x), sums.exact) / sums.magnitudes;
      }
    }
    EXPECT_LE(ours, 1.5 * pairwise) << n;
    EXPECT_LE(columns, 1.5 * pairwise) << n;
  }
}

}  // namespace
}  // namespace onepass
