// SPDX-License-Identifier: Apache-2.0
// Element-wise kernels against the interpreter, bit for bit: every dtype and layout, both targets,
// any threads.
#include <gtest/gtest.h>

#include "graph_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

/// `text` with every occurrence of `from` replaced.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(MapResults, EveryDtypeCopiesComparesAndSelects) {
  for (int i = 0; i < dtype_count; ++i) {
    const std::string dtype(to_string(static_cast<DType>(i)));
    GraphCase(replaced(R"(
graph g(x: T[n], y: T[n], b: boolean[n]) where n = 1003 {
  %0 = equal x, y : boolean[n]
  %1 = where b, x, y : T[n]
  return %0, %1, x
})",
                       "T[", dtype + "["))
        .expect_bits_everywhere();
  }
}

TEST(MapResults, EveryNumericDtypeAddsMultipliesAndNegates) {
  for (int i = 0; i < dtype_count; ++i) {
    const std::string dtype(to_string(static_cast<DType>(i)));
    if (dtype == "boolean") continue;
    GraphCase(replaced(R"(
graph g(x: T[n, m], y: T[m]) where n = 7, m = 77 {
  %0 = multiply x, y : T[n, m]
  %1 = add %0, x : T[n, m]
  %2 = negative %1 : T[n, m]
  %3 = less %2, x : boolean[n, m]
  return %2, %3
})",
                       "T[", dtype + "["))
        .expect_bits_everywhere();
  }
}

TEST(MapResults, EveryCastAgrees) {
  for (int from = 0; from < dtype_count; ++from) {
    std::string nodes, outputs;
    for (int to = 0; to < dtype_count; ++to) {
      const std::string name(to_string(static_cast<DType>(to)));
      nodes += "  %" + std::to_string(to) + " = cast x {dtype = " + name + "} : " + name + "[n]\n";
      outputs += (to == 0 ? " %" : ", %") + std::to_string(to);
    }
    GraphCase("graph g(x: " + std::string(to_string(static_cast<DType>(from))) +
              "[n]) where n = 333 {\n" + nodes + "  return" + outputs + "\n}")
        .expect_bits_everywhere();
  }
}

TEST(MapResults, SizesAroundVectorsChunksAndNothing) {
  for (const int n : {0, 2, 15, 16, 17, 63, 64, 65, 4095, 4096, 4097, 70001}) {
    GraphCase("graph g(x: f32[n], y: f32[n], s0: scalar f32) where n = " + std::to_string(n) + R"( {
  %0 = multiply x, s0 : f32[n]
  %1 = add %0, y : f32[n]
  %2 = tanh %1 : f32[n]
  return %1, %2
})")
        .expect_bits_everywhere();
  }
}

TEST(MapResults, RankZeroAndExtentsOfOne) {
  GraphCase(R"(
graph g(x: f64[], y: f64[1, 1], s0: scalar f64) {
  %0 = add x, y : f64[1, 1]
  %1 = exp %0 : f64[1, 1]
  %2 = multiply %1, s0 : f64[1, 1]
  return %2
})")
      .expect_bits_everywhere();
  GraphCase(R"(
graph g(x: i32[]) {
  %0 = add x, x : i32[]
  return %0
})")
      .expect_bits_everywhere();
}

TEST(MapResults, BroadcastAlongEveryDimension) {
  GraphCase(R"(
graph g(x: f32[n, m, k], a: f32[k], b: f32[m, 1], c: f32[n, 1, 1], d: f32[1, m, k]) where n = 5, m = 6, k = 37 {
  %0 = add x, a : f32[n, m, k]
  %1 = add %0, b : f32[n, m, k]
  %2 = multiply %1, c : f32[n, m, k]
  %3 = subtract %2, d : f32[n, m, k]
  return %3
})")
      .expect_bits_everywhere();
}

TEST(MapResults, ShortInnerAndShortOuterExtents) {
  for (const auto& [n, m] :
       std::vector<std::pair<int, int>>{{2, 9001}, {9001, 3}, {3, 5}, {0, 9}, {9, 0}, {40, 40}}) {
    GraphCase("graph g(x: f32[n, m], a: f32[m], b: f32[n, 1]) where n = " + std::to_string(n) +
              ", m = " + std::to_string(m) + R"( {
  %0 = multiply x, a : f32[n, m]
  %1 = add %0, b : f32[n, m]
  return %1
})")
        .expect_bits_everywhere();
  }
}

