// SPDX-License-Identifier: Apache-2.0
#include "agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "onepass/engine/onepass.h"

namespace onepass::tool {
namespace {

const float nan = std::numeric_limits<float>::quiet_NaN();
const float inf = std::numeric_limits<float>::infinity();

TEST(Agreement, NanAgreesWithEveryNan) {
  const Tensor a = {1.f, nan, 3.f}, b = {1.f, -nan, 3.f};
  EXPECT_EQ(compare(a, b).differing, 0);
}

TEST(Agreement, NanDoesNotAgreeWithANumber) {
  const Tensor a = {1.f, nan}, b = {1.f, 2.f};
  const Agreement agreement = compare(a, b);
  EXPECT_EQ(agreement.differing, 1);
  EXPECT_EQ(agreement.first, 1);
}

TEST(Agreement, ZerosOfDifferentSignDiffer) {
  const Tensor a = {0.f, 0.f}, b = {0.f, -0.f};
  EXPECT_EQ(compare(a, b).differing, 1);
  EXPECT_EQ(compare(a, b).max_abs_diff, 0);
}

TEST(Agreement, ReportsCountPlaceAndLargestDifference) {
  const Tensor a = {1.f, 2.f, inf, 4.f}, b = {1.f, 2.5f, inf, 1.f};
  const Agreement agreement = compare(a, b);
  EXPECT_EQ(agreement.differing, 2);
  EXPECT_EQ(agreement.first, 1);
  EXPECT_EQ(agreement.max_abs_diff, 3);
}

TEST(Agreement, ComparesAllBitsOfIntegers) {
  const Tensor a = {int64_t{1} << 62, int64_t{5}}, b = {(int64_t{1} << 62) + 1, int64_t{5}};
  EXPECT_EQ(compare(a, b).differing, 1);
}

TEST(Agreement, LooksThroughStrides) {
  const Tensor a = {{1.f, 2.f}, {3.f, 4.f}}, b = {{1.f, 3.f}, {2.f, 4.f}};
  EXPECT_EQ(compare(a, permute_dims(b, {1, 0})).differing, 0);
}

TEST(Agreement, EmptyTensorsAgree) {
  EXPECT_EQ(
      compare(Tensor::uninitialized({0, 3}, f32), Tensor::uninitialized({0, 3}, f32)).differing, 0);
}

}  // namespace
}  // namespace onepass::tool
