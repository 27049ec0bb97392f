// SPDX-License-Identifier: Apache-2.0
// Running sums and products as the language has them.
#include <gtest/gtest.h>

#include "error_text.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

TEST(Cumulative, GivesTheValuesOfTheDefinition) {
  const Tensor x{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}};
  EXPECT_EQ(evaluate(cumulative_sum(x, {.axis = 1})).to_vector<float>(),
            (std::vector<float>{1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(evaluate(cumulative_prod(x, {.axis = 0})).to_vector<float>(),
            (std::vector<float>{1, 2, 3, 4, 10, 18}));
  EXPECT_EQ(evaluate(cumulative_sum(x, {.axis = -1, .include_initial = true})).to_vector<float>(),
            (std::vector<float>{0, 1, 3, 6, 0, 4, 9, 15}));
  EXPECT_EQ(evaluate(cumulative_prod(arange(1, 5, 1, i32), {.include_initial = true}))
                .to_vector<int64_t>(),
            (std::vector<int64_t>{1, 1, 2, 6, 24}));
  EXPECT_EQ(evaluate(cumulative_sum(zeros({0}), {.include_initial = true})).to_vector<float>(),
            (std::vector<float>{0}));
}

TEST(Cumulative, HasTheSameBitsInEveryModeAndForEveryThreadCount) {
  for (const DType dtype : {f16, f32, f64, i8, u16, boolean}) {
    for (const Shape& shape : {Shape{300}, Shape{70001}, Shape{3, 20000}, Shape{20000, 5},
                               Shape{40, 300}, Shape{7, 300, 9}}) {
      const Tensor x = testing::sample_tensor(dtype, shape, 3);
      for (int axis = 0; axis < shape.rank(); ++axis) {
        SCOPED_TRACE(std::string(to_string(dtype)) + to_string(shape) + std::to_string(axis));
        const Value y = cumulative_sum(x, {.axis = axis});
        const Tensor expected = evaluate(y, {.mode = Mode::interpreted});
        for (const int threads : {1, 2, 3, 7, 16}) {
          EXPECT_TRUE(same_bits(evaluate(y, {.threads = threads}), expected)) << threads;
        }
        EXPECT_TRUE(same_bits(evaluate(y, {.mode = Mode::unfused, .threads = 2}), expected));
      }
    }
  }
}

TEST(Cumulative, OfAViewIsThatOfItsCopy) {
  const Tensor x = testing::sample_tensor(f32, {37, 300, 6}, 9);
  for (const Tensor& view :
       {permute_dims(x, {2, 0, 1}), x[{slice(std::nullopt, std::nullopt, -2), all, slice(1, 4)}]}) {
    for (int axis = 0; axis < 3; ++axis) {
      EXPECT_TRUE(same_bits(cumulative_sum(view, {.axis = axis}),
                            cumulative_sum(Tensor::copy_of(view), {.axis = axis})));
    }
  }
}

TEST(Cumulative, NeedsOneAxis) {
  EXPECT_EQ(error_text([] { evaluate(cumulative_sum(ones({2, 3}))); }),
            "cumulative_sum: x is f32[2, 3], 2 axes are named; elements run along one. Name it.");
  EXPECT_EQ(error_text([] { evaluate(cumulative_prod(ones({2, 3}), {.axis = 2})); }),
            "cumulative_prod: axis 2 is out of range; x is f32[2, 3]. Use an axis from -2 to 1.");
  EXPECT_EQ(error_text([] { evaluate(cumulative_sum(ones({}))); }),
            "cumulative_sum: x is f32[]; it needs at least one dimension. Reshape it to [1].");
}

}  // namespace
}  // namespace onepass
