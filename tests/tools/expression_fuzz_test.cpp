// SPDX-License-Identifier: Apache-2.0
// Random and damaged expressions: each is computed or refused with a place in its text; nothing
// crashes.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "built_expression.h"
#include "parenthesized.h"
#include "parser.h"

namespace onepass::tool {
namespace {

const std::vector<std::string> seeds = {
    "gelu(x @ w + b)",
    "0.5*x*(1+tanh(0.79788456*(x+0.044715*x**3)))",
    "sum(x, axis=[1], keepdims=True) / sum(x, axis=(0,1))",
    "x[1:, ::2] + x[-1][None, :][..., 0]",
    "where((x < 0) & (x >= -1e-3) | ~(x == 2), -x**2, x // 3 % 4)",
    "concat([x, x], axis=0)[i] << 2 >> 1",
    "take(astype(x, i32), i, axis=-1) ^ 0x1F",
    "permute_dims(reshape(x, (3, -1)), (1, 0)) && !True || False",
};

const std::vector<std::string> pieces = {"x",
                                         "w",
                                         "b",
                                         "i",
                                         "(",
                                         ")",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "...",
                                         "+",
                                         "-",
                                         "*",
                                         "**",
                                         "/",
                                         "//",
                                         "%",
                                         "@",
                                         "<",
                                         "==",
                                         "&",
                                         "|",
                                         "^",
                                         "~",
                                         "!",
                                         "&&",
                                         "<<",
                                         "=",
                                         "axis",
                                         "sum(",
                                         "gelu(",
                                         "0",
                                         "1.5",
                                         "-1",
                                         "1e9",
                                         "9999999999999999999",
                                         "None",
                                         "True",
                                         "f32",
                                         "\n",
                                         " ",
                                         "\xff",
                                         "reshape(x,",
                                         "stack([x,"};

Names arrays() {
  return {{"x", Value(ones({3, 4}))},
          {"w", Value(ones({4, 2}))},
          {"b", Value(ones({2}))},
          {"i", Value(arange(2))}};
}

std::vector<std::string_view> used_names(const Syntax& syntax, const Names& names) {
  std::vector<std::string_view> used;
  for (const SyntaxNode& node : syntax.nodes) {
    const auto found = names.find(node.text);
    if (node.kind == SyntaxNode::Kind::name && found != names.end()) used.push_back(found->first);
  }
  return used;
}

/// Parses, and where that succeeds builds and types. Answers whether all of it did.
bool accepted(const std::string& source, const Names& names) {
  try {
    const Syntax syntax = parse_expression(source);
    EXPECT_EQ(parenthesized(parse_expression(parenthesized(syntax))), parenthesized(syntax))
        << source;
    check_names(syntax, used_names(syntax, names));
    const BuiltExpression built(syntax, names);
    built.locate_error();
    return true;
  } catch (const ExpressionError& error) {
    EXPECT_LE(error.span().begin, error.span().end) << source;
    EXPECT_LE(error.span().end, source.size()) << source;
    EXPECT_FALSE(std::string(error.what()).empty()) << source;
    EXPECT_FALSE(underline(source, error.span()).empty()) << source;
  }
  return false;
}

std::string damaged(std::string source, std::mt19937& random) {
  const auto below = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
  const size_t mutations = 1 + below(3);
  for (size_t i = 0; i < mutations; ++i) {
    const size_t at = below(source.size() + 1);
    switch (below(4)) {
      case 0:
        source.insert(at, pieces[below(pieces.size())]);
        break;
      case 1:
        source.erase(at, 1 + below(3));
        break;
      case 2:
        if (at < source.size()) source[at] = static_cast<char>(random() % 256);
        break;
      default: {
        const std::string& other = seeds[below(seeds.size())];
        const size_t from = below(other.size());
        source.insert(at, other.substr(from, below(12)));
      }
    }
  }
  return source;
}

TEST(ExpressionFuzz, DamagedExpressionsAreComputedOrRefusedWithAPlace) {
  const Names names = arrays();
  std::mt19937 random(20240229);
  int good = 0;
  for (int i = 0; i < 6000; ++i) {
    good += accepted(damaged(seeds[static_cast<size_t>(i) % seeds.size()], random), names);
  }
  EXPECT_GT(good, 150);
  EXPECT_LT(good, 5000);
}

TEST(ExpressionFuzz, RandomPiecesAreComputedOrRefusedWithAPlace) {
  const Names names = arrays();
  std::mt19937 random(7);
  for (int i = 0; i < 6000; ++i) {
    std::string source;
    for (size_t n = random() % 12; n > 0; --n) source += pieces[random() % pieces.size()];
    accepted(source, names);
  }
}

TEST(ExpressionFuzz, TheSeedsThemselvesParse) {
  for (const std::string& source : seeds) EXPECT_NO_THROW(parse_expression(source)) << source;
}

}  // namespace
}  // namespace onepass::tool
