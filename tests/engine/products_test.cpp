// SPDX-License-Identifier: Apache-2.0
// What generated products promise: the error bound of docs/ir.md, and bits that depend on no other
// row, thread or layout.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "double_double.h"
#include "onepass/engine/acceleration.h"
#include "onepass/engine/onepass.h"

namespace onepass {
namespace {

using testing::DoubleDouble;

const EvaluateOptions generated{.provider = Provider::generated};

Tensor product(const Tensor& a, const Tensor& b) { return evaluate(matmul(a, b), generated); }

void expect_same_bits(const Tensor& got, const Tensor& expected) {
  const auto a = got.to_vector<float>(), b = expected.to_vector<float>();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    ASSERT_EQ(std::bit_cast<uint32_t>(a[i]), std::bit_cast<uint32_t>(b[i])) << "element " << i;
  }
}

struct Sizes {
  int64_t m, n, k;
};

TEST(Products, StayWithinTheErrorBound) {
  constexpr double u = 0x1p-24;
  for (const Sizes s : {Sizes{31, 97, 4097}, {100, 100, 100}, {3, 1000, 65}, {220, 90, 1100}}) {
    const Tensor a = random_normal({s.m, s.k}, {.seed = 1});
    const Tensor b = random_normal({s.k, s.n}, {.seed = 2});
    const auto x = a.to_vector<float>(), y = b.to_vector<float>();
    const auto c = product(a, b).to_vector<float>();
    for (int64_t i = 0; i < s.m; i += 7) {
      for (int64_t j = 0; j < s.n; j += 5) {
        DoubleDouble exact;
        double magnitudes = 0;
        for (int64_t k = 0; k < s.k; ++k) {
          const auto p = static_cast<double>(x[static_cast<size_t>(i * s.k + k)]);
          const auto q = static_cast<double>(y[static_cast<size_t>(k * s.n + j)]);
          exact = exact + DoubleDouble(p) * DoubleDouble(q);
          magnitudes += std::abs(p * q);
        }
        const double error =
            (DoubleDouble(static_cast<double>(c[static_cast<size_t>(i * s.n + j)])) - exact).high;
        ASSERT_LE(std::abs(error), static_cast<double>(s.k) * u * magnitudes)
            << s.m << "x" << s.n << "x" << s.k << " at " << i << ", " << j;
      }
    }
  }
}

TEST(Products, ARowDependsOnNoOtherRow) {
  for (const Sizes s : {Sizes{230, 600, 520}, {50, 33, 70}, {9, 200, 1100}}) {
    const Tensor a = random_normal({s.m, s.k}, {.seed = 3});
    const Tensor b = random_normal({s.k, s.n}, {.seed = 4});
    const Tensor all = product(a, b);
    for (const int64_t count : {int64_t{1}, int64_t{2}, int64_t{7}, int64_t{9}}) {
      const Tensor some = evaluate(a[{slice(s.m - count, s.m)}]);
      expect_same_bits(product(some, b), evaluate(all[{slice(s.m - count, s.m)}]));
    }
    const Tensor row = evaluate(reshape(a[{slice(3, 4)}], {s.k}));
    expect_same_bits(product(row, b), evaluate(all[{slice(3, 4)}]));
  }
}

TEST(Products, BitsDependOnNeitherThreadsNorTilesNorLayout) {
  const Sizes s{211, 523, 541};
  const Tensor a = random_normal({s.m, s.k}, {.seed = 5});
  const Tensor b = random_normal({s.k, s.n}, {.seed = 6});
  const Tensor expected = product(a, b);
  for (const int threads : {1, 2, 3, 7}) {
    const EvaluateOptions options{.threads = threads, .provider = Provider::generated};
    expect_same_bits(evaluate(matmul(a, b), options), expected);
  }
  for (const int64_t tile : {16, 50, 300}) {
    expect_same_bits(acceleration::tiled_matmul(a, b, tile), expected);
  }
  const Tensor turned_a = evaluate(permute_dims(evaluate(permute_dims(a, {1, 0})), {1, 0}));
  const Tensor at = evaluate(permute_dims(a, {1, 0})), bt = evaluate(permute_dims(b, {1, 0}));
  expect_same_bits(product(permute_dims(at, {1, 0}), b), expected);
  expect_same_bits(product(a, permute_dims(bt, {1, 0})), expected);
  expect_same_bits(product(permute_dims(at, {1, 0}), permute_dims(bt, {1, 0})), expected);
  const Tensor wide = zeros({s.k + 3, s.n + 5}, f32);
  evaluate_into(wide[{slice(1, s.k + 1), slice(2, s.n + 2)}], b);
  expect_same_bits(product(turned_a, wide[{slice(1, s.k + 1), slice(2, s.n + 2)}]), expected);
}

TEST(Products, InfinitiesAndNansStayInTheirRowsAndColumns) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor a = ones({20, 90}, f32), b = ones({90, 70}, f32);
  evaluate_into(a[{slice(4, 5), slice(80, 81)}], full({1, 1}, inf));
  evaluate_into(b[{slice(7, 8), slice(69, 70)}], full({1, 1}, std::nanf("")));
  const auto c = product(a, b).to_vector<float>();
  for (size_t i = 0; i < 20; ++i) {
    for (size_t j = 0; j < 70; ++j) {
      const float value = c[i * 70 + j];
      if (j == 69) {
        EXPECT_TRUE(std::isnan(value)) << i;
      } else {
        EXPECT_EQ(value, i == 4 ? inf : 90.0F) << i << ", " << j;
      }
    }
  }
}

