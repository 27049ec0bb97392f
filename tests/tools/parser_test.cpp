// SPDX-License-Identifier: Apache-2.0
#include "parser.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "expression_error_text.h"
#include "parenthesized.h"

namespace onepass::tool {
namespace {

std::string parsed(const std::string& source) { return parenthesized(parse_expression(source)); }

std::string error(const std::string& source) {
  return located_error(source, [&] { parse_expression(source); });
}

struct Precedence {
  const char* source;
  const char* structure;
};

class PrecedenceTable : public testing::TestWithParam<Precedence> {};

TEST_P(PrecedenceTable, IsThatOfPython) {
  EXPECT_EQ(parsed(GetParam().source), GetParam().structure);
}

INSTANTIATE_TEST_SUITE_P(
    Parser, PrecedenceTable,
    testing::Values(Precedence{"-x**2", "(-(x ** 2))"}, Precedence{"x**-y", "(x ** (-y))"},
                    Precedence{"x**y**z", "(x ** (y ** z))"},
                    Precedence{"-x**-y**z", "(-(x ** (-(y ** z))))"},
                    Precedence{"-x*y", "((-x) * y)"}, Precedence{"~x&y", "((~x) & y)"},
                    Precedence{"- -+x", "(-(-(+x)))"}, Precedence{"a+b*c", "(a + (b * c))"},
                    Precedence{"a*b+c", "((a * b) + c)"}, Precedence{"a-b-c", "((a - b) - c)"},
                    Precedence{"a/b*c%d//e", "((((a / b) * c) % d) // e)"},
                    Precedence{"x@w+b", "((x @ w) + b)"}, Precedence{"x@w@v", "((x @ w) @ v)"},
                    Precedence{"a<<b+c", "(a << (b + c))"},
                    Precedence{"a<<b>>c", "((a << b) >> c)"},
                    Precedence{"a&b<<c", "(a & (b << c))"}, Precedence{"a^b&c", "(a ^ (b & c))"},
                    Precedence{"a|b^c", "(a | (b ^ c))"}, Precedence{"a<b|c", "(a < (b | c))"},
                    Precedence{"a+b<c*d", "((a + b) < (c * d))"},
                    Precedence{"(a<b)&(b<c)", "((a < b) & (b < c))"},
                    Precedence{"a<b&&b<c||d", "(((a < b) && (b < c)) || d)"},
                    Precedence{"!a&&b", "((!a) && b)"}, Precedence{"a**b[0]", "(a ** b[0])"},
                    Precedence{"-a[0]", "(-a[0])"}, Precedence{"(a+b)[0]", "(a + b)[0]"},
                    Precedence{"f(x)[1][2]", "f(x)[1][2]"}, Precedence{"((a))", "a"},
                    Precedence{"2**-1", "(2 ** (-1))"}),
    [](const auto& info) { return "Row" + std::to_string(info.index); });

TEST(Parser, ReadsCallsWithKeywords) {
  EXPECT_EQ(parsed("sum(x, axis=[1, -1], keepdims=True,)"),
            "sum(x, axis=[1, (-1)], keepdims=True)");
  EXPECT_EQ(parsed("sum(x, axis=(0,1))"), "sum(x, axis=[0, 1])");
  EXPECT_EQ(parsed("f()"), "f()");
}

TEST(Parser, ReadsLists) {
  EXPECT_EQ(parsed("f((), (1,), [2], [], (3))"), "f([], [1], [2], [], 3)");
}

TEST(Parser, ReadsIndices) {
  EXPECT_EQ(parsed("a[:, None]"), "a[::, None]");
  EXPECT_EQ(parsed("x[1:, ::2]"), "x[1::, ::2]");
  EXPECT_EQ(parsed("x[-1]"), "x[(-1)]");
  EXPECT_EQ(parsed("x[..., 0]"), "x[..., 0]");
  EXPECT_EQ(parsed("x[1:2:3, :4, 5::6,]"), "x[1:2:3, :4:, 5::6]");
}

TEST(Parser, SpansCoverSubexpressionsWithTheirParentheses) {
  const std::string source = "f(a) * (b + c[0]) ";
  const Syntax syntax = parse_expression(source);
  std::string spans;
  for (const SyntaxNode& node : syntax.nodes) {
    spans += "{" + source.substr(node.span.begin, node.span.end - node.span.begin) + "}";
  }
  EXPECT_EQ(spans, "{a}{f(a)}{b}{c}{0}{c[0]}{(b + c[0])}{f(a) * (b + c[0])}");
}

struct Refusal {
  const char* source;
  const char* text;
};

class RefusalTable : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTable, NamesTheFaultAndPointsAtIt) {
  EXPECT_EQ(error(GetParam().source), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Parser, RefusalTable,
    testing::Values(
        Refusal{"", "the expression is empty\n  \n  ^"},
        Refusal{"   ", "the expression is empty\n     \n  ^"},
        Refusal{"x +", "expected an operand, found the end of the expression\n  x +\n     ^"},
        Refusal{"* x", "expected an operand, found '*'\n  * x\n  ^"},
        Refusal{"x + )", "expected an operand, found ')'\n  x + )\n      ^"},
        Refusal{"x y", "expected an operator, found 'y'\n  x y\n    ^"},
        Refusal{"(x)(y)", "expected an operator, found '('\n  (x)(y)\n     ^"},
        Refusal{"2 x", "expected an operator, found 'x'\n  2 x\n    ^"},
        Refusal{"x)", "')' closes nothing\n  x)\n   ^"},
        Refusal{"(x + y",
                "expected ')' to close '(' at column 1, found the end of the expression\n"
                "  (x + y\n        ^"},
        Refusal{"tanh(x]",
                "expected ')' to close '(' at column 5, found ']'\n  tanh(x]\n        ^"},
        Refusal{"x[1",
                "expected ']' to close '[' at column 2, found the end of the expression\n"
                "  x[1\n     ^"},
        Refusal{"x[]", "expected an operand, found ']'\n  x[]\n    ^"},
        Refusal{"x[1:2:3:4]",
                "expected ']' to close '[' at column 2, found ':'\n"
                "  x[1:2:3:4]\n         ^"},
        Refusal{"x, y", "unexpected ','; one expression is expected\n  x, y\n   ^"},
        Refusal{"y = x", "unexpected '='; == compares\n  y = x\n    ^"},
        Refusal{"(y = x)", "unexpected '='; == compares\n  (y = x)\n     ^"},
        Refusal{"a < b < c",
                "comparisons do not chain; write (a < b) & (b < c)\n  a < b < c\n        ^"},
        Refusal{
            "a == b != c + d",
            "comparisons do not chain; write (a < b) & (b < c)\n  a == b != c + d\n         ^~"},
        Refusal{"x and y",
                "'and' is not an operator; write && or logical_and(x, y)\n  x and y\n    ^~~"},
        Refusal{"not x", "'not' is not an operator; write ! or logical_not(x)\n  not x\n  ^~~"},
        Refusal{"x if y else z",
                "'if' is not an operator; write where(condition, x, y)\n"
                "  x if y else z\n    ^~"},
        Refusal{"sum(axis=1, x)",
                "sum: an argument without a name follows one with a name\n"
                "  sum(axis=1, x)\n              ^"},
        Refusal{"sum(x, axis=1, axis=2)",
                "sum: axis is given twice\n  sum(x, axis=1, axis=2)\n                 ^~~~"}),
    [](const auto& info) { return "Row" + std::to_string(info.index); });

std::string repeated(const std::string& text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Parser, LengthIsNotLimited) {
  EXPECT_EQ(parse_expression("x" + repeated(" + x", 100'000)).nodes.size(), 200'001u);
}

TEST(Parser, NestingIsLimitedInEveryForm) {
  constexpr size_t deep = 100'000;
  for (const std::string& source :
       {repeated("(", deep), repeated("-", deep) + "x", "x" + repeated("**x", deep),
        repeated("f(", deep), "x" + repeated("[x", deep), repeated("[", deep)}) {
    const std::string text = error(source).substr(0, 48);
    EXPECT_EQ(text, "the expression nests deeper than 200 levels\n  " + source.substr(0, 2));
  }
}

TEST(Parser, NestingWithinTheLimitParses) {
  EXPECT_EQ(parsed(repeated("(", 150) + "x" + repeated(")", 150)), "x");
}

}  // namespace
}  // namespace onepass::tool
