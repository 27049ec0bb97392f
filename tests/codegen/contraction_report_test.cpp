// SPDX-License-Identifier: Apache-2.0
// The words for a product in blocks by request.
#include <gtest/gtest.h>

#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

TEST(ContractionReport, TellsTheBlocksThatACallAsksFor) {
  const Plan plan = testing::plan_of(R"(
graph g(x: f32[m, k], w: f32[k, n]) where m = 90, k = 90, n = 90 {
  %0 = matmul x, w {provider = generated, tile_size = 32} : f32[m, n]
  return %0
})");
  EXPECT_NE(plan.walk.way.find("x in place, w in place, k in blocks of 32, rows in blocks of 32, "
                               "columns in blocks of 32, blocks as the call asks"),
            std::string::npos)
      << plan.walk.way;
}

TEST(ContractionReport, TellsHowTheRowsOfAProductAreReduced) {
  const Plan plan = testing::plan_of(R"(
graph g(x: f32[m, k], w: f32[k, n]) where m = 900, k = 9, n = 100 {
  %0 = matmul x, w {provider = generated} : f32[m, n]
  %1 = max %0 {axes = [1], keepdims = false} : f32[m]
  return %1
})");
  EXPECT_NE(plan.walk.way.find("reduced in blocks of 120 rows, row by row"), std::string::npos)
      << plan.walk.way;
}

}  // namespace
}  // namespace onepass::codegen
