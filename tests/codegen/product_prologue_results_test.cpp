// SPDX-License-Identifier: Apache-2.0
// What precedes a product, applied to its operands as they are read: one kernel where that is
// cheap, and the bits of the interpreter.
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

/// One row, few rows, many, few columns.
const Sizes shapes[] = {{1, 300, 77}, {5, 40, 33}, {27, 129, 41}, {40, 16, 300}};

std::string graph(const std::string& inputs, Sizes s, const std::string& nodes) {
  return fmt::format("graph g({}) where m = {}, k = {}, n = {} {{\n{}}}", inputs, s.m, s.k, s.n,
                     nodes);
}

size_t kernels_of(const GraphCase& graph) {
  const ir::Graph lowered = graph.lowered(ir::Mode::fused);
  return static_cast<size_t>(
      std::count_if(lowered.nodes.begin(), lowered.nodes.end(),
                    [](const ir::Node& node) { return node.op == ir::OpCode::fused; }));
}

void expect_kernels(const std::string& text, size_t count) {
  const GraphCase graph(text);
  EXPECT_EQ(kernels_of(graph), count) << text;
  graph.expect_bits_everywhere();
}

TEST(ProductPrologueResults, CastsOfEitherOperand) {
  for (const char* dtype : {"f16", "bf16", "i8", "u8"}) {
    expect_kernels(graph(fmt::format("x: f32[m, k], w: {}[k, n]", dtype), {5, 40, 33},
                         "  %0 = cast w {dtype = f32} : f32[k, n]\n"
                         "  %1 = matmul x, %0 {provider = generated} : f32[m, n]\n"
                         "  return %1\n"),
                   1);
    expect_kernels(graph(fmt::format("x: {}[m, k], w: f32[k, n]", dtype), {9, 40, 33},
                         "  %0 = cast x {dtype = f32} : f32[m, k]\n"
                         "  %1 = matmul %0, w {provider = generated} : f32[m, n]\n"
                         "  return %1\n"),
                   1);
  }
  expect_kernels(graph("x: i8[m, k], w: u8[k, n]", {9, 40, 33},
                       "  %0 = cast x {dtype = i32} : i32[m, k]\n"
                       "  %1 = cast w {dtype = i32} : i32[k, n]\n"
                       "  %2 = matmul %0, %1 {provider = generated} : i32[m, n]\n"
                       "  return %2\n"),
                 1);
}

TEST(ProductPrologueResults, HalfPrecisionOperands) {
  for (const Sizes& s : shapes) {
    for (const char* dtype : {"f16", "bf16"}) {
      expect_kernels(graph(fmt::format("x: {0}[m, k], w: {0}[k, n]", dtype), s,
                           fmt::format("  %0 = matmul x, w {{provider = generated}} : {}[m, n]\n"
                                       "  return %0\n",
                                       dtype)),
                     s.n <= 64 ? 1 : 2);
    }
  }
}

TEST(ProductPrologueResults, DequantisedRightOperand) {
  for (const Sizes& s : shapes) {
    expect_kernels(graph("x: f32[m, k], q: i8[k, n], zero: f32[n], scale: f32[n]", s,
                         "  %0 = cast q {dtype = f32} : f32[k, n]\n"
                         "  %1 = subtract %0, zero : f32[k, n]\n"
                         "  %2 = multiply %1, scale : f32[k, n]\n"
                         "  %3 = matmul x, %2 {provider = generated} : f32[m, n]\n"
                         "  return %3\n"),
                   1);
    expect_kernels(graph("x: f32[m, k], q: u8[n, k], scale: f32[n, 1]", s,
                         "  %0 = cast q {dtype = f32} : f32[n, k]\n"
                         "  %1 = multiply %0, scale : f32[n, k]\n"
                         "  %2 = permute_dims %1 {permutation = [1, 0]} : f32[k, n]\n"
                         "  %3 = matmul x, %2 {provider = generated} : f32[m, n]\n"
                         "  return %3\n"),
                   1);
  }
}

