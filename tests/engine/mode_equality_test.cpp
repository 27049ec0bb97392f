// SPDX-License-Identifier: Apache-2.0
// The second promise: one expression has one result, whatever the mode, the threads and the layout.
#include <gtest/gtest.h>

#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;
using testing::SampleLayout;

class EveryOp : public ::testing::TestWithParam<ir::OpCode> {};

std::string name_of(const ::testing::TestParamInfo<ir::OpCode>& row) {
  return std::string(ir::to_string(row.param));
}

std::vector<Value> operands_of(ir::OpCode op, DType dtype, SampleLayout layout) {
  std::vector<Value> operands;
  for (const DType operand : testing::operand_dtypes(op, dtype)) {
    operands.emplace_back(
        testing::sample_operand(operand, layout, static_cast<int>(operands.size())));
  }
  return operands;
}

TEST_P(EveryOp, HasTheSameBitsInEveryModeAndForEveryThreadCount) {
  for (const DType dtype : testing::accepted_dtypes(GetParam())) {
    for (const SampleLayout layout : testing::sample_layouts()) {
      SCOPED_TRACE(std::string(to_string(dtype)) + " " + std::string(testing::to_string(layout)));
      const Value result = Value::apply(GetParam(), operands_of(GetParam(), dtype, layout));
      // A second use makes fused and unfused differ in kernels, and the first value an extra
      // output.
      const Value both[] = {result, equal(result, result)};
      const std::vector<Tensor> expected = evaluate(both, {.mode = Mode::interpreted});
      for (const Mode mode : {Mode::fused, Mode::unfused}) {
        for (const int threads : {1, 2, 5}) {
          const std::vector<Tensor> actual = evaluate(both, {.mode = mode, .threads = threads});
          EXPECT_TRUE(same_bits(actual[0], expected[0]));
          EXPECT_TRUE(same_bits(actual[1], expected[1]));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OpTable, EveryOp,
                         ::testing::ValuesIn(std::vector<ir::OpCode>(ir::elementwise_ops().begin(),
                                                                     ir::elementwise_ops().end())),
                         name_of);

class EveryComposite : public ::testing::TestWithParam<ir::Composite> {};

TEST_P(EveryComposite, HasTheSameBitsInEveryMode) {
  if (GetParam() == ir::Composite::linear) GTEST_SKIP() << "needs matrices; tested with products";
  for (const DType dtype : {f16, bf16, f32, f64}) {
    for (const SampleLayout layout : testing::sample_layouts()) {
      std::vector<Value> operands;
      for (int i = 0; i < ir::info(GetParam()).arity; ++i)
        operands.emplace_back(testing::sample_operand(dtype, layout, i));
      const Value result = Value::apply(GetParam(), operands);
      const Tensor expected = evaluate(result, {.mode = Mode::interpreted});
      EXPECT_TRUE(same_bits(evaluate(result), expected));
      EXPECT_TRUE(same_bits(evaluate(result, {.mode = Mode::unfused}), expected));
      EXPECT_TRUE(same_bits(evaluate(result, {.threads = 5}), expected));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(CompositeTable, EveryComposite,
                         ::testing::ValuesIn(std::vector<ir::Composite>(ir::composites().begin(),
                                                                        ir::composites().end())),
                         [](const auto& row) { return std::string(ir::to_string(row.param)); });

TEST(Sum, HasTheSameBitsInEveryModeAndForEveryThreadCount) {
  const std::vector<Shape> shapes{{1},    {63},    {64},      {65},      {1023},
                                  {1025}, {70001}, {3, 4097}, {4097, 3}, {5, 7, 11},
                                  {0, 4}, {4, 0},  {1, 300},  {300, 1},  {17, 33, 129}};
  for (const DType dtype : {f16, bf16, f32, f64, i8, i64, u16}) {
    for (const Shape& shape : shapes) {
      const Tensor x = testing::sample_tensor(dtype, shape, 3);
      for (int axis = -1; axis < shape.rank(); ++axis) {
        SCOPED_TRACE(std::string(to_string(dtype)) + to_string(shape) + " axis " +
                     std::to_string(axis));
        const Axes axes = axis < 0 ? Axes() : Axes(axis);
        const auto s = sum(x * x, {.axis = axes});
        const Tensor expected = evaluate(s, {.mode = Mode::interpreted});
        for (const int threads : {1, 2, 5}) {
          EXPECT_TRUE(same_bits(evaluate(s, {.threads = threads}), expected));
          EXPECT_TRUE(
              same_bits(evaluate(s, {.mode = Mode::unfused, .threads = threads}), expected));
        }
      }
    }
  }
}

TEST(Sum, OfAViewIsTheSumOfItsCopy) {
  const Tensor x = testing::sample_tensor(f32, {37, 41, 5}, 9);
  const std::vector<Tensor> views{
      permute_dims(x, {2, 0, 1}), x[{slice(std::nullopt, std::nullopt, -2), all, slice(1, 4)}],
      permute_dims(x, {1, 2, 0})[{slice(3, 30)}], broadcast_to(x, {3, 37, 41, 5})};
  for (const Tensor& view : views) {
    const Tensor copy = Tensor::copy_of(view);
    for (int axis = -1; axis < view.rank(); ++axis) {
      const Axes axes = axis < 0 ? Axes() : Axes(axis);
      EXPECT_TRUE(same_bits(sum(view, {.axis = axes}), sum(copy, {.axis = axes})));
    }
    EXPECT_TRUE(same_bits(sum(view, {.axis = {0, 2}}), sum(copy, {.axis = {0, 2}})));
  }
}

TEST(Matmul, HasTheSameBitsInEveryModeForBothProviders) {
  const std::vector<std::pair<Shape, Shape>> pairs{
      {{1, 1}, {1, 1}},         {{3, 5}, {5, 7}},      {{17, 33}, {33, 9}}, {{64, 64}, {64, 64}},
      {{1, 100}, {100, 40}},    {{40, 100}, {100, 1}}, {{100}, {100}},      {{5, 100}, {100}},
      {{100}, {100, 5}},        {{0, 4}, {4, 3}},      {{4, 0}, {0, 3}},    {{2, 5, 6}, {6, 3}},
      {{4, 1, 5, 6}, {3, 6, 2}}};
  for (const DType dtype : {f16, bf16, f32, f64, i8, i32, u8}) {
    for (const auto& [left, right] : pairs) {
      const Tensor a = testing::sample_tensor(dtype, left, 5);
      const Tensor b = testing::sample_tensor(dtype, right, 6);
      const auto product = matmul(a, b);
      for (const Provider provider : {Provider::generated, Provider::openblas}) {
        if (provider == Provider::openblas && dtype != f32 && dtype != f64) continue;
        SCOPED_TRACE(std::string(to_string(dtype)) + to_string(left) + to_string(right));
        const EvaluateOptions interpreted{.mode = Mode::interpreted, .provider = provider};
        const Tensor expected = evaluate(product, interpreted);
        EXPECT_TRUE(same_bits(evaluate(product, {.provider = provider}), expected));
        EXPECT_TRUE(
            same_bits(evaluate(product, {.mode = Mode::unfused, .provider = provider}), expected));
        if (provider == Provider::generated) {
          EXPECT_TRUE(same_bits(evaluate(product, {.threads = 5, .provider = provider}), expected));
        }
      }
    }
  }
}

TEST(Matmul, OfBytesIsAnI32ThatHoldsTheirSums) {
  const Shape left{7, 300}, right{300, 33};
  for (const auto& [a_dtype, b_dtype] : {std::pair{i8, i8}, {u8, i8}, {i8, u8}, {u8, u8}}) {
    // Every fifth element is the one of the largest magnitude.
    const auto extreme = [](const Shape& shape, DType dtype, int64_t step) {
      const Tensor order = reshape(arange(shape[0] * shape[1]) * step % 5, shape);
      return evaluate(astype(where(order == 0, dtype == u8 ? 255 : -128, order * 42), dtype));
    };
    const Tensor a = extreme(left, a_dtype, 7), b = extreme(right, b_dtype, 3);
    const Tensor expected = evaluate(
        sum(expand_dims(astype(a, i64), {2}) * expand_dims(astype(b, i64), {0}), {.axis = {1}}));
    for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
      const Tensor product = evaluate(matmul(a, b), {.mode = mode});
      EXPECT_EQ(product.dtype(), i32);
      EXPECT_TRUE(same_bits(evaluate(astype(product, i64)), expected));
    }
  }
}

TEST(Matmul, OfViewsIsTheProductOfTheirCopies) {
  const Tensor a = testing::sample_tensor(f32, {40, 30}, 1);
  const Tensor b = testing::sample_tensor(f32, {50, 30}, 2);
  const EvaluateOptions generated{.provider = Provider::generated};
  const Tensor bt = matrix_transpose(b);
  EXPECT_TRUE(same_bits(evaluate(matmul(a, bt), generated),
                        evaluate(matmul(a, Tensor::copy_of(bt)), generated)));
  const Tensor at = matrix_transpose(a)[{slice(0, 30, 2)}];
  const Tensor c = testing::sample_tensor(f32, {40, 21}, 3)[{all, slice(2, 20)}];
  EXPECT_TRUE(same_bits(evaluate(matmul(at, c), generated),
                        evaluate(matmul(Tensor::copy_of(at), Tensor::copy_of(c)), generated)));
}

TEST(Linear, WithAnActivationHasTheSameBitsInEveryMode) {
  const Tensor x = testing::sample_tensor(f32, {33, 20}, 1), w = random_normal({20, 37}),
               b = random_normal({37});
  for (const Provider provider : {Provider::generated, Provider::openblas}) {
    const auto layer = gelu(linear(x, w, b));
    const Tensor expected = evaluate(layer, {.mode = Mode::interpreted, .provider = provider});
    EXPECT_TRUE(same_bits(evaluate(layer, {.provider = provider}), expected));
    EXPECT_TRUE(
        same_bits(evaluate(layer, {.mode = Mode::unfused, .provider = provider}), expected));
  }
}

}  // namespace
}  // namespace onepass