TEST(MapResults, StridedReversedAndTransposedInputs) {
  GraphCase(R"(
graph g(x: f32[n, m] strides [1, 33], y: f32[n, m] strides [200, 3], z: f32[n, m] strides [-70, -1],
        w: f32[n, m] strides [0, 1], u: f32[n, m] strides [50, 0]) where n = 33, m = 66 {
  %0 = add x, y : f32[n, m]
  %1 = add %0, z : f32[n, m]
  %2 = add %1, w : f32[n, m]
  %3 = multiply %2, u : f32[n, m]
  return %3
})")
      .expect_bits_everywhere();
}

TEST(MapResults, TransposedInputsOfEveryDtypeAroundTilesAndBlocks) {
  for (int i = 0; i < dtype_count; ++i) {
    const std::string dtype(to_string(static_cast<DType>(i)));
    for (const auto& [n, m] :
         std::vector<std::pair<int, int>>{{8, 8}, {15, 65}, {64, 130}, {147, 16}, {0, 20}}) {
      GraphCase(replaced("graph g(x: T[m, n], y: T[n, m]) where n = " + std::to_string(n) +
                             ", m = " + std::to_string(m) + R"( {
  %0 = permute_dims x {permutation = [1, 0]} : T[n, m]
  %1 = equal %0, y : boolean[n, m]
  %2 = where %1, y, %0 : T[n, m]
  return %2, %1
})",
                         "T[", dtype + "["))
          .expect_bits_everywhere();
    }
  }
}

TEST(MapResults, TransposedInputsOfMoreDimensionsAndStrips) {
  GraphCase(R"(
graph g(x: f32[k, m, n], y: f64[n, m, k], z: f32[m, n, k], w: f32[k]) where n = 9, m = 11, k = 70 {
  %0 = permute_dims x {permutation = [2, 1, 0]} : f32[n, m, k]
  %1 = permute_dims z {permutation = [1, 0, 2]} : f32[n, m, k]
  %2 = add %0, %1 : f32[n, m, k]
  %3 = multiply %2, w : f32[n, m, k]
  %4 = cast %3 {dtype = f64} : f64[n, m, k]
  %5 = subtract %4, y : f64[n, m, k]
  return %5, %0
})")
      .expect_bits_everywhere();
  std::string text = R"(
graph g(x: f32[m, n], y: f32[n, m]) where n = 30, m = 90 {
  %0 = permute_dims x {permutation = [1, 0]} : f32[n, m]
)";
  for (int i = 1; i < 150; ++i) {
    text += "  %" + std::to_string(i) + (i % 2 == 0 ? " = minimum %" : " = subtract %") +
            std::to_string(i - 1) + (i % 7 == 0 ? ", %0" : ", y") + " : f32[n, m]\n";
  }
  GraphCase(text + "  return %149\n}").expect_bits_everywhere();
}

TEST(MapResults, AFewPlanesOfTransposedRows) {
  GraphCase(R"(
graph g(x: f32[p, m, n], y: f32[p, n, m]) where p = 3, n = 70, m = 41 {
  %0 = permute_dims x {permutation = [0, 2, 1]} : f32[p, n, m]
  %1 = add %0, y : f32[p, n, m]
  return %1
})")
      .expect_bits_everywhere();
}

TEST(MapResults, StreamedBlocksAreTheSameAndMayBeAnywhere) {
  GraphCase graph(R"(
graph g(x: f32[m, n], y: f32[n, m]) where n = 389, m = 432 {
  %0 = permute_dims x {permutation = [1, 0]} : f32[n, m]
  %1 = add %0, y : f32[n, m]
  return %1
})");
  graph.expect_bits_everywhere();
  graph.with_output_strides({{433, 1}}).expect_bits_everywhere();
  const auto expected = graph.interpreted();
  for (const Target& target : testing::targets())
    graph.expect_equal(graph.run_in_place(*graph.compiled(target, ir::Mode::fused), 1), expected,
                       "in place");
}

TEST(MapResults, StridedOutputs) {
  GraphCase graph(R"(
graph g(x: i16[n, m], y: i16[m]) where n = 19, m = 70 {
  %0 = add x, y : i16[n, m]
  return %0
})");
  graph.with_output_strides({{1, 19}}).expect_bits_everywhere();
  graph.with_output_strides({{210, 3}}).expect_bits_everywhere();
  graph.with_output_strides({{-70, -1}}).expect_bits_everywhere();
}

