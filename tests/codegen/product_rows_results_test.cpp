// SPDX-License-Identifier: Apache-2.0
// Reductions of the rows of a product in one kernel with it: where that pays, and the bits of the
// interpreter whatever rows, blocks and types are.
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

/// Blocks that end within rows; vectors of columns that end within lanes; one tile, several.
const Sizes shapes[] = {{1000, 7, 5},  {513, 16, 33},  {520, 17, 2},
                        {700, 64, 16}, {515, 100, 41}, {530, 300, 9}};

constexpr const char* softmax_nodes =
    "  %1 = max %0 {axes = [1], keepdims = true} : f32[m, 1]\n"
    "  %2 = subtract %0, %1 : f32[m, n]\n"
    "  %3 = exp %2 : f32[m, n]\n"
    "  %4 = sum %3 {axes = [1], keepdims = true} : f32[m, 1]\n"
    "  %5 = divide %3, %4 : f32[m, n]\n"
    "  return %5\n";

std::string graph(const std::string& inputs, Sizes s, const std::string& nodes) {
  return fmt::format("graph g({}) where m = {}, k = {}, n = {} {{\n{}}}", inputs, s.m, s.k, s.n,
                     nodes);
}

std::string product(Sizes s, const std::string& nodes,
                    const std::string& inputs = "x: f32[m, k], w: f32[k, n]") {
  return graph(inputs, s, "  %0 = matmul x, w {provider = generated} : f32[m, n]\n" + nodes);
}

void expect_kernels(const std::string& text, size_t count) {
  const GraphCase graph(text);
  const ir::Graph lowered = graph.lowered(ir::Mode::fused);
  const auto kernels =
      std::count_if(lowered.nodes.begin(), lowered.nodes.end(),
                    [](const ir::Node& node) { return node.op == ir::OpCode::fused; });
  EXPECT_EQ(static_cast<size_t>(kernels), count) << text;
  graph.expect_bits_everywhere();
}

TEST(ProductRowsResults, EveryReductionOfEveryWidth) {
  for (const char* op : {"sum", "max", "min", "prod", "mean"}) {
    for (const Sizes s : shapes) {
      expect_kernels(
          product(s, fmt::format("  %1 = tanh %0 : f32[m, n]\n"
                                 "  %2 = {} %1 {{axes = [1], keepdims = false}} : f32[m]\n"
                                 "  return %2\n",
                                 op)),
          1);
    }
  }
}

TEST(ProductRowsResults, PositionsAndTruth) {
  for (const Sizes s : shapes) {
    expect_kernels(
        product(s, "  %1 = argmax %0 {axes = [1], keepdims = false} : i64[m]\n  return %1\n"), 1);
    expect_kernels(product(s,
                           "  %1 = isfinite %0 : boolean[m, n]\n"
                           "  %2 = all %1 {axes = [1], keepdims = false} : boolean[m]\n"
                           "  return %2\n"),
                   1);
  }
}

TEST(ProductRowsResults, StagesOfReductionsAndTheRowsThemselves) {
  for (const Sizes s : shapes) {
    expect_kernels(product(s, softmax_nodes), 1);
    expect_kernels(product(s,
                           "  %1 = mean %0 {axes = [1], keepdims = false} : f32[m]\n"
                           "  %2 = sqrt %1 : f32[m]\n"
                           "  return %0, %2\n"),
                   2);  // the product is a result itself
    expect_kernels(product(s,
                           "  %1 = tanh %0 : f32[m, n]\n"
                           "  %2 = sum %1 {axes = [1], keepdims = false} : f32[m]\n"
                           "  return %1, %2\n"),
                   1);
  }
}

TEST(ProductRowsResults, OtherOperandsOfTheRows) {
  for (const char* strides : {"", " strides [1, 1100]"}) {
    for (const Sizes s : shapes) {
      expect_kernels(product(s,
                             "  %1 = subtract %0, y : f32[m, n]\n"
                             "  %2 = multiply %1, %1 : f32[m, n]\n"
                             "  %3 = sum %2 {axes = [1], keepdims = false} : f32[m]\n"
                             "  return %3\n",
                             fmt::format("x: f32[m, k], w: f32[k, n], y: f32[m, n]{}", strides)),
                     1);
    }
  }
}

