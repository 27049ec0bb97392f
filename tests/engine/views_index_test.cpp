// SPDX-License-Identifier: Apache-2.0
// x[{..}]: Python's rules, shared memory, and what is refused.
#include <gtest/gtest.h>

#include <vector>

#include "error_text.h"
#include "onepass/engine/creation.h"
#include "onepass/engine/tensor.h"

namespace onepass {
namespace {

std::vector<int64_t> values(const Tensor& x) { return x.to_vector<int64_t>(); }

TEST(Index, FollowsPythonsSliceRules) {
  const Tensor x = arange(10);
  EXPECT_EQ(values(x[{slice(2, 5)}]), (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(values(x[{slice(7)}]), (std::vector<int64_t>{7, 8, 9}));
  EXPECT_EQ(values(x[{slice(-3)}]), (std::vector<int64_t>{7, 8, 9}));
  EXPECT_EQ(values(x[{slice(std::nullopt, -8)}]), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(values(x[{slice(1, 8, 3)}]), (std::vector<int64_t>{1, 4, 7}));
  EXPECT_EQ(values(x[{slice(std::nullopt, std::nullopt, -4)}]), (std::vector<int64_t>{9, 5, 1}));
  EXPECT_EQ(values(x[{slice(3, 0, -1)}]), (std::vector<int64_t>{3, 2, 1}));
  EXPECT_EQ(values(x[{slice(3, std::nullopt, -1)}]), (std::vector<int64_t>{3, 2, 1, 0}));
  EXPECT_EQ(values(x[{slice(-100, 100)}]), values(x));
  EXPECT_EQ(values(x[{slice(5, 2)}]), std::vector<int64_t>{});
  EXPECT_EQ(values(x[{slice(8, 9, INT64_MAX)}]), (std::vector<int64_t>{8}));
}

TEST(Index, PositionsRemoveDimensionsAndNewAxesAddThem) {
  const Tensor x = {{{0, 1, 2}, {3, 4, 5}}, {{6, 7, 8}, {9, 10, 11}}};
  const Tensor y = x[{slice(0, 2), all, newaxis, 2}];
  EXPECT_EQ(y.shape(), Shape({2, 2, 1}));
  EXPECT_EQ(y.to_vector<int32_t>(), (std::vector<int32_t>{2, 5, 8, 11}));
  EXPECT_EQ(y.data<int32_t>(), x.data<int32_t>() + 2);
  EXPECT_EQ((x[{1, -1, -3}].item<int32_t>()), 9);
  EXPECT_EQ((x[{1, -1, -3}].rank()), 0);
  EXPECT_EQ(x[{}].shape(), x.shape());
  EXPECT_EQ((x[{newaxis, 1}].shape()), Shape({1, 2, 3}));
  EXPECT_EQ((x[{all, all, all, newaxis}].shape()), Shape({2, 2, 3, 1}));
  const size_t unsigned_position = 1;
  EXPECT_EQ((x[{unsigned_position, 0, 0}].item<int32_t>()), 6);
}

TEST(Index, ViewsShareMemory) {
  const Tensor x = zeros({2, 3}, i64);
  const Tensor column = x[{all, 1}];
  column.data<int64_t>()[column.strides()[0]] = 5;
  EXPECT_EQ(values(x), (std::vector<int64_t>{0, 0, 0, 0, 5, 0}));
  EXPECT_EQ(column.strides(), Strides({3}));
  EXPECT_FALSE(column.is_dense());
}

TEST(Index, ViewsOfViewsAddUp) {
  const Tensor x = arange(24);
  const Tensor y = x[{slice(std::nullopt, std::nullopt, -1)}][{slice(1, 20, 3)}][{slice(2)}];
  EXPECT_EQ(values(y), (std::vector<int64_t>{16, 13, 10, 7, 4}));
  EXPECT_EQ(y.strides(), Strides({-3}));
}

TEST(Index, EmptyTensorsCanBeIndexed) {
  const Tensor x = zeros({0, 3});
  EXPECT_EQ((x[{slice(1), 2}].shape()), Shape({0}));
  EXPECT_EQ((x[{slice(std::nullopt, std::nullopt, -1)}].shape()), Shape({0, 3}));
  EXPECT_EQ(error_text([&] { x[{0}]; }),
            "index: position 0 is out of range; dimension 0 of f32[0, 3] has extent 0.");
}

TEST(Index, RefusesWhatTheTensorDoesNotHave) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(error_text([&] { x[{0, 0, 0}]; }),
            "index: x is f32[2, 3], which has 2 dimensions; 3 indices are too many.");
  EXPECT_EQ(error_text([&] { x[{newaxis, 0, all, all}]; }),
            "index: x is f32[2, 3], which has 2 dimensions; 3 indices are too many.");
  EXPECT_EQ(error_text([&] { x[{0, 3}]; }),
            "index: position 3 is out of range; dimension 1 of f32[2, 3] has extent 3.");
  EXPECT_EQ(error_text([&] { x[{-3}]; }),
            "index: position -3 is out of range; dimension 0 of f32[2, 3] has extent 2.");
  EXPECT_EQ(error_text([&] { x[{slice(0, 2, 0)}]; }),
            "index: the step of a slice is 0; it must not be 0.");
  EXPECT_EQ(error_text([&] { x[{newaxis, newaxis, newaxis, newaxis, newaxis, newaxis, newaxis}]; }),
            "index: the result has more than 8 dimensions; at most 8 are supported.");
}

}  // namespace
}  // namespace onepass
