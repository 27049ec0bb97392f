// SPDX-License-Identifier: Apache-2.0
// Values, map, structural functions of expressions.
#include "onepass/engine/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "error_text.h"
#include "onepass/engine/onepass.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

TEST(Value, GrowsInALoop) {
  const Tensor c{0.5f, 0.25f}, d{1.f, 2.f};
  Value acc = lazy(c);
  for (int i = 0; i < 3; ++i) acc = acc * c + d;
  float expected = 0.5f;
  for (int i = 0; i < 3; ++i) expected = expected * 0.5f + 1.f;
  EXPECT_EQ(evaluate(acc).data<float>()[0], expected);
}

TEST(Value, EqualsTheTypedExpression) {
  const Tensor x = random_normal({333});
  const Value v = x;
  EXPECT_TRUE(same_bits(evaluate(gelu(v) * 2 + pow(v, 3)), evaluate(gelu(x) * 2 + pow(x, 3))));
}

TEST(Value, MixesWithTypedExpressions) {
  const Tensor x{1.f, 2.f};
  const Value v = x * 2 + 1;
  EXPECT_EQ(evaluate(v + (x - 1)).to_vector<float>(), (std::vector<float>{3, 6}));
}

TEST(Value, KnowsItsShapeAndDtype) {
  const Value v = matmul(zeros({2, 3}), Value(zeros({3, 4})));
  EXPECT_EQ(v.shape(), (Shape{2, 4}));
  EXPECT_EQ(Value(v < 1).dtype(), boolean);
}

TEST(Value, SharedPartsAreComputedOnce) {
  const Tensor x = random_uniform({100});
  Value y = exp(Value(x));
  for (int i = 0; i < 20; ++i) y = y + y;  // 2^20 paths, 21 operations
  EXPECT_EQ(explain(y).kernels().at(0).operations, 21);
  EXPECT_TRUE(same_bits(evaluate(y), evaluate(exp(x) * 1048576.f)));
}

TEST(Value, OfAMillionNodesIsMadeAndDestroyedWithoutRecursion) {
  Value y = Tensor{1.f};
  for (int i = 0; i < 1000000; ++i) y = y + 1;
  const Value copy = y;
  y = Value(0.f);
  EXPECT_EQ(copy.shape(), (Shape{1}));
}

TEST(Value, EmptyHandleIsAnError) {
  const Value empty;
  EXPECT_EQ(error_text([&] { evaluate(empty + 1); }),
            "Value: the handle is empty; assign a value to it first.");
}

TEST(Value, WrongNumberOfOperandsIsAnError) {
  EXPECT_EQ(error_text([] { Value::apply(ir::OpCode::atan2, {Value(1.0)}); }),
            "atan2: 1 operands; it takes 2.");
}

TEST(Map, AppliesALambdaElementByElement) {
  const Tensor x = random_normal({50}), y = random_normal({50});
  const auto m = map([](auto v, auto u) { return v / (1 + exp(-u)); }, x, y);
  EXPECT_TRUE(same_bits(evaluate(m), evaluate(x / (1 + exp(-y)))));
  EXPECT_TRUE(same_bits(evaluate(sum(m)), evaluate(sum(x / (1 + exp(-y))))));
}

