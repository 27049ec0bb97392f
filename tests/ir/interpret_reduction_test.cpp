// SPDX-License-Identifier: Apache-2.0
// Reductions and products against oracles that follow the wording of ir/interpret.h by recursion.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
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

/// What joins two accumulators, and what leaves each unchanged.
struct Joining {
  float (*join)(float, float);
  float identity;
};
constexpr Joining adding{[](float a, float b) { return a + b; }, -0.0f};
constexpr Joining multiplying{[](float a, float b) { return a * b; }, 1.0f};

Floats joined(Joining joining, const Floats& a, const Floats& b) {
  Floats both(a.size());
  for (size_t i = 0; i < a.size(); ++i) both[i] = joining.join(a[i], b[i]);
  return both;
}

/// The largest power of two of leading blocks as a balanced tree, then the rest.
Floats combined(Joining joining, const std::vector<Floats>& blocks, size_t begin, size_t end) {
  const size_t count = end - begin;
  if (count == 1) return blocks[begin];
  size_t head = 1;
  while (head * 2 <= count) head *= 2;
  if (head == count) head /= 2;
  return joined(joining, combined(joining, blocks, begin, begin + head),
                combined(joining, blocks, begin + head, end));
}

/// x[i] * y[i] fused into the lane, or x[i] joined where y is empty.
float inner_order(const Floats& x, const Floats& y = {}, Joining joining = adding) {
  if (x.empty()) return joining.identity + 0.0f;
  constexpr size_t lanes = 64, rows = 16;
  std::vector<Floats> blocks((x.size() + lanes * rows - 1) / (lanes * rows),
                             Floats(lanes, joining.identity));
  for (size_t i = 0; i < x.size(); ++i) {
    float& lane = blocks[i / (lanes * rows)][i % lanes];
    lane = y.empty() ? joining.join(lane, x[i]) : std::fma(x[i], y[i], lane);
  }
  Floats total = combined(joining, blocks, 0, blocks.size());
  for (size_t half = lanes / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) total[i] = joining.join(total[i], total[i + half]);
  }
  return total[0];
}

Floats outer_order(const Floats& x, size_t rows, size_t columns, Joining joining = adding) {
  std::vector<Floats> runs((rows + 15) / 16, Floats(columns, joining.identity));
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      float& column = runs[r / 16][c];
      column = joining.join(column, x[r * columns + c]);
    }
  }
  if (runs.empty()) return Floats(columns, joining.identity + 0.0f);
  return combined(joining, runs, 0, runs.size());
}

/// The text of one reduction over rows or columns.
std::string reduction_text(OpCode op, std::string_view dtype, std::string_view result, int axis) {
  return fmt::format(
      "graph r(x: {}[n, m]) where n = 5, m = 7 {{ %0 = {} x {{axes = [{}], keepdims = false}} : "
      "{}[{}] return %0 }}",
      dtype, to_string(op), axis, result, axis == 0 ? "m" : "n");
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

TEST(InterpretReduction, AProductFollowsTheOrderOfTheSum) {
  for (const int64_t n : {0, 1, 63, 65, 1025, 3000}) {
    Floats x = random_floats(static_cast<size_t>(2 * n));
    for (float& v : x) v = 1 + v * 0x1p-12f;
    const TestArray rows = array_of<float>({2, n}, x), columns = array_of<float>({n, 2}, x);
    const Floats by_row =
        run_text<float>(reduction_text(OpCode::prod, "f32", "f32", 1), {rows.view}, {2});
    for (int64_t row = 0; row < 2; ++row) {
      const Floats of_row(x.begin() + row * n, x.begin() + (row + 1) * n);
      EXPECT_EQ(by_row[static_cast<size_t>(row)], inner_order(of_row, {}, multiplying)) << n;
    }
    EXPECT_EQ(run_text<float>(reduction_text(OpCode::prod, "f32", "f32", 0), {columns.view}, {2}),
              outer_order(x, static_cast<size_t>(n), 2, multiplying))
        << n;
  }
}

TEST(InterpretReduction, ExtremesPropagateNaNAndOrderZeros) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float inf = std::numeric_limits<float>::infinity();
  for (const int64_t n : {2, 70, 1500}) {
    for (const int axis : {0, 1}) {
      // Rows of 3 cases, or columns of them.
      Floats x(static_cast<size_t>(3 * n));
      const auto at = [&](int64_t which, int64_t i) -> float& {
        return x[static_cast<size_t>(axis == 1 ? which * n + i : i * 3 + which)];
      };
      for (int64_t i = 0; i < n; ++i) {
        at(0, i) = i == n / 2 ? nan : static_cast<float>(i);
        at(1, i) = i == n - 1 ? 0.0f : -0.0f;
        at(2, i) = i % 2 == 0 ? -inf : inf;
      }
      const Shape shape = axis == 1 ? Shape{3, n} : Shape{n, 3};
      const TestArray array = array_of<float>(shape, x);
      const Floats most =
          run_text<float>(reduction_text(OpCode::max, "f32", "f32", axis), {array.view}, {3});
      const Floats least =
          run_text<float>(reduction_text(OpCode::min, "f32", "f32", axis), {array.view}, {3});
      EXPECT_TRUE(std::isnan(most[0]) && std::isnan(least[0])) << n;
      EXPECT_FALSE(std::signbit(most[1])) << n;
      EXPECT_TRUE(std::signbit(least[1])) << n;
      EXPECT_EQ(most[2], inf);
      EXPECT_EQ(least[2], -inf);
    }
  }
}

