// SPDX-License-Identifier: Apache-2.0
// Sums and products against oracles that follow the wording of ir/interpret.h by recursion.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "interpret_fixture.h"

namespace onepass::ir {
namespace {

using Floats = std::vector<float>;

Floats random_floats(size_t count) {
  std::mt19937 random(5);
  Floats values(count);
  for (float& v : values) v = std::ldexp(static_cast<float>(random() >> 8) - 0x1p23f, -20);
  return values;
}

Floats plus(const Floats& a, const Floats& b) {
  Floats sum(a.size());
  for (size_t i = 0; i < a.size(); ++i) sum[i] = a[i] + b[i];
  return sum;
}

/// The largest power of two of leading blocks as a balanced tree, then the rest.
Floats combined(const std::vector<Floats>& blocks, size_t begin, size_t end) {
  const size_t count = end - begin;
  if (count == 1) return blocks[begin];
  size_t head = 1;
  while (head * 2 <= count) head *= 2;
  if (head == count) head /= 2;
  return plus(combined(blocks, begin, begin + head), combined(blocks, begin + head, end));
}

/// x[i] * y[i] fused into the lane, or x[i] added where y is empty.
float inner_order(const Floats& x, const Floats& y = {}) {
  if (x.empty()) return 0;
  constexpr size_t lanes = 64, rows = 16;
  std::vector<Floats> blocks((x.size() + lanes * rows - 1) / (lanes * rows), Floats(lanes, -0.0f));
  for (size_t i = 0; i < x.size(); ++i) {
    float& lane = blocks[i / (lanes * rows)][i % lanes];
    lane = y.empty() ? lane + x[i] : std::fma(x[i], y[i], lane);
  }
  Floats total = combined(blocks, 0, blocks.size());
  for (size_t half = lanes / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) total[i] += total[i + half];
  }
  return total[0];
}

Floats outer_order(const Floats& x, size_t rows, size_t columns) {
  std::vector<Floats> runs((rows + 15) / 16, Floats(columns, -0.0f));
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) runs[r / 16][c] += x[r * columns + c];
  }
  return runs.empty() ? Floats(columns, 0.0f) : combined(runs, 0, runs.size());
}

constexpr const char* sum_rows =
    "graph s(x: f32[n, m]) where n = 5, m = 7 { %0 = sum x {axes = [1], keepdims = false} : f32[n] "
    "return %0 }";
constexpr const char* sum_columns =
    "graph s(x: f32[n, m]) where n = 5, m = 7 { %0 = sum x {axes = [0], keepdims = true} : f32[1, "
    "m] return %0 }";

TEST(InterpretSum, InnerFollowsLanesBlocksAndHalving) {
  for (const int64_t n : {0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 3000, 20000}) {
    const Floats x = random_floats(static_cast<size_t>(3 * n));
    const TestArray array = array_of<float>({3, n}, x);
    const Floats got = run_text<float>(sum_rows, {array.view}, {3});
    for (int64_t row = 0; row < 3; ++row) {
      const Floats of_row(x.begin() + row * n, x.begin() + (row + 1) * n);
      EXPECT_EQ(got[static_cast<size_t>(row)], inner_order(of_row)) << n;
    }
  }
}

TEST(InterpretSum, OuterFollowsRunsOfSixteenRows) {
  for (const int64_t rows : {0, 1, 15, 16, 17, 48, 100, 1000}) {
    for (const int64_t columns : {2, 7, 300}) {
      const Floats x = random_floats(static_cast<size_t>(rows * columns));
      const TestArray array = array_of<float>({rows, columns}, x);
      EXPECT_EQ(run_text<float>(sum_columns, {array.view}, {1, columns}),
                outer_order(x, static_cast<size_t>(rows), static_cast<size_t>(columns)))
          << rows << " " << columns;
    }
  }
}