/// Small whole numbers, whose products and sums are exact in f32.
Tensor whole_numbers(int64_t rows, int64_t columns, uint64_t seed) {
  return evaluate(round(random_normal({rows, columns}, {.seed = seed}) * 2.0F));
}

std::vector<float> exact_product(const Tensor& a, const Tensor& b) {
  const int64_t m = a.shape()[0], depth = a.shape()[1], n = b.shape()[1];
  const auto x = a.to_vector<float>(), y = b.to_vector<float>();
  std::vector<float> c(static_cast<size_t>(m * n), 0.0F);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t k = 0; k < depth; ++k) {
      const float left = x[static_cast<size_t>(i * depth + k)];
      for (int64_t j = 0; j < n; ++j) {
        c[static_cast<size_t>(i * n + j)] += left * y[static_cast<size_t>(k * n + j)];
      }
    }
  }
  return c;
}

TEST(Products, CodeMadeForOneSizeServesOnlySizesItIsRightFor) {
  // One expression, in an order that lets code of each class meet the sizes around it.
  const int64_t rows[] = {20, 1, 9, 8, 13, 230, 5};
  const int64_t columns[] = {300, 70, 1, 97, 48, 81, 16, 49, 80, 33, 17, 9, 130, 64, 5, 96, 31};
  for (const int64_t depth : {int64_t{7}, int64_t{600}}) {
    for (const int64_t m : rows) {
      const Tensor a = whole_numbers(m, depth, 11);
      for (const int64_t n : columns) {
        const Tensor b = whole_numbers(depth, n, 12);
        Tensor c = full({m, n}, -0.5F);
        evaluate_into(c, matmul(a, b), generated);
        ASSERT_EQ(c.to_vector<float>(), exact_product(a, b)) << m << "x" << n << "x" << depth;
      }
    }
  }
}

/// The product by the interpreter.
Tensor interpreted(const Tensor& a, const Tensor& b) {
  return evaluate(matmul(a, b), {.mode = Mode::interpreted, .provider = Provider::generated});
}

TEST(Products, SmallOnesOfAllSizesHaveTheBitsOfTheInterpreter) {
  // A walk through 1..48 in each direction that meets every extent and every remainder.
  constexpr int64_t most = 48, steps = 288;
  for (int64_t i = 0; i < steps; ++i) {
    const int64_t m = 1 + i * 5 % most, n = 1 + i * 7 % most, k = 1 + (i * 11 + i / most) % most;
    const auto seed = static_cast<uint64_t>(i);
    const Tensor a = random_normal({m, k}, {.seed = seed});
    const Tensor b = random_normal({k, n}, {.seed = seed + 1});
    // Beside the result lies what must not be written.
    const Tensor around = full({m + 2, n}, -0.5F);
    evaluate_into(around[{slice(1, m + 1)}], matmul(a, b), generated);
    expect_same_bits(evaluate(around[{slice(1, m + 1)}]), interpreted(a, b));
    for (const int64_t row : {int64_t{0}, m + 1}) {
      ASSERT_EQ(evaluate(around[{slice(row, row + 1)}]).to_vector<float>(),
                std::vector<float>(static_cast<size_t>(n), -0.5F))
          << m << "x" << n << "x" << k;
    }
  }
}

TEST(Products, OfOneTermAreThatTermAddedToZero) {
  const float inf = std::numeric_limits<float>::infinity();
  const float tiny = std::numeric_limits<float>::denorm_min();
  const Tensor a{{-0.0F}, {1.0F}, {-tiny}, {inf}, {3.0F}};
  const Tensor b{{0.0F, -2.0F, 0.25F, tiny, 1.5F, -0.0F, inf}};
  expect_same_bits(product(a, b), interpreted(a, b));
  EXPECT_FALSE(std::signbit(product(a, b).to_vector<float>()[0])) << "-0 * 0 + 0 is +0";
  EXPECT_TRUE(std::signbit(product(a, b).to_vector<float>()[2 * 7 + 2])) << "-tiny / 4 + 0 is -0";

  const auto layer = relu(matmul(a, b) + 1.0F);
  expect_same_bits(evaluate(layer, generated),
                   evaluate(layer, {.mode = Mode::interpreted, .provider = Provider::generated}));
  const Tensor x = Tensor::copy_of(std::span<const int8_t>({{-128, 127, 3}}), {3, 1});
  const Tensor y = Tensor::copy_of(std::span<const int8_t>({{-128, 5}}), {1, 2});
  EXPECT_EQ(evaluate(matmul(x, y)).to_vector<int32_t>(),
            (std::vector<int32_t>{16384, -640, -16256, 635, -384, 15}));
}

TEST(Products, WithoutDepthAreZeros) {
  for (const Sizes s : {Sizes{9, 100, 0}, {1, 5, 0}, {0, 5, 3}, {3, 0, 3}}) {
    const Tensor c = product(zeros({s.m, s.k}, f32), zeros({s.k, s.n}, f32));
    EXPECT_EQ(c.to_vector<float>(), std::vector<float>(static_cast<size_t>(s.m * s.n), 0.0F));
  }
}

}  // namespace
}  // namespace onepass
