// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/error.h"

#include "expect_error.h"

namespace onepass {
namespace {

TEST(InternalErrorText, NamesFileAndLine) {
  const int line = __LINE__ + 1;
  const auto raise = [] { throw InternalError("a broken promise"); };
  const std::string place = "(error_test.cpp:" + std::to_string(line) + ")";
  testing::expect_error<InternalError>("a broken promise " + place, raise);
}

TEST(InternalCheck, ThrowsWhereItStandsAndOnlyIfFalse) {
  EXPECT_NO_THROW(internal_check(true, "fine"));
  const int line = __LINE__ + 1;
  const auto check = [] { internal_check(false, "not fine"); };
  testing::expect_error<InternalError>("not fine (error_test.cpp:" + std::to_string(line) + ")",
                                       check);
}

}  // namespace
}  // namespace onepass