TEST(ProductPrologueResults, ScaledAndClippedLeftOperand) {
  for (const Sizes& s : shapes) {
    expect_kernels(graph("x: f32[m, k], w: f32[k, n], c: f32[k], s0: scalar f32", s,
                         "  %0 = multiply x, s0 : f32[m, k]\n"
                         "  %1 = add %0, c : f32[m, k]\n"
                         "  %2 = maximum %1, s0 : f32[m, k]\n"
                         "  %3 = matmul %2, w {provider = generated} : f32[m, n]\n"
                         "  return %3\n"),
                   s.n <= 64 ? 1 : 2);
  }
}

TEST(ProductPrologueResults, ViewsOfAnOperandAreReadInPlace) {
  expect_kernels(graph("x: f32[m, k], w: f32[n, k]", {27, 129, 41},
                       "  %0 = permute_dims w {permutation = [1, 0]} : f32[k, n]\n"
                       "  %1 = matmul x, %0 {provider = generated} : f32[m, n]\n"
                       "  return %1\n"),
                 1);
  expect_kernels(graph("x: f32[m, k], w: f32[n]", {27, 129, 41},
                       "  %0 = broadcast_to w {dimensions = [k, n]} : f32[k, n]\n"
                       "  %1 = matmul x, %0 {provider = generated} : f32[m, n]\n"
                       "  return %1\n"),
                 1);
}

TEST(ProductPrologueResults, SharedLeftOperandIsMappedOnce) {
  expect_kernels(graph("x: bf16[m, k], w: f32[k, n], v: f32[k, n]", {27, 60, 41},
                       "  %0 = cast x {dtype = f32} : f32[m, k]\n"
                       "  %1 = matmul %0, w {provider = generated} : f32[m, n]\n"
                       "  %2 = matmul %0, v {provider = generated} : f32[m, n]\n"
                       "  %3 = multiply %1, %2 : f32[m, n]\n"
                       "  return %3\n"),
                 1);
}

TEST(ProductPrologueResults, WhatIsDearOrReadElsewhereIsStored) {
  expect_kernels(graph("x: f32[m, k], w: f32[k, n]", {27, 129, 41},
                       "  %0 = tanh x : f32[m, k]\n"
                       "  %1 = matmul %0, w {provider = generated} : f32[m, n]\n"
                       "  return %1\n"),
                 2);
  expect_kernels(graph("x: f32[m, k], w: f32[k, n]", {27, 129, 41},
                       "  %0 = negative x : f32[m, k]\n"
                       "  %1 = matmul %0, w {provider = generated} : f32[m, n]\n"
                       "  return %1, %0\n"),
                 2);
  expect_kernels(graph("x: f32[m, k], w: f32[n]", {27, 129, 41},
                       "  %0 = negative x : f32[m, k]\n"
                       "  %1 = permute_dims %0 {permutation = [1, 0]} : f32[k, m]\n"
                       "  %2 = matmul %0, %1 {provider = generated} : f32[m, m]\n"
                       "  return %2, w\n"),
                 3);
}

TEST(ProductPrologueResults, OneOperandOfManyProductsIsStored) {
  expect_kernels(R"(
graph g(x: f32[p, m, k], w: i8[k, n]) where p = 9, m = 3, k = 20, n = 40 {
  %0 = cast w {dtype = f32} : f32[k, n]
  %1 = matmul x, %0 {provider = generated} : f32[p, m, n]
  return %1
})",
                 2);
  expect_kernels(R"(
graph g(x: i8[p, m, k], w: f32[k, n]) where p = 9, m = 3, k = 20, n = 40 {
  %0 = cast x {dtype = f32} : f32[p, m, k]
  %1 = matmul %0, w {provider = generated} : f32[p, m, n]
  return %1
})",
                 1);
}

TEST(ProductPrologueResults, OneColumnSumsMappedOperands) {
  expect_kernels(R"(
graph g(x: f32[m, k], q: i8[k]) where m = 9, k = 200 {
  %0 = cast q {dtype = f32} : f32[k]
  %1 = matmul x, %0 {provider = generated} : f32[m]
  return %1
})",
                 1);
}

}  // namespace
}  // namespace onepass::codegen