TEST(InterpretSum, StridesDoNotDecideTheOrder) {
  const Floats x = random_floats(200 * 3);
  const TestArray columns = array_of<float>({200, 3}, x);
  const std::vector<int64_t> transposed = {1, 0};
  const Floats got = run_text<float>(sum_rows, {permuted(columns.view, transposed)}, {3});
  for (size_t row = 0; row < 3; ++row) {
    Floats of_row;
    for (size_t i = 0; i < 200; ++i) of_row.push_back(x[i * 3 + row]);
    EXPECT_EQ(got[row], inner_order(of_row));
  }
}

TEST(InterpretSum, KeepsNegativeZeroUnlessEmpty) {
  const TestArray zeros = array_of<float>({2, 3}, Floats(6, -0.0f));
  EXPECT_TRUE(std::signbit(run_text<float>(sum_rows, {zeros.view}, {2})[0]));
  const TestArray none = empty_array<float>({2, 0});
  EXPECT_FALSE(std::signbit(run_text<float>(sum_rows, {none.view}, {2})[0]));
}

TEST(InterpretSum, IntegersWrap) {
  const TestArray x = array_of<int64_t>({3}, {INT64_MAX, 1, 5});
  EXPECT_EQ(run_text<int64_t>("graph s(x: i64[n]) where n = 4 { %0 = sum x {axes = [0], keepdims = "
                              "false} : i64[] return %0 }",
                              {x.view}, {}),
            std::vector<int64_t>{INT64_MIN + 5});
}

TEST(InterpretMatmul, AddsKInIndexOrderByFma) {
  constexpr int64_t m = 3, k = 70, n = 5;
  const Floats a = random_floats(m * k);
  Floats b = random_floats(k * n + 1);
  b.erase(b.begin());
  Floats want;
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < n; ++j) {
      float sum = 0;
      for (size_t l = 0; l < k; ++l) sum = std::fma(a[i * k + l], b[l * n + j], sum);
      want.push_back(sum);
    }
  }
  const TestArray lhs = array_of<float>({m, k}, a);
  const TestArray rhs = array_of<float>({k, n}, b);
  EXPECT_EQ(run_text<float>("graph p(x: f32[m, k], y: f32[k, n]) where m = 4, k = 5, n = 6 { %0 = "
                            "matmul x, y : f32[m, n] return %0 }",
                            {lhs.view, rhs.view}, {m, n}),
            want);
}

TEST(InterpretMatmul, OneColumnIsAnInnerSumOfProducts) {
  constexpr int64_t m = 2, k = 3000;
  const Floats a = random_floats(m * k);
  const Floats b = random_floats(k);
  const TestArray lhs = array_of<float>({m, k}, a);
  const TestArray rhs = array_of<float>({k}, b);
  const Floats got = run_text<float>(
      "graph p(x: f32[m, k], y: f32[k]) where m = 4, k = 5 { %0 = matmul x, y : f32[m] return %0 }",
      {lhs.view, rhs.view}, {m});
  EXPECT_EQ(got[0], inner_order({a.begin(), a.begin() + k}, b));
  EXPECT_EQ(got[1], inner_order({a.begin() + k, a.end()}, b));
}

TEST(InterpretMatmul, BatchesBroadcastAndAnEmptyKGivesZero) {
  const TestArray lhs = array_of<int32_t>({2, 1, 2}, {1, 2, 3, 4});
  const TestArray rhs = array_of<int32_t>({2, 3}, {1, 10, 100, 2, 20, 200});
  constexpr const char* text =
      "graph p(x: i32[b, 1, k], y: i32[k, n]) where b = 4, k = 5, n = 6 { %0 = matmul x, y : "
      "i32[b, 1, n] return %0 }";
  EXPECT_EQ(run_text<int32_t>(text, {lhs.view, rhs.view}, {2, 1, 3}),
            (std::vector<int32_t>{5, 50, 500, 11, 110, 1100}));
  const TestArray no_lhs = empty_array<int32_t>({2, 1, 0});
  const TestArray no_rhs = empty_array<int32_t>({0, 3});
  EXPECT_EQ(run_text<int32_t>(text, {no_lhs.view, no_rhs.view}, {2, 1, 3}),
            std::vector<int32_t>(6, 0));
}

}  // namespace
}  // namespace onepass::ir