TEST(MapResults, ViewsInsideAKernel) {
  GraphCase(R"(
graph g(x: f32[n, m], y: f32[m, n]) where n = 21, m = 34, p = 8 is slice_length(m, 3, 27, 3) {
  %0 = permute_dims y {permutation = [1, 0]} : f32[n, m]
  %1 = add x, %0 : f32[n, m]
  %2 = slice %1 {start = [0, 3], stop = [end, 27], step = [1, 3]} : f32[n, p]
  %3 = exp %2 : f32[n, p]
  return %3
})")
      .expect_bits_everywhere();
  GraphCase(R"(
graph g(x: i64[n]) where n = 100, p = 6 is slice_length(n, -20, -2, 3), q = 100 is slice_length(n, -1, end, -1) require n == q {
  %0 = slice x {start = [-20], stop = [-2], step = [3]} : i64[p]
  %1 = slice x {start = [-1], stop = [end], step = [-1]} : i64[n]
  %2 = add %1, x : i64[n]
  return %0, %2
})")
      .expect_bits_everywhere();
}

TEST(MapResults, SlicesOfSlicesAndOfIota) {
  GraphCase(R"(
graph g(x: f32[n]) where n = 41, p = 21 is slice_length(n, 0, end, 2), q = 5 is slice_length(p, -5, end, 1), r = 5 is slice_length(q, -1, end, -1) {
  %0 = slice x {start = [0], stop = [end], step = [2]} : f32[p]
  %1 = slice %0 {start = [-5], stop = [end], step = [1]} : f32[q]
  %2 = slice %1 {start = [-1], stop = [end], step = [-1]} : f32[r]
  %3 = iota {dimensions = [n], axis = 0, dtype = f32} : f32[n]
  %4 = slice %3 {start = [0], stop = [end], step = [2]} : f32[p]
  %5 = slice %4 {start = [-5], stop = [end], step = [1]} : f32[q]
  %6 = add %1, %5 : f32[q]
  return %2, %6
})")
      .expect_bits_everywhere();
}

TEST(MapResults, IotaCountsAlongItsAxisOnly) {
  GraphCase(R"(
graph g(x: i32[n, m]) where n = 12, m = 50 {
  %0 = iota {dimensions = [n, m], axis = 0, dtype = i32} : i32[n, m]
  %1 = iota {dimensions = [n, m], axis = 1, dtype = i32} : i32[n, m]
  %2 = multiply %0, %1 : i32[n, m]
  %3 = add %2, x : i32[n, m]
  return %3
})")
      .expect_bits_everywhere();
}

TEST(MapResults, AChainOf512OpsIsOneKernelInStrips) {
  std::string text = "graph g(x: f32[n]) where n = 3001 {\n  %0 = add x, x : f32[n]\n";
  for (int i = 1; i < 512; ++i) {
    const std::string before = "%" + std::to_string(i - 1),
                      far = i > 100 ? "%" + std::to_string(i - 100) : "x";
    text += "  %" + std::to_string(i) +
            (i % 3 == 0   ? " = add "
             : i % 3 == 1 ? " = minimum "
                          : " = subtract ") +
            before + ", " + far + " : f32[n]\n";
  }
  const GraphCase graph(text + "  return %511, %300\n}");
  EXPECT_EQ(graph.compiled({}, ir::Mode::fused)->steps.size(), 1u);
  const auto expected = graph.interpreted();
  for (const Target& target : testing::targets()) {
    graph.expect_equal(graph.run(*graph.compiled(target, ir::Mode::fused)), expected, "strips");
  }
}

TEST(MapResults, TwoHundredInputsAreOneKernel) {
  std::string parameters, nodes;
  for (int i = 0; i < 200; ++i)
    parameters += (i == 0 ? "x" : ", x") + std::to_string(i) + ": f64[n]";
  nodes += "  %0 = add x0, x1 : f64[n]\n";
  for (int i = 1; i < 199; ++i) {
    nodes += "  %" + std::to_string(i) + " = add %" + std::to_string(i - 1) + ", x" +
             std::to_string(i + 1) + " : f64[n]\n";
  }
  const GraphCase graph("graph g(" + parameters + ") where n = 700 {\n" + nodes +
                        "  return %198\n}");
  EXPECT_EQ(graph.compiled({}, ir::Mode::fused)->steps.size(), 1u);
  const auto expected = graph.interpreted();
  for (const Target& target : testing::targets()) {
    graph.expect_equal(graph.run(*graph.compiled(target, ir::Mode::fused)), expected, "inputs");
  }
}

}  // namespace
}  // namespace onepass::codegen
