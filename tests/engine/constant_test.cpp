// SPDX-License-Identifier: Apache-2.0
// Constants: packed once, shared, counted and freed; the bits of what they were made of.
#include "onepass/engine/constant.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "error_text.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

constexpr int64_t rows = 33, inner = 70, columns = 50;

Tensor left() { return testing::sample_tensor(f32, {rows, inner}, 1); }
/// As layers keep their weights: one row per column of the product.
Tensor weights(DType dtype = f32) { return testing::sample_tensor(dtype, {columns, inner}, 2); }

int64_t packed_by(const auto& run) {
  const int64_t before = packed_constant_bytes();
  run();
  return packed_constant_bytes() - before;
}

TEST(Constant, IsAReadOnlyTensorOnTheSameMemory) {
  const Tensor w = weights();
  const Tensor c = constant(w);
  EXPECT_TRUE(is_constant(c));
  EXPECT_FALSE(is_constant(w));
  EXPECT_TRUE(c.is_read_only());
  EXPECT_EQ(c.data<float>(), w.data<float>());
  EXPECT_TRUE(constant(c).is_same(c));
  EXPECT_TRUE(is_constant(matrix_transpose(c)));
  EXPECT_TRUE(is_constant(c[{slice(0, 3)}]));
  EXPECT_FALSE(is_constant(Tensor::copy_of(c)));
  EXPECT_EQ(error_text([&] { evaluate_into(c, c + 1.0f); }),
            "evaluate_into: target is a read-only f32[50, 70]; it must be writable. Wrap a pointer "
            "to non-const, or evaluate into a copy.");
}

TEST(Constant, GivesTheBitsOfWhatItWasMadeOf) {
  const Tensor w = weights(), c = constant(w);
  const Tensor x = left();
  for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
    const EvaluateOptions options{.mode = mode, .provider = Provider::generated};
    const Tensor expected = evaluate(matmul(x, matrix_transpose(w)), options);
    EXPECT_TRUE(same_bits(evaluate(matmul(x, matrix_transpose(c)), options), expected));
    const Value value = matmul(x, matrix_transpose(c));
    EXPECT_TRUE(same_bits(evaluate(value, options), expected));
    const Tensor b = testing::sample_tensor(f32, {columns}, 3);
    EXPECT_TRUE(same_bits(evaluate(gelu(linear(x, matrix_transpose(c), b)), options),
                          evaluate(gelu(linear(x, matrix_transpose(w), b)), options)));
  }
}

TEST(Constant, GivesTheBitsOfReducedRowsOfProducts) {
  for (const DType dtype : {f32, f64}) {
    const Tensor x = testing::sample_tensor(dtype, {600, inner}, 1);
    const Tensor w = testing::sample_tensor(dtype, {inner, columns}, 2), turned = weights(dtype);
    for (const Tensor& c : {constant(w), matrix_transpose(constant(turned))}) {
      const Tensor plain = c.strides()[1] == 1 ? w : matrix_transpose(turned);
      const Tensor expected =
          evaluate(softmax(matmul(x, plain) * 0.1f), {.mode = Mode::interpreted});
      EXPECT_EQ(explain(softmax(matmul(x, c) * 0.1f)).kernels().size(), 1U);
      for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
        for (const int threads : {1, 3}) {
          EXPECT_TRUE(
              same_bits(evaluate(softmax(matmul(x, c) * 0.1f), {.mode = mode, .threads = threads}),
                        expected));
        }
      }
      EXPECT_TRUE(same_bits(evaluate(sum(tanh(matmul(x, c)), {.axis = {1}})),
                            evaluate(sum(tanh(matmul(x, plain)), {.axis = {1}}))));
    }
  }
}

TEST(Constant, IsPackedOnceForAllExpressions) {
  const Tensor x = left(), c = constant(weights());
  const Tensor transposed = matrix_transpose(c);
  EXPECT_EQ(packed_by([&] { evaluate(matmul(x, transposed)); }), columns * inner * 4);
  EXPECT_EQ(packed_by([&] {
              for (int turn = 0; turn < 3; ++turn) evaluate(matmul(x, matrix_transpose(c)));
              evaluate(relu(matmul(x * 2.0f, transposed)));
              evaluate(Value(matmul(x, transposed)), {.mode = Mode::unfused});
            }),
            0);
  // Another view of it is another form.
  EXPECT_EQ(packed_by([&] { evaluate(matmul(x, matrix_transpose(c[{slice(0, 9)}]))); }),
            9 * inner * 4);
}