TEST(ProductRowsResults, TransposedOperandsAndPrologues) {
  for (const Sizes s : shapes) {
    expect_kernels(product(s, softmax_nodes, "x: f32[m, k] strides [1, 1100], w: f32[k, n]"), 1);
    expect_kernels(product(s, softmax_nodes, "x: f32[m, k], w: f32[k, n] strides [1, 60]"), 1);
    expect_kernels(graph("x: f16[m, k], w: bf16[k, n]", s,
                         "  %0 = cast x {dtype = f32} : f32[m, k]\n"
                         "  %1 = cast w {dtype = f32} : f32[k, n]\n"
                         "  %2 = matmul %0, %1 {provider = generated} : f32[m, n]\n"
                         "  %3 = max %2 {axes = [1], keepdims = false} : f32[m]\n"
                         "  return %3\n"),
                   s.n > 64 ? 2 : 1);  // many columns would cast x again and again
  }
}

TEST(ProductRowsResults, CountWhatFollowsTheProductForTheThreads) {
  const auto phase_of = [](const std::string& text) {
    const GraphCase graph(text);
    const auto program = graph.compiled(host_target(), ir::Mode::fused);
    return std::get<runtime::KernelLaunch>(program->steps.at(0)).kernel->interface.phases.at(0);
  };
  const runtime::Phase softmax = phase_of(product({1000, 64, 2}, softmax_nodes));
  EXPECT_EQ(softmax.result_dimensions, 2);
  EXPECT_GT(softmax.nanoseconds_per_result, 2 * softmax.nanoseconds_per_element);
  const runtime::Phase map =
      phase_of(product({1000, 64, 2}, "  %1 = tanh %0 : f32[m, n]\n  return %1\n"));
  EXPECT_EQ(map.result_dimensions, 2);
  EXPECT_GT(map.nanoseconds_per_result, 2 * map.nanoseconds_per_element);
  EXPECT_EQ(phase_of(product({1000, 64, 2}, "  return %0\n")).nanoseconds_per_result, 0);
}

TEST(ProductRowsResults, OtherTypes) {
  for (const char* dtype : {"f64", "i32", "i64", "f16", "bf16"}) {
    for (const Sizes s : shapes) {
      expect_kernels(graph(fmt::format("x: {0}[m, k], w: {0}[k, n]", dtype), s,
                           fmt::format("  %0 = matmul x, w {{provider = generated}} : {0}[m, n]\n"
                                       "  %1 = max %0 {{axes = [1], keepdims = false}} : {0}[m]\n"
                                       "  return %1\n",
                                       dtype)),
                     std::string(dtype).ends_with("f16") && s.n > 64 ? 2 : 1);
    }
  }
}

TEST(ProductRowsResults, Batches) {
  for (const int batch : {2, 9}) {
    for (const Sizes s : {Sizes{64, 16, 5}, Sizes{77, 100, 13}, Sizes{600, 20, 9}}) {
      expect_kernels(
          fmt::format("graph g(x: f32[b, m, k], w: f32[b, k, n]) where b = {}, m = {}, k = {}, n = "
                      "{} {{\n"
                      "  %0 = matmul x, w {{provider = generated}} : f32[b, m, n]\n"
                      "  %1 = max %0 {{axes = [2], keepdims = true}} : f32[b, m, 1]\n"
                      "  %2 = subtract %0, %1 : f32[b, m, n]\n"
                      "  %3 = exp %2 : f32[b, m, n]\n"
                      "  %4 = sum %3 {{axes = [2], keepdims = false}} : f32[b, m]\n"
                      "  return %4\n}}",
                      batch, s.m, s.k, s.n),
          1);
    }
  }
}

/// Few rows, one column, long rows, many terms, other axes, several products.
TEST(ProductRowsResults, WhatDoesNotPayStaysApart) {
  const std::string sum = "  %1 = sum %0 {axes = [1], keepdims = false} : f32[m]\n  return %1\n";
  for (const Sizes s : {Sizes{1, 64, 16}, Sizes{511, 64, 16}, Sizes{600, 1, 16}, Sizes{512, 513, 3},
                        Sizes{512, 20, 193}}) {
    expect_kernels(product(s, sum), 2);
  }
  expect_kernels(
      product({600, 20, 9}, "  %1 = sum %0 {axes = [0], keepdims = false} : f32[n]\n  return %1\n"),
      2);
  expect_kernels(product({600, 20, 9},
                         "  %1 = sum %0 {axes = [0, 1], keepdims = false} : f32[]\n  return %1\n"),
                 2);
  expect_kernels(product({600, 20, 9},
                         "  %1 = matmul x, v {provider = generated} : f32[m, n]\n"
                         "  %2 = subtract %0, %1 : f32[m, n]\n"
                         "  %3 = sum %2 {axes = [1], keepdims = false} : f32[m]\n"
                         "  return %3\n",
                         "x: f32[m, k], w: f32[k, n], v: f32[k, n]"),
                 2);
}

}  // namespace
}  // namespace onepass::codegen
