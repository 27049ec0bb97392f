// SPDX-License-Identifier: Apache-2.0
#include "lexer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "expression_error_text.h"

namespace onepass::tool {
namespace {

std::string texts(std::string_view source) {
  std::string all;
  for (const Token& token : tokenize(source)) {
    all += (all.empty() ? "" : " ") + std::string(token.text);
  }
  return all;
}

std::string error(std::string_view source) {
  return located_error(source, [&] { tokenize(source); });
}

Number number(std::string_view text) {
  const auto tokens = tokenize(text);
  EXPECT_EQ(tokens.size(), 2u) << text;
  EXPECT_EQ(tokens.front().kind, Token::Kind::number) << text;
  return tokens.front().number;
}

TEST(Lexer, TakesTheLongestSign) {
  EXPECT_EQ(texts("a**b*c//d/e<<f<=g<h"), "a ** b * c // d / e << f <= g < h ");
  EXPECT_EQ(texts("x[...,::2]"), "x [ ... , : : 2 ] ");
  EXPECT_EQ(texts("a!=!b&&c&d||e|f==g"), "a != ! b && c & d || e | f == g ");
}

TEST(Lexer, PlacesTokensInTheSource) {
  const auto tokens = tokenize("  ab +\n 1.5");
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens[0].span, (SourceSpan{2, 4}));
  EXPECT_EQ(tokens[1].span, (SourceSpan{5, 6}));
  EXPECT_EQ(tokens[2].span, (SourceSpan{8, 11}));
  EXPECT_EQ(tokens[3].span, (SourceSpan{11, 11}));
}

TEST(Lexer, ReadsIntegers) {
  EXPECT_EQ(number("0"), Number(int64_t{0}));
  EXPECT_EQ(number("1_000_000"), Number(int64_t{1'000'000}));
  EXPECT_EQ(number("0x1F"), Number(int64_t{31}));
  EXPECT_EQ(number("0xe"), Number(int64_t{14}));
  EXPECT_EQ(number("9223372036854775807"), Number(std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(number("18446744073709551615"), Number(std::numeric_limits<uint64_t>::max()));
}

TEST(Lexer, ReadsFloats) {
  EXPECT_EQ(number("1."), Number(1.0));
  EXPECT_EQ(number(".5"), Number(0.5));
  EXPECT_EQ(number("1e3"), Number(1000.0));
  EXPECT_EQ(number("2.5E-3"), Number(0.0025));
  EXPECT_EQ(number("1e+2"), Number(100.0));
  EXPECT_EQ(number("5e-324"), Number(std::numeric_limits<double>::denorm_min()));
}

TEST(Lexer, AFloatWithTheSuffixOfCppIsRoundedToFloat) {
  EXPECT_EQ(number("0.1f"), Number(static_cast<double>(0.1f)));
  EXPECT_EQ(number("1.F"), Number(1.0));
}

TEST(Lexer, AnExponentSignBelongsToItsNumberOnly) {
  EXPECT_EQ(texts("1e-3-2"), "1e-3 - 2 ");
  EXPECT_EQ(texts("0xe-3"), "0xe - 3 ");
  EXPECT_EQ(texts("x1e-3"), "x1e - 3 ");
}

TEST(Lexer, RefusesWhatIsNoNumber) {
  EXPECT_EQ(error("x + 12ab"), "'12ab' is not a number that fits 64 bits\n  x + 12ab\n      ^~~~");
  EXPECT_EQ(error("1.2.3"), "'1.2.3' is not a number that fits 64 bits\n  1.2.3\n  ^~~~~");
  EXPECT_EQ(error("1e"), "'1e' is not a number that fits 64 bits\n  1e\n  ^~");
  EXPECT_EQ(error("1__0"), "'1__0' is not a number that fits 64 bits\n  1__0\n  ^~~~");
  EXPECT_EQ(error("0x"), "'0x' is not a number that fits 64 bits\n  0x\n  ^~");
  EXPECT_EQ(error("1e999"), "'1e999' is not a number that fits 64 bits\n  1e999\n  ^~~~~");
  EXPECT_EQ(error("18446744073709551616"),
            "'18446744073709551616' is not a number that fits 64 bits\n"
            "  18446744073709551616\n  ^~~~~~~~~~~~~~~~~~~~");
}

TEST(Lexer, RefusesForeignCharacters) {
  EXPECT_EQ(error("x $ y"), "unexpected character '$'\n  x $ y\n    ^");
  EXPECT_EQ(error("x.T"), "unexpected character '.'\n  x.T\n   ^");
  EXPECT_EQ(error("x \xc3\x97 y"),
            "unexpected byte 0xc3; expressions are ASCII\n  x \xc3\x97 y\n    ^");
  EXPECT_EQ(error(std::string_view("x\0y", 3)),
            "unexpected byte 0x00; expressions are ASCII\n  x y\n   ^");
}

TEST(Underline, ShowsTheLineOfThePlaceOnly) {
  EXPECT_EQ(underline("a +\n\tbc * d\n+ e", {5, 7}), "   bc * d\n   ^~");
}

TEST(Underline, PointsBehindTheTextAtItsEnd) {
  EXPECT_EQ(underline("a +", {3, 3}), "  a +\n     ^");
  EXPECT_EQ(underline("", {0, 0}), "  \n  ^");
}

TEST(Underline, CountsCharactersNotBytes) {
  EXPECT_EQ(underline("\xc3\x97 y", {3, 4}), "  \xc3\x97 y\n    ^");
}

}  // namespace
}  // namespace onepass::tool