TEST(Constant, IsFreedWithItsLastHandle) {
  const int64_t before = packed_constant_bytes();
  const Tensor w = weights(), x = left();
  std::optional<Tensor> c = constant(w);
  std::optional<Value> kept = matmul(x, matrix_transpose(*c));
  evaluate(*kept);
  EXPECT_GT(packed_constant_bytes(), before);
  c.reset();
  EXPECT_GT(packed_constant_bytes(), before);  // the value holds a view of it
  const Tensor again = evaluate(*kept);
  kept.reset();
  EXPECT_EQ(packed_constant_bytes(), before);
  EXPECT_TRUE(same_bits(again, evaluate(matmul(x, matrix_transpose(w)))));
}

TEST(Constant, OutlivesTheHandleItWasMadeOf) {
  Tensor c = constant(Tensor::copy_of(weights()));
  EXPECT_TRUE(same_bits(evaluate(c + 0.0f), evaluate(weights() + 0.0f)));
}

TEST(Constant, IsReadInPlaceWhereItsRowsLieInOrderOrOthersReadIt) {
  const Tensor x = left(), c = constant(weights());
  const Tensor dense = constant(Tensor::copy_of(matrix_transpose(weights())));
  EXPECT_EQ(packed_by([&] {
              evaluate(matmul(x, dense));
              evaluate(matmul(x, dense[{all, slice(3, 20)}]));
              evaluate(matrix_transpose(c) + 1.0f);
              evaluate(sum(matrix_transpose(c)));
            }),
            0);
}

TEST(Constant, ServesNoCallOfOtherTensors) {
  const Tensor x = left(), w = weights(), other = testing::sample_tensor(f32, {columns, inner}, 9);
  const auto product = [&](const Tensor& factor) {
    return evaluate(matmul(x, matrix_transpose(factor)), {.provider = Provider::generated});
  };
  const Tensor c = constant(w);
  const Tensor expected = product(w), expected_other = product(other);
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_TRUE(same_bits(product(c), expected));
    EXPECT_TRUE(same_bits(product(other), expected_other));
    EXPECT_TRUE(same_bits(product(constant(other)), expected_other));
    EXPECT_TRUE(same_bits(product(w), expected));
  }
}

TEST(Constant, ServesNoCallWhoseTwoFactorsAreOthers) {
  const Tensor x = left(), w = weights(), other = testing::sample_tensor(f32, {columns, inner}, 9);
  const auto difference = [&](const Tensor& a, const Tensor& b) {
    return evaluate(matmul(x, matrix_transpose(a)) - matmul(x, matrix_transpose(b)));
  };
  // Two views of one constant first: the code must not take them for one operand.
  const Tensor c = constant(w), d = constant(other);
  EXPECT_TRUE(same_bits(difference(c, c), difference(w, w)));
  EXPECT_TRUE(same_bits(difference(c, d), difference(w, other)));
}

TEST(Constant, IsPackedOnceByManyThreads) {
  const Tensor x = left(), c = constant(weights());
  const Tensor expected = evaluate(matmul(x, matrix_transpose(weights())));
  const int64_t before = packed_constant_bytes();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 20; ++turn) {
        EXPECT_TRUE(same_bits(evaluate(matmul(x, matrix_transpose(c))), expected));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(packed_constant_bytes() - before, columns * inner * 4);
}

TEST(Constant, OfEveryDtypeAndShapeIsPacked) {
  for (const DType dtype : {f16, bf16, f32, f64, i8, i32}) {
    for (const Shape& shape : {Shape{5, 7}, Shape{1, 7}, Shape{5, 1}, Shape{0, 7}, Shape{5, 0}}) {
      SCOPED_TRACE(std::string(to_string(dtype)) + to_string(shape));
      const Tensor x = testing::sample_tensor(dtype, {3, shape[1]}, 1);
      const Tensor w = testing::sample_tensor(dtype, shape, 2);
      EXPECT_TRUE(same_bits(evaluate(matmul(x, matrix_transpose(constant(w)))),
                            evaluate(matmul(x, Tensor::copy_of(matrix_transpose(w))))));
    }
  }
}

TEST(Constant, IsExplained) {
  const Tensor c = constant(weights());
  const auto packed = explain(matmul(left(), matrix_transpose(c))).packed_constants();
  ASSERT_EQ(packed.size(), 1u);
  EXPECT_EQ(packed[0].name, "y");
  EXPECT_EQ(packed[0].type, "f32[70, 50]");
  EXPECT_EQ(packed[0].bytes, 14000);
  EXPECT_NE(to_string(explain(matmul(left(), matrix_transpose(c))))
                .find("constant y: packed once as rows, f32[70, 50], 0.014 MB"),
            std::string::npos);
  EXPECT_TRUE(explain(matmul(left(), matrix_transpose(weights()))).packed_constants().empty());
}

}  // namespace
}  // namespace onepass
