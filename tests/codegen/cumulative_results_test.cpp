// SPDX-License-Identifier: Apache-2.0
// Running reductions against the interpreter, bit for bit, for every shape that has a plan.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "graph_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

TEST(CumulativeResults, AlongRowsOfEverySize) {
  for (const int n : {0, 2, 9, 17, 40, 65}) {
    for (const int m : {0, 2, 63, 255, 256, 257, 1000}) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m], y: f64[n, m]) where n = {}, m = {} {{
  %0 = cumulative_sum x {{axis = 1}} : f32[n, m]
  %1 = cumulative_prod y {{axis = 1}} : f64[n, m]
  return %0, %1
}})",
                            n, m))
          .expect_bits_everywhere();
    }
  }
}

TEST(CumulativeResults, AlongColumnsOfEverySize) {
  for (const int n : {0, 2, 255, 257, 700}) {
    for (const int m : {0, 2, 33, 100, 300}) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m], y: i16[n, m]) where n = {}, m = {} {{
  %0 = cumulative_sum x {{axis = 0}} : f32[n, m]
  %1 = cumulative_sum y {{axis = 0}} : i64[n, m]
  return %0, %1
}})",
                            n, m))
          .expect_bits_everywhere();
    }
  }
}

TEST(CumulativeResults, MapsBeforeAndAfterShareItsKernel) {
  for (const int axis : {0, 1}) {
    for (const int m : {3, 100, 300}) {
      const GraphCase graph(fmt::format(R"(
graph g(x: f32[n, m], y: f32[m], s0: scalar f32) where n = 70, m = {} {{
  %0 = multiply x, y : f32[n, m]
  %1 = cumulative_sum %0 {{axis = {}}} : f32[n, m]
  %2 = subtract x, %1 : f32[n, m]
  %3 = exp %2 : f32[n, m]
  %4 = add %1, s0 : f32[n, m]
  return %3, %4
}})",
                                        m, axis));
      int kernels = 0;
      for (const ir::Node& node : graph.lowered(ir::Mode::fused).nodes) {
        if (node.op == ir::OpCode::fused) ++kernels;
      }
      EXPECT_EQ(kernels, 1);
      graph.expect_bits_everywhere();
    }
  }
}

TEST(CumulativeResults, OfLongVectorsWithMapsAroundThem) {
  GraphCase(R"(
graph g(x: f32[n], y: f32[n]) where n = 20001 {
  %0 = multiply x, y : f32[n]
  %1 = cumulative_sum %0 {axis = 0} : f32[n]
  %2 = subtract y, %1 : f32[n]
  return %2, %0
})")
      .expect_bits_everywhere();
}

TEST(CumulativeResults, SeveralRowsAtOnceOfEveryLayoutAndDtype) {
  for (const char* strides : {"", " strides [1, 40, 4000]", " strides [20000, 200, 1]"}) {
    for (const char* dtype : {"f16", "f32", "i64", "i8"}) {
      const bool wide = std::string_view(dtype) == "i8";
      GraphCase(fmt::format(R"(
graph g(x: {0}[n, m, k]{2}) where n = 3, m = 35, k = 130 {{
  %0 = cumulative_sum x {{axis = 2}} : {1}[n, m, k]
  return %0
}})",
                            dtype, wide ? "i64" : dtype, strides))
          .expect_bits_everywhere();
    }
  }
}

TEST(CumulativeResults, OfLongVectorsAndOfFewLongRowsInThreePhases) {
  for (const int n : {64 * 256, 64 * 256 + 1, 70001}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n], y: f64[m, n], z: f32[n, k]) where n = {}, m = 3, k = 37 {{
  %0 = cumulative_sum x {{axis = 0}} : f32[n]
  %1 = cumulative_sum y {{axis = 1}} : f64[m, n]
  %2 = cumulative_sum z {{axis = 0}} : f32[n, k]
  return %0, %1, %2
}})",
                          n))
        .expect_bits_everywhere();
  }
}

TEST(CumulativeResults, EveryAxisOfStridedArraysOfThreeDimensions) {
  for (const char* strides : {"", " strides [1, 23, 600]", " strides [3000, 70, 2]"}) {
    for (int axis = 0; axis < 3; ++axis) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m, k]{}) where n = 23, m = 19, k = 31 {{
  %0 = cumulative_sum x {{axis = {}}} : f32[n, m, k]
  return %0
}})",
                            strides, axis))
          .expect_bits_everywhere();
    }
  }
}

TEST(CumulativeResults, BetweenMapsAndOfHalves) {
  for (int axis = 0; axis < 2; ++axis) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n, m], h: bf16[n, m], b: boolean[n, m]) where n = 300, m = 290 {{
  %0 = tanh x : f32[n, m]
  %1 = cumulative_sum %0 {{axis = {0}}} : f32[n, m]
  %2 = subtract %1, %0 : f32[n, m]
  %3 = cumulative_sum h {{axis = {0}}} : bf16[n, m]
  %4 = cumulative_sum b {{axis = {0}}} : i64[n, m]
  return %2, %3, %4
}})",
                          axis))
        .expect_bits_everywhere();
  }
}

TEST(CumulativeResults, AlongAnExtentOfOne) {
  GraphCase(R"(
graph g(x: f32[n, 1], y: i8[1, n]) where n = 100 {
  %0 = cumulative_sum x {axis = 1} : f32[n, 1]
  %1 = cumulative_prod x {axis = 0} : f32[n, 1]
  %2 = cumulative_sum y {axis = 0} : i64[1, n]
  return %0, %1, %2
})")
      .expect_bits_everywhere();
}

}  // namespace
}  // namespace onepass::codegen
