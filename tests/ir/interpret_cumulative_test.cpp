// SPDX-License-Identifier: Apache-2.0
// Running reductions against an oracle that follows the wording of ir/interpret.h.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "interpret_fixture.h"
#include "onepass/ir/cumulative.h"

namespace onepass::ir {
namespace {

using Floats = std::vector<float>;

Floats random_floats(size_t count) {
  std::mt19937 random(5);
  Floats values(count);
  for (float& v : values) v = std::ldexp(static_cast<float>(random() >> 8) - 0x1p23f, -20);
  return values;
}

Floats running_sums(const Floats& x) {
  Floats result(x.size());
  float offset = -0.0f, block = -0.0f;
  for (size_t i = 0; i < x.size(); ++i) {
    if (i % 256 == 0 && i > 0) {
      offset = result[i - 1];
      block = -0.0f;
    }
    block += x[i];
    result[i] = offset + block;
  }
  return result;
}

std::string text_of(OpCode op, int axis, std::string_view dtype, std::string_view result) {
  return fmt::format(
      "graph c(x: {}[n, m]) where n = 5, m = 7 {{ %0 = {} x {{axis = {}}} : {}[n, m] return %0 }}",
      dtype, to_string(op), axis, result);
}

TEST(InterpretCumulative, AddsBlocksToTheirOffsets) {
  for (const int64_t n : {1, 2, 255, 256, 257, 512, 1000, 3000}) {
    const Floats x = random_floats(static_cast<size_t>(3 * n));
    const TestArray rows = array_of<float>({3, n}, x), columns = array_of<float>({n, 3}, x);
    const Floats by_row =
        run_text<float>(text_of(OpCode::cumulative_sum, 1, "f32", "f32"), {rows.view}, {3, n});
    const Floats by_column =
        run_text<float>(text_of(OpCode::cumulative_sum, 0, "f32", "f32"), {columns.view}, {n, 3});
    const auto count = static_cast<size_t>(n);
    for (size_t r = 0; r < 3; ++r) {
      Floats row(count), column(count), got_row(count), got_column(count);
      for (size_t i = 0; i < count; ++i) {
        row[i] = x[r * count + i];
        column[i] = x[i * 3 + r];
        got_row[i] = by_row[r * count + i];
        got_column[i] = by_column[i * 3 + r];
      }
      EXPECT_EQ(got_row, running_sums(row)) << n;
      EXPECT_EQ(got_column, running_sums(column)) << n;
    }
  }
}

TEST(InterpretCumulative, KeepsNegativeZeroAndWidensIntegers) {
  const TestArray zeros = array_of<float>({1, 3}, {-0.0f, -0.0f, 0.0f});
  const Floats sums =
      run_text<float>(text_of(OpCode::cumulative_sum, 1, "f32", "f32"), {zeros.view}, {1, 3});
  EXPECT_TRUE(std::signbit(sums[1]));
  EXPECT_FALSE(std::signbit(sums[2]));
  const TestArray small = array_of<int8_t>({1, 3}, {100, 100, -50});
  EXPECT_EQ(
      run_text<int64_t>(text_of(OpCode::cumulative_sum, 1, "i8", "i64"), {small.view}, {1, 3}),
      (std::vector<int64_t>{100, 200, 150}));
  EXPECT_EQ(
      run_text<int64_t>(text_of(OpCode::cumulative_prod, 1, "i8", "i64"), {small.view}, {1, 3}),
      (std::vector<int64_t>{100, 10000, -500000}));
}

TEST(InterpretCumulative, OfNothingIsNothing) {
  const TestArray none = empty_array<float>({2, 0});
  EXPECT_TRUE(run_text<float>(text_of(OpCode::cumulative_sum, 1, "f32", "f32"), {none.view}, {2, 0})
                  .empty());
}

}  // namespace
}  // namespace onepass::ir
