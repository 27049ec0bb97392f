// SPDX-License-Identifier: Apache-2.0
// Expressions of the command line against the same expressions in C++, and every text they are
// refused with.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "agreement.h"
#include "parser.h"
#include "prepared_expression.h"

namespace onepass::tool {
namespace {

Tensor ramp(const Shape& shape) {
  return reshape(evaluate(astype(arange(element_count(shape)), f32) * 0.25f - 1.0f), shape);
}

/// Evaluates with arrays under names.
Tensor result(const std::string& source, const Names& names) {
  const Syntax syntax = parse_expression(source);
  return evaluate(BuiltExpression(syntax, names).value(), {.mode = Mode::interpreted});
}

void expect_equal(const Tensor& actual, const Tensor& expected, const std::string& source) {
  ASSERT_EQ(to_string(actual.dtype()), to_string(expected.dtype())) << source;
  ASSERT_EQ(actual.shape(), expected.shape()) << source;
  EXPECT_EQ(compare(actual, expected).differing, 0) << source;
}

class ExpressionOfArrays : public testing::Test {
 protected:
  Tensor x = ramp({4, 6}), y = ramp({4, 6}) * 2.0f, w = ramp({6, 3}), b = ramp({3});
  Tensor i = astype(arange(24), i32), j = evaluate(astype(arange(24), i32) + 1);

