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

}  // namespace
}  // namespace onepass::codegen