TEST(Concat, JoinsAlongAnAxis) {
  const Tensor a{{1.f, 2.f}}, b{{3.f, 4.f}, {5.f, 6.f}};
  EXPECT_EQ(evaluate(concat({a, b * 1})).to_vector<float>(),
            (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(evaluate(concat({b, b + 10}, 1)).to_vector<float>(),
            (std::vector<float>{3, 4, 13, 14, 5, 6, 15, 16}));
  EXPECT_EQ(evaluate(concat({b, b}, -1) * 2).shape(), (Shape{2, 4}));
}

TEST(Concat, OfSeveralThenMappedHasTheSameBitsInEveryMode) {
  const Tensor a = random_normal({5, 3}), b = random_normal({7, 3});
  const Value y = tanh(concat({a * 2, b, sqrt(abs(a))})) + 1;
  const Tensor expected = evaluate(y, {.mode = Mode::interpreted});
  EXPECT_TRUE(same_bits(evaluate(y), expected));
  EXPECT_TRUE(same_bits(evaluate(y, {.mode = Mode::unfused}), expected));
}

TEST(Stack, AddsAnAxis) {
  const Tensor a{1.f, 2.f}, b{3.f, 4.f};
  EXPECT_EQ(evaluate(stack({a, b})).shape(), (Shape{2, 2}));
  EXPECT_EQ(evaluate(stack({a, b}, 1)).to_vector<float>(), (std::vector<float>{1, 3, 2, 4}));
  EXPECT_EQ(error_text([&] { evaluate(stack({a, Tensor{1.f}})); }),
            "stack: the first operand is f32[2], another is f32[1]; shapes must be equal.");
}

TEST(Take, PicksSlicesAndCountsFromTheEnd) {
  const Tensor x = reshape(arange(0.0, 12.0), {4, 3});
  const Tensor indices{int64_t{3}, int64_t{-4}, int64_t{1}};
  EXPECT_EQ(evaluate(take(x * 1, indices)).to_vector<float>(),
            (std::vector<float>{9, 10, 11, 0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(evaluate(take(x, Tensor{int64_t{2}}, 1)).to_vector<float>(),
            (std::vector<float>{2, 5, 8, 11}));
}

TEST(Index, OfAnExpressionIsTheIndexOfItsResult) {
  const Tensor x = reshape(arange(0.0, 24.0), {2, 3, 4});
  const auto twice = x * 2;
  const Tensor whole = twice;
  EXPECT_TRUE(same_bits(evaluate(twice[{1}]), whole[{1}]));
  EXPECT_TRUE(same_bits(evaluate(twice[{all, -1, newaxis}]), whole[{all, -1, newaxis}]));
  EXPECT_TRUE(same_bits(evaluate(twice[{all, slice(std::nullopt, std::nullopt, -1), slice(1, 3)}]),
                        whole[{all, slice(std::nullopt, std::nullopt, -1), slice(1, 3)}]));
}

TEST(Views, OfExpressionsAreTheViewsOfTheirResults) {
  const Tensor x = random_normal({2, 3, 4});
  const auto y = x + 1;
  const Tensor whole = y;
  EXPECT_TRUE(same_bits(evaluate(permute_dims(y, {2, 0, 1})), permute_dims(whole, {2, 0, 1})));
  EXPECT_TRUE(same_bits(evaluate(matrix_transpose(y)), matrix_transpose(whole)));
  EXPECT_TRUE(same_bits(evaluate(reshape(y, {6, -1})), reshape(whole, {6, 4})));
  EXPECT_TRUE(same_bits(evaluate(expand_dims(y, -1)), expand_dims(whole, -1)));
  EXPECT_TRUE(same_bits(evaluate(squeeze(expand_dims(y, 0), 0)), whole));
  EXPECT_TRUE(
      same_bits(evaluate(broadcast_to(y, {5, 2, 3, 4})), broadcast_to(whole, {5, 2, 3, 4})));
}

TEST(Astype, ConvertsLikeToVector) {
  const Tensor x{1.7f, -2.5f, 1e30f, -1e30f, NAN, 0.f, 255.4f};
  for (int i = 0; i < dtype_count; ++i) {
    const auto dtype = static_cast<DType>(i);
    const Tensor converted = evaluate(astype(x, dtype));
    visit_dtype(dtype, [&](auto zero) {
      using T = decltype(zero);
      EXPECT_TRUE(same_bits(converted, Tensor::copy_of(std::span<const T>(
                                           converted.data<T>(), static_cast<size_t>(x.size())))));
      if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
        const std::vector<T> expected = x.to_vector<T>();
        EXPECT_TRUE(same_bits(converted, Tensor::copy_of(std::span<const T>(expected))))
            << to_string(dtype);
      }
    });
  }
}

}  // namespace
}  // namespace onepass