  void same(const std::string& source, const Tensor& expected) {
    const Names names = {{"x", Value(x)},           {"y", Value(y)},   {"w", Value(w)},
                         {"b", Value(b)},           {"i", Value(i)},   {"j", Value(j)},
                         {"n", Number(int64_t{2})}, {"s", Number(0.5)}};
    expect_equal(result(source, names), expected, source);
  }
};

TEST_F(ExpressionOfArrays, SignsAreTheFunctionsTheySpell) {
  same("x + y", x + y);
  same("x - y", x - y);
  same("x * y", x * y);
  same("x / y", x / y);
  same("x // y", floor_divide(x, y));
  same("x % y", remainder(x, y));
  same("x ** 3", pow(x, 3));
  same("x ** y", pow(x, y));
  same("x @ w", matmul(x, w));
  same("-x", -x);
  same("+x", x);
  same("~i", ~i);
  same("i & j | i ^ j", (i & j) | (i ^ j));
  same("i << 2 >> n", (i << 2) >> 2);
  same("(x < y) & (x <= y) | (x > y)", ((x < y) & (x <= y)) | (x > y));
  same("x == y", x == y);
  same("x != y", x != y);
  same("x >= y", x >= y);
  same("!(x < 0) && x < 1 || x == y", (!(x < 0) && x < 1) || x == y);
}

TEST_F(ExpressionOfArrays, FunctionsAreThoseOfTheTables) {
  same("gelu(x @ w + b)", gelu(matmul(x, w) + b));
  same("0.5*x*(1+tanh(0.79788456*(x+0.044715*x**3)))",
       0.5 * x * (1 + tanh(0.79788456 * (x + 0.044715 * pow(x, 3)))));
  same("where(x < 0, s * x, x)", where(x < 0, 0.5 * x, x));
  same("leaky_relu(x, slope=0.1)", leaky_relu(x, 0.1));
  same("clip(x, -1, 1)", clip(x, -1, 1));
  same("fma(x, y, z=x)", fma(x, y, x));
}

TEST_F(ExpressionOfArrays, CompositesOfArraysHaveTheirDefaults) {
  same("softmax(x)", softmax(x));
  same("softmax(x, axis=0)", softmax(x, {.axis = 0}));
  same("var(x, axis=1, correction=1)", var(x, {.axis = 1, .correction = 1}));
  same("std(x)", onepass::std(x));
  same("norm(x, ord=1, keepdims=True)", norm(x, {.keepdims = true, .ord = 1}));
  same("norm(x, ord=inf)", norm(x, {.ord = std::numeric_limits<double>::infinity()}));
  same("layer_norm(x)", layer_norm(x));
  same("layer_norm(x, weight=x[0], bias=x[1], epsilon=0.1)",
       layer_norm(x, x[{0}], x[{1}], {.epsilon = 0.1}));
  same("rms_norm(x, None, axis=0)", rms_norm(x, {.axis = 0}));
}

TEST_F(ExpressionOfArrays, StructuralFunctionsTakeTheirArgumentsByPlaceOrName) {
  same("sum(x)", sum(x));
  same("sum(x, axis=[1], keepdims=True)", sum(x, {.axis = {1}, .keepdims = true}));
  same("sum(x, -1)", sum(x, {.axis = {-1}}));
  same("sum(x, axis=(0, 1))", sum(x, {.axis = {0, 1}}));
  same("sum(x, axis=())", sum(x, {.axis = no_axes}));
  same("sum(x, axis=None)", sum(x));
  same("max(x, axis=1)", max(x, {.axis = 1}));
  same("all(x > 0, axis=0, keepdims=True)", all(x > 0, {.axis = 0, .keepdims = true}));
  same("argmin(x)", argmin(x));
  same("cumulative_sum(x, axis=1)", cumulative_sum(x, {.axis = 1}));
  same("cumulative_prod(b, include_initial=True)", cumulative_prod(b, {.include_initial = true}));
  same("matmul(x, y=w)", matmul(x, w));
  same("permute_dims(x, (1, 0))", permute_dims(x, {1, 0}));
  same("matrix_transpose(x)", matrix_transpose(x));
  same("reshape(x, (3, -1))", reshape(x, {3, 8}));
  same("reshape(x, 24)", reshape(x, {24}));
  same("broadcast_to(b, [4, 3])", broadcast_to(b, {4, 3}));
  same("expand_dims(x, axis=1)", expand_dims(x, 1));
  same("squeeze(x[:1], axis=0)", reshape(x[{slice(0, 1)}], {6}));
  same("concat([x, y], axis=1)", concat({Value(x), Value(y)}, 1));
  same("stack((x, y))", stack({Value(x), Value(y)}));
  same("take(x, astype(i, i64)[:n], axis=1)", take(x, arange(2), 1));
  same("astype(x, i32)", astype(x, i32));
  same("tiled_matmul(x, w, 2)", matmul(x, w));
}

TEST_F(ExpressionOfArrays, IndicesAreThoseOfPython) {
  same("x[0]", x[{0}]);
  same("x[-1]", x[{-1}]);
  same("x[1:, ::2]", x[{slice(1), slice(std::nullopt, std::nullopt, 2)}]);
  same("x[:, 1]", x[{all, 1}]);
  same("x[all, 1]", x[{all, 1}]);
  same("x[..., 0]", x[{all, 0}]);
  same("x[0, ...]", x[{0}]);
  same("x[0, ..., 1]", x[{0, 1}]);
  same("x[:, None]", x[{all, newaxis}]);
  same("x[::-1]", x[{slice(std::nullopt, std::nullopt, -1)}]);
  same("x[-2:]", x[{slice(-2)}]);
  same("x[n:n+1]", x[{slice(2, 3)}]);
  same("x[1:None:n]", x[{slice(1, std::nullopt, 2)}]);
  same("(x + y)[1, 2:4]", evaluate(x + y)[{1, slice(2, 4)}]);
}

TEST(ExpressionOfNumbers, IsComputedLikeAHostWould) {
  const auto number = [](const std::string& source) { return result(source, {}); };
  EXPECT_EQ(number("1 + 2 * 3").item<int64_t>(), 7);
  EXPECT_EQ(to_string(number("1 + 2").dtype()), "i64");
  EXPECT_EQ(number("7 / 2").item<double>(), 3.5);
  EXPECT_EQ(number("-7 // 2").item<int64_t>(), -4);
  EXPECT_EQ(number("2 ** 10").item<int64_t>(), 1024);
  EXPECT_EQ(number("2 ** -1").item<double>(), 0.5);
  EXPECT_EQ(number("-2 ** 2").item<int64_t>(), -4);
  EXPECT_EQ(number("1 < 2.5").item<bool>(), true);
  EXPECT_EQ(number("True & False").item<bool>(), false);
  EXPECT_EQ(number("where(1 < 2, 3, 4.5)").item<double>(), 3.0);
  EXPECT_EQ(number("sqrt(2) * sqrt(2)").item<double>(), std::sqrt(2.0) * std::sqrt(2.0));
  EXPECT_EQ(number("pi").item<double>(), std::numbers::pi);
  EXPECT_TRUE(std::isnan(number("nan").item<double>()));
  EXPECT_EQ(number("-9223372036854775808").item<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(number("18446744073709551615").item<uint64_t>(), std::numeric_limits<uint64_t>::max());
}

TEST(ExpressionOfNumbers, StaysAWeakScalarBesideAnArray) {
  const Tensor x = {1.f, 2.f};
  const Names names = {{"x", Value(x)}};
  expect_equal(result("x * (2 * 3)", names), x * 6, "x * (2 * 3)");
  expect_equal(result("x ** -(1 + 1)", names), pow(x, -2), "x ** -(1 + 1)");
  expect_equal(result("x * sqrt(2 / pi)", names), x * std::sqrt(2 / std::numbers::pi), "sqrt");
}

/// What a whole command would print after "error: ".
std::string error(const std::string& source, const std::vector<std::string>& bindings) {
  try {
    const PreparedExpression prepared(source, bindings, {});
    prepared.with_value(
        [](const Value& value) { return evaluate(value, {.mode = Mode::interpreted}); });
  } catch (const UserError& e) {
    return e.what();
  }
  ADD_FAILURE() << source << ": no error";
  return "";
}

TEST(ExpressionErrors, UnknownNamesAreUnderlined) {
  EXPECT_EQ(error("gleu(x @ w + b)", {"x=f32[2,3]", "w=f32[3,2]", "b=f32[2]"}),
            "unknown function 'gleu'; did you mean 'gelu'?\n  gleu(x @ w + b)\n  ^~~~");
  EXPECT_EQ(
      error("convolve(x)", {"x=1"}),
      "unknown function 'convolve'; 'onepass ops' lists the functions\n  convolve(x)\n  ^~~~~~~~");
  EXPECT_EQ(error("x + weigths", {"x=1", "weights=2"}),
            "unknown name 'weigths'; did you mean 'weights'?\n  x + weigths\n      ^~~~~~~");
  EXPECT_EQ(error("x + y", {"x=1"}),
            "unknown name 'y'; bind it: y=file.npy, y=3.5 or y=f32[128, 512]\n  x + y\n      ^");
  EXPECT_EQ(error("gelu * x", {"x=1"}),
            "'gelu' is a function; it is called as gelu(x)\n  gelu * x\n  ^~~~");
  EXPECT_EQ(error("2 * x(3)", {"x=1"}), "'x' is an array, not a function\n  2 * x(3)\n      ^");
}

TEST(ExpressionErrors, UnusedBindingsAreNamed) {
  EXPECT_EQ(error("x", {"x=1", "y=2"}), "'y' is bound, but the expression does not use it");
}

TEST(ExpressionErrors, WrongArgumentsAreUnderlined) {
  const std::vector<std::string> x = {"x=f32[2,3]"};
  EXPECT_EQ(error("tanh(x, x)", x),
            "tanh: 2 arguments are given; it is called as tanh(x)\n  tanh(x, x)\n          ^");
  EXPECT_EQ(
      error("1 + clip(x, 0)", x),
      "clip: z is missing; it is called as clip(x, y, z)\n  1 + clip(x, 0)\n      ^~~~~~~~~~");
  EXPECT_EQ(error("sum(x, axes=1)", x),
            "sum: there is no parameter 'axes'; it is called as sum(x, axis=all, keepdims=False)\n"
            "  sum(x, axes=1)\n              ^");
  EXPECT_EQ(error("sum(x, x=x)", x), "sum: x is given twice\n  sum(x, x=x)\n           ^");
  EXPECT_EQ(error("sum(x, axis=1.5)", x),
            "sum: axis must be an integer\n  sum(x, axis=1.5)\n              ^~~");
  EXPECT_EQ(error("sum(x, axis=[0, x])", x),
            "sum: axis must be an integer\n  sum(x, axis=[0, x])\n                  ^");
  EXPECT_EQ(error("sum(x, axis=300)", x),
            "sum: axis 300 is out of range; tensors have at most 8 dimensions\n"
            "  sum(x, axis=300)\n              ^~~");
  EXPECT_EQ(error("sum(x, keepdims=1)", x),
            "sum: keepdims must be True or False\n  sum(x, keepdims=1)\n                  ^");
  EXPECT_EQ(error("sum(3 * 2)", {}), "sum: x must be an array\n  sum(3 * 2)\n      ^~~~~");
  EXPECT_EQ(error("astype(x, 3)", x),
            "astype: dtype must be one of boolean i8 i16 i32 i64 u8 u16 u32 u64 f16 bf16 f32 f64\n"
            "  astype(x, 3)\n            ^");
  EXPECT_EQ(
      error("concat(x)", x),
      "concat: arrays must be a list of arrays, as in concat([x, y])\n  concat(x)\n         ^");
  EXPECT_EQ(error("tanh([x, x])", x),
            "tanh: x must be an array or a number\n  tanh([x, x])\n       ^~~~~~");
  EXPECT_EQ(error("x + (1, 2)", x),
            "expected an array or a number here\n  x + (1, 2)\n      ^~~~~~");
  EXPECT_EQ(error("x * f32", x), "expected an array or a number here\n  x * f32\n      ^~~");
  EXPECT_EQ(error("[x]", x), "expected an array or a number here\n  [x]\n  ^~~");
  EXPECT_EQ(error("x @ 2", x),
            "@: both sides must be arrays; * multiplies by a number\n  x @ 2\n  ^~~~~");
}

TEST(ExpressionErrors, WrongIndicesAreUnderlined) {
  const std::vector<std::string> x = {"x=f32[2,3]"};
  EXPECT_EQ(error("2[0]", {}), "only an array can be indexed\n  2[0]\n  ^");
  EXPECT_EQ(error("x[1.5]", x), "an index is an integer, a slice, None or ...\n  x[1.5]\n    ^~~");
  EXPECT_EQ(error("x[:x]", x),
            "an array is not an index; take(x, indices) selects by an array\n  x[:x]\n     ^");
  EXPECT_EQ(error("x[..., ...]", x), "an index has at most one ...\n  x[..., ...]\n         ^~~");
}

TEST(ExpressionErrors, WhatTheLibraryRefusesIsUnderlinedWhereItBegins) {
  const std::vector<std::string> bindings = {"x=f32[4]", "y=f32[5]"};
  const std::string text = error("1 + exp(x + y) * 2", bindings);
  EXPECT_EQ(text.substr(text.find('\n')), "\n  1 + exp(x + y) * 2\n          ^~~~~");
  const std::string index = error("2 * x[7] + 1", {"x=f32[4]"});
  EXPECT_EQ(index.substr(index.find('\n')), "\n  2 * x[7] + 1\n      ^~~~");
  const std::string axis = error("x - sum(x, axis=1)", {"x=f32[4]"});
  EXPECT_EQ(axis.substr(axis.find('\n')), "\n  x - sum(x, axis=1)\n      ^~~~~~~~~~~~~~");
  const std::string kinds = error("exp(x) + i", {"x=f32[4]", "i=i32[4]"});
  EXPECT_EQ(kinds.substr(kinds.find('\n')), "\n  exp(x) + i\n  ^~~~~~~~~~");
  const std::string rank = error("reshape(x, (1,1,1,1,1,1,1,1,4))", {"x=f32[4]"});
  EXPECT_EQ(rank.substr(rank.find('\n')),
            "\n  reshape(x, (1,1,1,1,1,1,1,1,4))\n  ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
}

TEST(Expression, MayBeLong) {
  std::string source = "x";
  for (int i = 0; i < 512; ++i) source += i % 2 == 0 ? " + x" : " - 0.3";
  Tensor expected = {1.f, -2.f, 0.25f};
  const Tensor x = expected;
  for (int i = 0; i < 512; ++i)
    expected = i % 2 == 0 ? Tensor(expected + x) : Tensor(expected - 0.3f);
  expect_equal(result(source, {{"x", Value(x)}}), expected, "512 operations");
}

}  // namespace
}  // namespace onepass::tool
