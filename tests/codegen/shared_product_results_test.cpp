// SPDX-License-Identifier: Apache-2.0
// Products of one left operand in one kernel: one kernel where they may share, and the bits of the
// interpreter in every way to compute them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "graph_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

struct Sizes {
  int m, n, k;
};

/// Shapes of all classes: one row, few, many; narrow, wide, not whole tiles; in blocks of k.
const Sizes shapes[] = {{1, 300, 77},   {3, 33, 20},  {8, 100, 31},  {13, 40, 64},
                        {27, 129, 41},  {300, 7, 33}, {31, 65, 600}, {1, 1100, 50},
                        {210, 530, 40}, {0, 20, 5},   {4, 20, 0}};

std::string gate_and_up(const char* dtype, Sizes s, const char* more = "", const char* left = "",
                        const char* right = "") {
  return fmt::format(R"(
graph g(x: {0}[m, k]{5}, w: {0}[k, n]{6}, v: {0}[k, n]) where m = {1}, k = {3}, n = {2} {{
  %0 = matmul x, w {{provider = generated{4}}} : {0}[m, n]
  %1 = matmul x, v {{provider = generated{4}}} : {0}[m, n]
  %2 = multiply %0, %1 : {0}[m, n]
  return %2
}})",
                     dtype, s.m, s.n, s.k, more, left, right);
}

/// Outputs of `count` products, each with columns of its own.
std::string projections(int count, Sizes s) {
  std::string inputs, sizes, nodes, outputs;
  for (int i = 0; i < count; ++i) {
    inputs += fmt::format(", w{0}: f32[k, n{0}]", i);
    sizes += fmt::format(", n{} = {}", i, s.n);
    nodes += fmt::format("  %{0} = matmul x, w{0} {{provider = generated}} : f32[m, n{0}]\n", i);
    outputs += fmt::format("{}%{}", i == 0 ? "" : ", ", i);
  }
  return fmt::format("graph g(x: f32[m, k]{}) where m = {}, k = {}{} {{\n{}  return {}\n}}", inputs,
                     s.m, s.k, sizes, nodes, outputs);
}

size_t kernels_of(const GraphCase& graph) {
  const ir::Graph lowered = graph.lowered(ir::Mode::fused);
  return static_cast<size_t>(
      std::count_if(lowered.nodes.begin(), lowered.nodes.end(),
                    [](const ir::Node& node) { return node.op == ir::OpCode::fused; }));
}

void expect_one_kernel(const std::string& text) {
  const GraphCase graph(text);
  EXPECT_EQ(kernels_of(graph), 1U) << text;
  graph.expect_bits_everywhere();
}

void expect_kernels(const std::string& text, size_t count) {
  const GraphCase graph(text);
  EXPECT_EQ(kernels_of(graph), count) << text;
  graph.expect_bits_everywhere();
}

TEST(SharedProductResults, GateAndUpOfEveryShapeClass) {
  for (const Sizes& s : shapes) {
    expect_one_kernel(gate_and_up("f32", s));
  }
  expect_one_kernel(gate_and_up("f64", {27, 129, 41}));
}

TEST(SharedProductResults, OtherElementTypesAndLayouts) {
  const Sizes s{19, 60, 45};
  for (const char* dtype : {"f16", "bf16", "i32"}) expect_one_kernel(gate_and_up(dtype, s));
  expect_one_kernel(gate_and_up("f32", s, "", " strides [1, 19]"));
  expect_one_kernel(gate_and_up("f32", s, "", "", " strides [1, 45]"));
  expect_one_kernel(gate_and_up("f32", s, "", " strides [200, 2]", " strides [-90, -1]"));
  expect_one_kernel(gate_and_up("f32", s, ", tile_size = 8"));
}

TEST(SharedProductResults, WhatFollowsMayBeLongAndGiveSeveralResults) {
  for (const Sizes& s : {Sizes{1, 1100, 50}, {8, 100, 31}, {27, 129, 41}, {31, 65, 600}}) {
    expect_one_kernel(fmt::format(R"(
graph g(x: f32[m, k], w: f32[k, n], v: f32[k, n], b: f32[n]) where m = {}, k = {}, n = {} {{
  %0 = matmul x, w {{provider = generated}} : f32[m, n]
  %1 = matmul x, v {{provider = generated}} : f32[m, n]
  %2 = add %0, b : f32[m, n]
  %3 = sigmoid %2 : f32[m, n]
  %4 = multiply %2, %3 : f32[m, n]
  %5 = multiply %4, %1 : f32[m, n]
  return %5, %4
}})",
                                  s.m, s.k, s.n));
  }
}

TEST(SharedProductResults, SeveralOutputsWithEquallyManyColumns) {
  for (const Sizes& s : shapes) expect_one_kernel(projections(3, s));
  expect_kernels(projections(5, {14, 40, 30}), 2);
}

TEST(SharedProductResults, ColumnsThatDifferOrAreOneHaveKernelsOfTheirOwn) {
  expect_kernels(projections(2, {14, 1, 30}), 2);
  expect_kernels(R"(
graph g(x: f32[m, k], w: f32[k, n], v: f32[k, p]) where m = 9, k = 20, n = 40, p = 41 {
  %0 = matmul x, w {provider = generated} : f32[m, n]
  %1 = matmul x, v {provider = generated} : f32[m, p]
  return %0, %1
})",
                 2);
}

TEST(SharedProductResults, BatchesShareWhereTheRightOperandsAreAlike) {
  expect_one_kernel(R"(
graph g(x: f32[p, m, k], w: f32[p, k, n], v: f32[p, k, n]) where p = 11, m = 9, k = 20, n = 40 {
  %0 = matmul x, w {provider = generated} : f32[p, m, n]
  %1 = matmul x, v {provider = generated} : f32[p, m, n]
  %2 = add %0, %1 : f32[p, m, n]
  return %2
})");
  expect_kernels(R"(
graph g(x: f32[p, m, k], w: f32[p, k, n], v: f32[k, n]) where p = 11, m = 9, k = 20, n = 40 {
  %0 = matmul x, w {provider = generated} : f32[p, m, n]
  %1 = matmul x, v {provider = generated} : f32[p, m, n]
  %2 = add %0, %1 : f32[p, m, n]
  return %2
})",
                 2);
}

TEST(SharedProductResults, AProductThatWaitsForTheOtherHasAKernelOfItsOwn) {
  expect_kernels(R"(
graph g(x: f32[m, m], w: f32[m, m]) where m = 33 {
  %0 = matmul x, w {provider = generated} : f32[m, m]
  %1 = matmul x, %0 {provider = generated} : f32[m, m]
  %2 = add %0, %1 : f32[m, m]
  return %2
})",
                 2);
}

TEST(SharedProductResults, AValueThatBothResultsNeedKeepsThemTogether) {
  expect_one_kernel(R"(
graph g(x: f32[m, k], w: f32[k, n], v: f32[k, n], r: f32[m, n]) where m = 20, k = 31, n = 50 {
  %0 = matmul x, w {provider = generated} : f32[m, n]
  %1 = matmul x, v {provider = generated} : f32[m, n]
  %2 = tanh r : f32[m, n]
  %3 = add %0, %2 : f32[m, n]
  %4 = add %1, %2 : f32[m, n]
  return %3, %4
})");
}

}  // namespace
}  // namespace onepass::codegen
