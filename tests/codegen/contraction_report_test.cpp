// SPDX-License-Identifier: Apache-2.0
// The words for products in blocks, and what their loops ask for.
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

TEST(ContractionNest, AsksForTheMatrixBesideALargeProduct) {
  const auto loops = [](int rows) {
    return print(testing::plan_of("graph g(x: f32[m, k], w: f32[k, n], y: f32[m, n], b: f32[n]) "
                                  "where m = " +
                                  std::to_string(rows) + R"(, k = 130, n = 400 {
  %0 = matmul x, w {provider = generated} : f32[m, n]
  %1 = add %0, b : f32[m, n]
  %2 = add %1, y : f32[m, n]
  return %2
})")
                     .nest);
  };
  const std::string large = loops(700);
  EXPECT_NE(large.find("operand 0: reads f32[0, 1, -]"), std::string::npos) << "y";
  EXPECT_NE(large.find("prefetch in0["), std::string::npos) << large;
  EXPECT_EQ(large.find("prefetch in1["), std::string::npos) << "b has no rows";
  EXPECT_EQ(loops(600).find("prefetch"), std::string::npos);
}

}  // namespace
}  // namespace onepass::codegen
