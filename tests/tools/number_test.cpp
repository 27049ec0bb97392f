// SPDX-License-Identifier: Apache-2.0
#include "number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace onepass::tool {
namespace {

constexpr int64_t lowest = std::numeric_limits<int64_t>::min();

TEST(Number, NegationReachesTheLowestIntegerAndComesBack) {
  EXPECT_EQ(negated(uint64_t{1} << 63), Number(lowest));
  EXPECT_EQ(negated(lowest), Number(uint64_t{1} << 63));
  EXPECT_EQ(negated(int64_t{5}), Number(int64_t{-5}));
  EXPECT_EQ(negated(true), Number(int64_t{-1}));
}

TEST(Number, NegationKeepsTheSignOfZero) {
  EXPECT_TRUE(std::signbit(std::get<double>(negated(0.0))));
  EXPECT_EQ(negated(int64_t{0}), Number(int64_t{0}));
}

TEST(Number, NegationBeyondTheLowestIntegerIsADouble) {
  EXPECT_EQ(negated(std::numeric_limits<uint64_t>::max()), Number(-0x1p64));
}

TEST(Number, ReadsSignsWordsAndNothingElse) {
  EXPECT_EQ(read_signed_number("-9223372036854775808"), Number(lowest));
  EXPECT_EQ(read_signed_number("+1.5"), Number(1.5));
  EXPECT_EQ(read_signed_number("-inf"), Number(-std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(std::isnan(std::get<double>(*read_signed_number("nan"))));
  EXPECT_EQ(read_signed_number("True"), Number(true));
  EXPECT_EQ(read_signed_number("False"), Number(false));
  for (const char* text : {"", "-", "+-1", "--1", "- 1", "1 ", "one", "-True", "1e", "f32[3]"}) {
    EXPECT_EQ(read_signed_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace onepass::tool
