// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/shape.h"

#include <vector>

#include "expect_error.h"

namespace onepass {
namespace {

using testing::expect_error;

TEST(Shape, HoldsUpToEightExtents) {
  Shape shape;
  for (int64_t i = 0; i < max_rank; ++i) shape.push_back(i + 2);
  EXPECT_EQ(shape, Shape({2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_NE(shape, Shape({2, 3, 4, 5, 6, 7, 8}));
  expect_error<UserError>("shape: 9 dimensions; at most 8 are supported.",
                          [&] { shape.push_back(1); });
  EXPECT_EQ(shape.rank(), 8);
  expect_error<UserError>("shape: 11 dimensions; at most 8 are supported.",
                          [] { Shape(std::span<const int64_t>(std::vector<int64_t>(11, 1))); });
}

TEST(ElementCount, MultipliesExtentsAndIsOneForAScalar) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({7}), 7);
  EXPECT_EQ(element_count({2, 3, 4}), 24);
  EXPECT_EQ(element_count({INT64_MAX}), INT64_MAX);
  EXPECT_EQ(element_count({int64_t{1} << 31, int64_t{1} << 31}), int64_t{1} << 62);
}

TEST(ElementCount, IsZeroWhereverTheZeroStands) {
  EXPECT_EQ(element_count({0}), 0);
  EXPECT_EQ(element_count({0, INT64_MAX, INT64_MAX}), 0);
  EXPECT_EQ(element_count({INT64_MAX, INT64_MAX, 0}), 0);
}

TEST(ElementCount, RefusesWhatDoesNotFit63Bits) {
  expect_error<UserError>(
      "shape: [4294967296, 2147483648] has more than 2^63 - 1 elements; the number of elements "
      "must fit 63 bits.",
      [] { element_count({int64_t{1} << 32, int64_t{1} << 31}); });
  expect_error<UserError>("shape: extent -1 in [2, -1]; extents must not be negative.",
                          [] { element_count({2, -1}); });
  expect_error<UserError>("shape: extent -3 in [0, -3]; extents must not be negative.",
                          [] { element_count({0, -3}); });
}

TEST(RowMajorStrides, AreTheDistancesOfADenseArray) {
  EXPECT_EQ(row_major_strides({}), Strides());
  EXPECT_EQ(row_major_strides({5}), Strides({1}));
  EXPECT_EQ(row_major_strides({2, 3, 4}), Strides({12, 4, 1}));
  EXPECT_EQ(row_major_strides({2, 1, 4}), Strides({4, 4, 1}));
  EXPECT_EQ(row_major_strides({2, 0, 4}), Strides({4, 4, 1}));
}

TEST(ShapeText, ListsExtentsInBrackets) {
  EXPECT_EQ(to_string(Shape()), "[]");
  EXPECT_EQ(to_string(Shape({3})), "[3]");
  EXPECT_EQ(to_string(Shape({128, 256})), "[128, 256]");
}

}  // namespace
}  // namespace onepass
