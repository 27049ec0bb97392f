// SPDX-License-Identifier: Apache-2.0
// The error bounds of docs/ir.md, against sums in two doubles, and NumPy's pairwise sum beside
// them.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "double_double.h"
#include "onepass/engine/onepass.h"
#include "onepass/ir/cumulative.h"

namespace onepass {
namespace {

using testing::DoubleDouble;

constexpr double u = 0x1p-24;  // half a last place of f32, relative

int64_t blocks(int64_t n, int64_t size) { return (n + size - 1) / size; }
/// Levels of a balanced tree over `leaves`.
int depth(int64_t leaves) {
  return static_cast<int>(std::bit_width(static_cast<uint64_t>(std::max<int64_t>(leaves, 1) - 1)));
}

/// How many roundings an element passes: see docs/ir.md.
int inner_roundings(int64_t n) {
  const int64_t lanes = ir::inner_lanes(ir::OpCode::sum, f32);
  return 15 + depth(blocks(n, 16 * lanes)) + depth(lanes);
}
int outer_roundings(int64_t n) { return 15 + depth(blocks(n, 16)); }
int64_t running_roundings(int64_t n) {
  return ir::cumulative_block + blocks(n, ir::cumulative_block);
}

struct Sums {
  DoubleDouble exact;
  double magnitudes = 0;
};
Sums sums_of(std::span<const float> x) {
  Sums sums;
  for (const float v : x) {
    sums.exact = sums.exact + DoubleDouble(v);
    sums.magnitudes += std::abs(static_cast<double>(v));
  }
  return sums;
}

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

/// Elements whose sum is hard: of one sign, of both, and of very different sizes.
std::vector<std::vector<float>> hard_cases(size_t n, std::mt19937& random) {
  std::uniform_real_distribution<float> positive(0, 1), both(-1, 1);
  std::uniform_int_distribution<int> exponent(-20, 20);
  std::vector<std::vector<float>> cases(3, std::vector<float>(n));
  for (size_t i = 0; i < n; ++i) {
    cases[0][i] = positive(random);
    cases[1][i] = both(random);
    cases[2][i] = std::ldexp(both(random), exponent(random));
  }
  return cases;
}

double distance(double got, const DoubleDouble& exact) {
  return static_cast<double>(std::abs(got - exact.value()));
}

Tensor tensor_of(const std::vector<float>& x) {
  return Tensor::copy_of(std::span<const float>(x), {static_cast<int64_t>(x.size())});
}

TEST(ReductionAccuracy, OfSumsAndMeansIsWithinTheStatedBound) {
  std::mt19937 random(7);
  for (const int64_t n : {1, 2, 3, 17, 64, 100, 1000, 4097, 100003, 1000000}) {
    for (const std::vector<float>& x : hard_cases(static_cast<size_t>(n), random)) {
      const Sums sums = sums_of(x);
      const Tensor row = tensor_of(x);
      const double inner = inner_roundings(n) * u * sums.magnitudes * 1.0001;
      EXPECT_LE(distance(evaluate(sum(row)).item<float>(), sums.exact), inner) << n;
      // One more rounding for the quotient.
      const DoubleDouble average = sums.exact / DoubleDouble(static_cast<double>(n));
      const double mean_bound = (inner + u * sums.magnitudes) / static_cast<double>(n);
      EXPECT_LE(distance(evaluate(mean(row)).item<float>(), average), mean_bound) << n;
      const Tensor column = broadcast_to(reshape(row, {n, 1}), {n, 2});
      const double outer = outer_roundings(n) * u * sums.magnitudes * 1.0001;
      EXPECT_LE(distance(evaluate(sum(column, {.axis = 0})).to_vector<float>()[1], sums.exact),
                outer)
          << n;
    }
  }
}

TEST(ReductionAccuracy, OfRunningSumsIsWithinTheStatedBound) {
  std::mt19937 random(8);
  for (const int64_t n : {3, 256, 1000, 100003}) {
    for (const std::vector<float>& x : hard_cases(static_cast<size_t>(n), random)) {
      const std::vector<float> got = evaluate(cumulative_sum(tensor_of(x))).to_vector<float>();
      DoubleDouble exact;
      double magnitudes = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        exact = exact + DoubleDouble(x[i]);
        magnitudes += std::abs(static_cast<double>(x[i]));
        const auto roundings = static_cast<double>(running_roundings(static_cast<int64_t>(i) + 1));
        ASSERT_LE(distance(got[i], exact), roundings * u * magnitudes * 1.0001) << n << " " << i;
      }
    }
  }
}

TEST(ReductionAccuracy, OfProductsIsWithinTheStatedBound) {
  std::mt19937 random(9);
  std::uniform_real_distribution<float> near_one(0.9f, 1.1f);
  for (const int64_t n : {2, 100, 1000, 5000}) {
    std::vector<float> x(static_cast<size_t>(n));
    for (float& v : x) v = near_one(random);
    DoubleDouble exact = 1;
    for (const float v : x) exact = exact * DoubleDouble(v);
    // Every product but those with the identity is rounded once.
    const double bound = static_cast<double>(n) * u * std::abs(exact.high) * 1.01;
    EXPECT_LE(distance(evaluate(prod(tensor_of(x))).item<float>(), exact), bound) << n;
  }
}

TEST(ReductionAccuracy, OfSumsIsThatOfPairwiseSums) {
  for (const size_t n : {1000u, 30000u, 1000000u}) {
    double ours = 0, pairwise = 0;
    for (unsigned seed = 0; seed < 24; ++seed) {
      std::mt19937 random(seed);
      for (const std::vector<float>& x : hard_cases(n, random)) {
        const Sums sums = sums_of(x);
        ours += distance(evaluate(sum(tensor_of(x))).item<float>(), sums.exact) / sums.magnitudes;
        pairwise += distance(pairwise_sum(x), sums.exact) / sums.magnitudes;
      }
    }
    EXPECT_LE(ours, 1.5 * pairwise) << n;
  }
}

}  // namespace
}  // namespace onepass
