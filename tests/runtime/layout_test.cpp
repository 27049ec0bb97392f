// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/layout.h"

#include <gtest/gtest.h>

namespace onepass::runtime {
namespace {

TEST(Layout, TellsDTypeRankAndUnitDimension) {
  for (int i = 0; i < dtype_count; ++i) {
    const Layout layout(static_cast<DType>(i), {2, 3}, {3, 1});
    EXPECT_EQ(layout.dtype(), static_cast<DType>(i));
    EXPECT_EQ(layout.rank(), 2);
    EXPECT_EQ(layout.unit_dimension(), 1);
  }
  EXPECT_EQ(Layout(f32, {2, 3}, {1, 2}).unit_dimension(), 0);
  EXPECT_EQ(Layout(f32, {2, 3}, {6, 2}).unit_dimension(), -1);
  EXPECT_EQ(Layout(f32, {}, {}).unit_dimension(), -1);
  EXPECT_EQ(Layout(f32, {1}, {1}).unit_dimension(), -1);
}

TEST(Layout, JoinsDimensionsThatOneLoopCanWalk) {
  const Layout dense(f32, {2, 3, 4}, {12, 4, 1});
  EXPECT_TRUE(dense.joins_next(0));
  EXPECT_TRUE(dense.joins_next(1));
  EXPECT_FALSE(dense.joins_next(2));
  const Layout padded(f32, {2, 3, 4}, {24, 8, 1});
  EXPECT_TRUE(padded.joins_next(0));
  EXPECT_FALSE(padded.joins_next(1));
  const Layout stretched(f32, {2, 3}, {0, 0});
  EXPECT_TRUE(stretched.joins_next(0));
  EXPECT_TRUE(stretched.is_broadcast(0));
  EXPECT_TRUE(stretched.is_broadcast(1));
}

TEST(Layout, LooksThroughDimensionsOfExtentOne) {
  const Layout joined(f32, {2, 1, 3}, {3, 999, 1});
  EXPECT_TRUE(joined.joins_next(0));
  EXPECT_TRUE(joined.joins_next(1));
  EXPECT_TRUE(joined.is_one(1));
  EXPECT_FALSE(joined.is_broadcast(1));
  const Layout apart(f32, {2, 1, 3}, {4, 3, 1});
  EXPECT_FALSE(apart.joins_next(0));
  EXPECT_TRUE(apart.joins_next(1));
}

TEST(Layout, StridesOfExtentOneNeverMatter) {
  for (const int64_t stride : {0, 1, -1, 3, 1000000}) {
    EXPECT_EQ(Layout(f64, {4, 1, 3}, {3, stride, 1}), Layout(f64, {4, 1, 3}, {3, 3, 1}));
    EXPECT_EQ(Layout(f64, {1}, {stride}), Layout(f64, {1}, {1}));
  }
  EXPECT_NE(Layout(f64, {4, 1, 3}, {3, 3, 1}), Layout(f64, {4, 2, 3}, {3, 3, 1}));
}

TEST(Layout, AllEmptyArraysOfARankAreDense) {
  EXPECT_TRUE(Layout(f32, {0, 3}, {3, 1}).is_dense());
  EXPECT_EQ(Layout(f32, {0, 3}, {3, 1}), Layout(f32, {0, 3}, {1, 100}));
  EXPECT_TRUE(Layout(f32, {2, 0, 3}, {0, 0, 0}).is_dense());
  EXPECT_FALSE(Layout(f32, {2, 0}, {0, 0}).is_broadcast(0));
}

TEST(Layout, OrdersDimensionsByDistance) {
  const Layout layout(f32, {2, 3, 1, 4}, {1, 8, 7, -2});
  EXPECT_EQ(layout.by_stride(0), 2);
  EXPECT_EQ(layout.by_stride(1), 1);
  EXPECT_EQ(layout.by_stride(2), 3);
  EXPECT_EQ(layout.by_stride(3), 0);
  const Layout deep(f32, {2, 2, 2, 2, 2, 2, 2, 2}, {1, 2, 4, 8, 16, 32, 64, 128});
  for (int i = 0; i < 8; ++i) EXPECT_EQ(deep.by_stride(i), 7 - i);
}

TEST(Layout, DenseMeansRowMajor) {
  EXPECT_TRUE(Layout(f32, {}, {}).is_dense());
  EXPECT_TRUE(Layout(f32, {1, 1}, {5, 6}).is_dense());
  EXPECT_TRUE(Layout(f32, {2, 3, 1}, {3, 1, 44}).is_dense());
  EXPECT_TRUE(Layout(f32, {1, 5}, {0, 1}).is_dense());
  EXPECT_FALSE(Layout(f32, {5}, {2}).is_dense());
  EXPECT_FALSE(Layout(f32, {5}, {-1}).is_dense());
  EXPECT_FALSE(Layout(f32, {2, 3}, {1, 2}).is_dense());
  EXPECT_FALSE(Layout(f32, {2, 3}, {0, 1}).is_dense());
}

}  // namespace
}  // namespace onepass::runtime
