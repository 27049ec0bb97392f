// SPDX-License-Identifier: Apache-2.0
// Panels of constants: made for products of few rows, shared, counted and freed; the same bits.
#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "onepass/engine/constant.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

/// Columns that fill no whole panel.
constexpr int64_t inner = 259, columns = 8 * 65 + 3;

Tensor left(int64_t rows, DType dtype = f32) {
  return testing::sample_tensor(dtype, {rows, inner}, 1);
}
Tensor weights(int seed = 2, DType dtype = f32) {
  return testing::sample_tensor(dtype, {inner, columns}, seed);
}

int64_t packed_by(const auto& run) {
  const int64_t before = packed_constant_bytes();
  run();
  return packed_constant_bytes() - before;
}

/// Of weights(): panels are as wide as a vector of the target.
bool is_size_of_panels(int64_t bytes) {
  const int64_t column = inner * 4;
  return bytes == (columns + 5) * column || bytes == (columns + 13) * column;
}

TEST(ConstantPanels, GiveTheBitsOfWhatTheyWereMadeOf) {
  for (const DType dtype : {f32, f64}) {
    const Tensor w = weights(2, dtype), c = constant(w);
    for (int64_t rows = 1; rows <= 10; ++rows) {
      for (const int threads : {1, 2}) {
        const EvaluateOptions options{.threads = threads};
        const Tensor x = left(rows, dtype);
        SCOPED_TRACE(std::to_string(rows) + " rows of " + std::string(to_string(dtype)));
        EXPECT_TRUE(same_bits(evaluate(matmul(x, c), options), evaluate(matmul(x, w), options)));
      }
    }
  }
}

TEST(ConstantPanels, GiveTheSameBitsInEveryModeAndFusion) {
  const Tensor w = weights(2), v = weights(3), c = constant(w), d = constant(v);
  const Tensor b = testing::sample_tensor(f32, {columns}, 4);
  for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
    const EvaluateOptions options{.mode = mode};
    const Tensor x = left(4);
    EXPECT_TRUE(same_bits(evaluate(gelu(matmul(x, c) + b), options),
                          evaluate(gelu(matmul(x, w) + b), options)));
    EXPECT_TRUE(same_bits(evaluate(matmul(x, c) * silu(matmul(x, d)), options),
                          evaluate(matmul(x, w) * silu(matmul(x, v)), options)));
    EXPECT_TRUE(same_bits(evaluate(matmul(x, c) + c[{0}], options),
                          evaluate(matmul(x, w) + w[{0}], options)));
  }
}

TEST(ConstantPanels, AreMadeOfViewsToo) {
  const Tensor w = testing::sample_tensor(f32, {2 * inner, 3 * columns}, 2), c = constant(w);
  const auto odd = [](const Tensor& t) {
    return t[{slice(1, 1 + inner), slice(5, 5 + 2 * columns, 2)}];
  };
  const auto dense = [](const Tensor& t) { return t[{slice(0, inner), slice(7, 7 + columns)}]; };
  const Tensor x = left(3);
  EXPECT_TRUE(same_bits(evaluate(matmul(x, odd(c))), evaluate(matmul(x, odd(w)))));
  EXPECT_TRUE(same_bits(evaluate(matmul(x, dense(c))), evaluate(matmul(x, dense(w)))));
  const Tensor turned = testing::sample_tensor(f32, {columns, inner}, 3), t = constant(turned);
  EXPECT_TRUE(same_bits(evaluate(matmul(x, matrix_transpose(t))),
                        evaluate(matmul(x, matrix_transpose(turned)))));
}

TEST(ConstantPanels, AreMadeOnceForAllNumbersOfRowsAndAllExpressions) {
  const Tensor c = constant(weights());
  EXPECT_TRUE(is_size_of_panels(packed_by([&] { evaluate(matmul(left(4), c)); })));
  EXPECT_EQ(packed_by([&] {
              for (int64_t rows = 1; rows <= 8; ++rows) evaluate(relu(matmul(left(rows), c)));
              evaluate(Value(matmul(left(2), c)), {.mode = Mode::unfused});
              std::vector<std::thread> threads;
              for (int i = 0; i < 4; ++i) {
                threads.emplace_back([&] { evaluate(matmul(left(4), c)); });
              }
              for (std::thread& thread : threads) thread.join();
            }),
            0);
}

TEST(ConstantPanels, ReplaceDenseRowsWhereNothingElseReadsThose) {
  const Tensor c = constant(testing::sample_tensor(f32, {columns, inner}, 3));
  EXPECT_TRUE(
      is_size_of_panels(packed_by([&] { evaluate(matmul(left(4), matrix_transpose(c))); })));
  EXPECT_EQ(packed_by([&] { evaluate(matmul(left(40), matrix_transpose(c))); }),
            inner * columns * 4);
}

TEST(ConstantPanels, AreNotMadeWhereManyRowsOrSmallMatricesReadInPlace) {
  const Tensor c = constant(weights());
  EXPECT_EQ(packed_by([&] {
              evaluate(matmul(left(40), c));
              evaluate(matmul(left(4), c[{all, slice(0, 100)}]));
              evaluate(matmul(left(4)[{all, slice(0, 20)}], c[{slice(0, 20)}]));
              evaluate(c + 1.0f);
            }),
            0);
}

TEST(ConstantPanels, AreFreedWithTheConstant) {
  std::optional<Tensor> c = constant(weights());
  const int64_t before = packed_constant_bytes();
  evaluate(matmul(left(4), *c));
  EXPECT_GT(packed_constant_bytes(), before);
  c.reset();
  EXPECT_EQ(packed_constant_bytes(), before);
}

TEST(ConstantPanels, ServeNoCallOfOtherTensors) {
  const Tensor w = weights(2), v = weights(3), x = left(4);
  const auto both = [&](const Tensor& a, const Tensor& b) {
    return evaluate(matmul(x, a) - matmul(x, b));
  };
  const Tensor c = constant(w), d = constant(v);
  const Tensor expected = both(w, v), none = both(w, w);
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_TRUE(same_bits(both(c, c), none));
    EXPECT_TRUE(same_bits(both(c, d), expected));
    EXPECT_TRUE(same_bits(both(c, v), expected));
    EXPECT_TRUE(same_bits(both(w, d), expected));
  }
}

TEST(ConstantPanels, AreExplained) {
  const Explanation why = explain(matmul(left(4), constant(weights())));
  const auto packed = why.packed_constants();
  ASSERT_EQ(packed.size(), 1u);
  EXPECT_TRUE(packed[0].form == "panels of 16 columns" || packed[0].form == "panels of 8 columns");
  EXPECT_TRUE(is_size_of_panels(packed[0].bytes));
  EXPECT_NE(to_string(why).find("y in panels that are packed once"), std::string::npos);
  EXPECT_TRUE(explain(matmul(left(4), weights())).packed_constants().empty());
}

}  // namespace
}  // namespace onepass
