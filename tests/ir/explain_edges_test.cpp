// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"

namespace onepass::ir {
namespace {

std::vector<std::string> edges_of(std::string_view text, const PassOptions& options = {}) {
  Graph graph = parse(text);
  run_pipeline(graph, options);
  std::vector<std::string> lines;
  for (const Edge& edge : explain_edges(graph)) {
    lines.push_back(edge.producer + " -> " + edge.consumer + ": " +
                    std::string(to_string(edge.reason)) + ", " + std::to_string(edge.bytes));
  }
  return lines;
}

constexpr std::string_view chain =
    "graph g(x: f32[n], s0: scalar f32) where n = 100 { %0 = exp x : f32[n] %1 = multiply %0, s0 : "
    "f32[n] return %1 }";

TEST(Edges, SayWhatFusionSaves) {
  EXPECT_EQ(edges_of(chain),
            (std::vector<std::string>{"x -> g_0 %0 exp: graph_input, 400",
                                      "g_0 %0 exp -> g_0 %1 multiply: fused, 800"}));
}

TEST(Edges, SayWhatUnfusedModeCosts) {
  EXPECT_EQ(edges_of(chain, {Mode::unfused, Accuracy::strict, {}}),
            (std::vector<std::string>{"x -> g_0 %0 exp: graph_input, 400",
                                      "g_0 %0 exp -> g_1 %0 multiply: mode, 800"}));
}

TEST(Edges, NameTheReductionThatKeepsKernelsApart) {
  EXPECT_EQ(
      edges_of("graph g(x: f32[n, m]) where n = 10, m = 5 { %0 = exp x : f32[n, m] %1 = sum %0 "
               "{axes = [0], keepdims = true} : f32[1, m] %2 = divide %0, %1 : f32[n, m] return "
               "%2 }"),
      (std::vector<std::string>{"x -> g_0 %0 exp: graph_input, 200",
                                "g_0 %0 exp -> g_1 %0 sum: reduction, 400",
                                "g_0 %0 exp -> g_2 %0 divide: reduction, 200",
                                "g_1 %0 sum -> g_2 %0 divide: reduction, 40"}));
}

TEST(Edges, OfRunningReductionsAndTheMapsAroundThemAreFused) {
  for (const std::string axis : {"0", "1"}) {
    EXPECT_EQ(edges_of("graph g(x: f32[n, m]) where n = 10, m = 5 { %0 = exp x : f32[n, m] %1 = "
                       "cumulative_sum %0 {axis = " +
                       axis + "} : f32[n, m] %2 = negative %1 : f32[n, m] return %2 }"),
              (std::vector<std::string>{"x -> g_0 %0 exp: graph_input, 200",
                                        "g_0 %0 exp -> g_0 %1 cumulative_sum: fused, 400",
                                        "g_0 %1 cumulative_sum -> g_0 %2 negative: fused, 400"}));
  }
}

TEST(Edges, OfReductionsOfTheSameRowsAreFused) {
  EXPECT_EQ(
      edges_of("graph g(x: f32[n, m]) where n = 10, m = 5 { %0 = exp x : f32[n, m] %1 = sum %0 "
               "{axes = [1], keepdims = true} : f32[n, 1] %2 = divide %0, %1 : f32[n, m] return "
               "%2 }"),
      (std::vector<std::string>{
          "x -> g_0 %0 exp: graph_input, 200", "g_0 %0 exp -> g_0 %1 sum: fused, 400",
          "g_0 %0 exp -> g_0 %2 divide: fused, 200", "g_0 %1 sum -> g_0 %2 divide: fused, 80"}));
}

TEST(Edges, NameLibraryCallsProductsAndReshapes) {
  EXPECT_EQ(
      edges_of("graph g(x: f32[n, m], w: f32[m, k]) where n = 20, m = 30, k = 40, p = 800 is "
               "product(n, k) { %0 = matmul x, w {provider = openblas} : f32[n, k] %1 = tanh %0 : "
               "f32[n, k] %2 = reshape %1 {dimensions = [p]} : f32[p] %3 = exp %2 : f32[p] return "
               "%3 }"),
      (std::vector<std::string>{"x -> g_0 %0 matmul: graph_input, 2400",
                                "w -> g_0 %0 matmul: graph_input, 4800",
                                "g_0 %0 matmul -> g_1 %0 tanh: library_call, 6400",
                                "g_1 %0 tanh -> g_2 %0 exp: shape_change, 6400"}));
  EXPECT_EQ(
      edges_of("graph g(x: f32[n, m], w: f32[m, k]) where n = 20, m = 30, k = 40 { %0 = exp "
               "x : f32[n, m] %1 = matmul %0, w {provider = generated} : f32[n, k] %2 = tanh "
               "%1 : f32[n, k] return %2 }"),
      (std::vector<std::string>{
          "x -> g_0 %0 exp: graph_input, 2400", "g_0 %0 exp -> g_1 %0 matmul: computed_again, 4800",
          "w -> g_1 %0 matmul: graph_input, 4800", "g_1 %0 matmul -> g_1 %1 tanh: fused, 6400"}));
}

TEST(Edges, OfALargeCallDoNotOverflow) {
  for (const std::string& line :
       edges_of("graph g(x: f64[n, m]) where n = 3000000000, m = 3000000000 { %0 = exp x : f64[n, "
                "m] %1 = exp %0 : f64[n, m] return %1 }")) {
    EXPECT_EQ(line.find('-', line.rfind(',')), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace onepass::ir
