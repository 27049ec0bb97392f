// SPDX-License-Identifier: Apache-2.0
#include "spelling.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace onepass::tool {
namespace {

const std::vector<std::string_view> names = {"gelu", "elu", "relu", "sigmoid", "logical_and", "x"};

TEST(Suggestion, IsTheNearestName) {
  EXPECT_EQ(suggestion("gleu", names), "; did you mean 'gelu'?");
  EXPECT_EQ(suggestion("sigmiod", names), "; did you mean 'sigmoid'?");
  EXPECT_EQ(suggestion("logicaland", names), "; did you mean 'logical_and'?");
  EXPECT_EQ(suggestion("reluu", names), "; did you mean 'relu'?");
}

TEST(Suggestion, IsLeftOutWhereNothingIsNear) {
  EXPECT_EQ(suggestion("convolve", names), "");
  EXPECT_EQ(suggestion("y", names), "");
  EXPECT_EQ(suggestion("xy", names), "");
  EXPECT_EQ(suggestion(std::string(100'000, 'a'), names), "");
}

}  // namespace
}  // namespace onepass::tool