TEST(InterpretReduction, ExtremesOfTheLowestElementsAreThese) {
  const TestArray lowest = array_of<float>({1, 3}, Floats(3, -INFINITY));
  EXPECT_EQ(run_text<float>(reduction_text(OpCode::max, "f32", "f32", 1), {lowest.view}, {1})[0],
            -INFINITY);
  const TestArray small = array_of<int8_t>({1, 3}, {INT8_MIN, INT8_MIN, INT8_MIN});
  EXPECT_EQ(run_text<int8_t>(reduction_text(OpCode::max, "i8", "i8", 1), {small.view}, {1})[0],
            INT8_MIN);
  const TestArray large = array_of<uint64_t>({1, 2}, {UINT64_MAX, UINT64_MAX});
  EXPECT_EQ(run_text<uint64_t>(reduction_text(OpCode::min, "u64", "u64", 1), {large.view}, {1})[0],
            UINT64_MAX);
}

TEST(InterpretReduction, TruthIsWhatIsNotZero) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const TestArray x =
      array_of<float>({4, 3}, {0, -0.0f, 0, nan, 0x1p-149f, 1, 0, 0.25f, 0, nan, 0, 0});
  const auto run = [&](OpCode op) {
    return run_text<bool>(reduction_text(op, "f32", "boolean", 1), {x.view}, {4});
  };
  EXPECT_EQ(run(OpCode::any), (std::vector<bool>{0, 1, 1, 1}));
  EXPECT_EQ(run(OpCode::all), (std::vector<bool>{0, 1, 0, 0}));
  EXPECT_EQ(
      run_text<int64_t>(reduction_text(OpCode::count_nonzero, "f32", "i64", 1), {x.view}, {4}),
      (std::vector<int64_t>{0, 3, 1, 1}));
}

TEST(InterpretReduction, OverNothingIsTheStatedValue) {
  const TestArray rows = empty_array<float>({2, 0});
  const TestArray columns = empty_array<float>({0, 2});
  for (const int axis : {0, 1}) {
    const auto& x = axis == 1 ? rows : columns;
    EXPECT_EQ(run_text<float>(reduction_text(OpCode::prod, "f32", "f32", axis), {x.view}, {2}),
              (Floats{1, 1}));
    EXPECT_EQ(run_text<bool>(reduction_text(OpCode::any, "f32", "boolean", axis), {x.view}, {2}),
              (std::vector<bool>{0, 0}));
    EXPECT_EQ(run_text<bool>(reduction_text(OpCode::all, "f32", "boolean", axis), {x.view}, {2}),
              (std::vector<bool>{1, 1}));
  }
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
