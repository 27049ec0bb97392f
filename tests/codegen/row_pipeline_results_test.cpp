// SPDX-License-Identifier: Apache-2.0
// Kernels whose rows go through a pipeline, against the interpreter, bit for bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "graph_fixture.h"
#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

const std::string pipeline = "rows in a pipeline";

// Inputs of these are integers: rows of random floats nearly all hold a NaN.

std::string softmax(int rows, int length, const char* dtype = "f32") {
  return fmt::format(R"(
graph g(x: i8[n, m]) where n = {0}, m = {1} {{
  %0 = cast x {{dtype = {2}}} : {2}[n, m]
  %1 = max %0 {{axes = [1], keepdims = true}} : {2}[n, 1]
  %2 = subtract %0, %1 : {2}[n, m]
  %3 = exp %2 : {2}[n, m]
  %4 = sum %3 {{axes = [1], keepdims = true}} : {2}[n, 1]
  %5 = divide %3, %4 : {2}[n, m]
  return %5
}})",
                     rows, length, dtype);
}

std::string normalisation(int rows, int length, const char* outputs = "%7, %0, %5") {
  return fmt::format(R"(
graph g(x: f32[n, m], w: f32[m], y: f32[n, 1], s0: scalar f32) where n = {}, m = {} {{
  %0 = mean x {{axes = [1], keepdims = true}} : f32[n, 1]
  %1 = subtract x, %0 : f32[n, m]
  %2 = multiply %1, %1 : f32[n, m]
  %3 = sum %2 {{axes = [1], keepdims = true}} : f32[n, 1]
  %4 = add %3, y : f32[n, 1]
  %5 = sqrt %4 : f32[n, 1]
  %6 = divide %1, %5 : f32[n, m]
  %7 = multiply %6, w : f32[n, m]
  return {}
}})",
                     rows, length, outputs);
}

std::string two_stages(int rows, int length) {
  return fmt::format(R"(
graph g(x: i8[n, m], y: f32[n, m]) where n = {}, m = {} {{
  %0 = cast x {{dtype = f32}} : f32[n, m]
  %1 = max %0 {{axes = [1], keepdims = true}} : f32[n, 1]
  %2 = sum %0 {{axes = [1], keepdims = true}} : f32[n, 1]
  %3 = subtract %0, %1 : f32[n, m]
  %4 = multiply %3, %2 : f32[n, m]
  %5 = min %4 {{axes = [1], keepdims = true}} : f32[n, 1]
  return %5
}})",
                     rows, length);
}

TEST(RowPipeline, TakesRowsOfOneBlockThatAreLongerThanTheLanes) {
  EXPECT_EQ(testing::plan_of(softmax(40, 1024)).walk.way, pipeline);
  EXPECT_EQ(testing::plan_of(softmax(40, 65)).walk.way, pipeline);
  EXPECT_EQ(testing::plan_of(normalisation(40, 768)).walk.way, pipeline);
  EXPECT_EQ(testing::plan_of(two_stages(40, 300)).walk.way, pipeline);
  EXPECT_EQ(testing::plan_of(softmax(40, 512, "f64")).walk.way, pipeline);
  EXPECT_NE(testing::plan_of(softmax(40, 64)).walk.way, pipeline);
  EXPECT_NE(testing::plan_of(softmax(40, 1025)).walk.way, pipeline);
  // The accumulators of these two stages take all registers of the narrow target; more would not
  // fit.
  const Target narrow{InstructionSet::x86_64_v3};
  EXPECT_EQ(testing::plan_of(softmax(40, 1024), narrow).walk.way, pipeline);
  EXPECT_NE(testing::plan_of(two_stages(40, 300), narrow).walk.way, pipeline);
}

TEST(RowPipeline, GivesTheBitsOfTheOrderForAnyNumberOfRows) {
  for (const int rows : {2, 15, 16, 17, 33, 64, 65, 130}) {
    for (const int length : {65, 128, 257, 1000}) {
      GraphCase(softmax(rows, length)).expect_bits_everywhere();
    }
    GraphCase(normalisation(rows, 100)).expect_bits_everywhere();
    GraphCase(normalisation(rows, 768)).expect_bits_everywhere();
    GraphCase(two_stages(rows, 129)).expect_bits_everywhere();
  }
  GraphCase(softmax(37, 511, "f64")).expect_bits_everywhere();
}

TEST(RowPipeline, WalksStridedRows) {
  const char* const text = R"(
graph g(x: i8[m, k] strides [200, 2], y: f32[m]) where m = 64, k = 100 {
  %0 = cast x {dtype = f32} : f32[m, k]
  %1 = mean %0 {axes = [1], keepdims = true} : f32[m, 1]
  %2 = subtract %0, %1 : f32[m, k]
  return %2
})";
  EXPECT_EQ(testing::plan_of(text).walk.way, pipeline);
  for (const auto& strides : {Strides{int64_t{300}, int64_t{3}},
                              {int64_t{1}, int64_t{64}},
                              {int64_t{-100}, int64_t{-1}}}) {
    GraphCase(text).with_output_strides({strides}).expect_bits_everywhere();
  }
}

TEST(RowPipeline, ComputesInPlace) {
  for (const int rows : {2, 40}) {
    const GraphCase graph(normalisation(rows, 100, "%7"));
    const auto program = graph.compiled(host_target(), ir::Mode::fused);
    ASSERT_TRUE(program->may_alias[0][0]);
    graph.expect_equal(graph.run_in_place(*program, 0), graph.interpreted(), "in place");
  }
}

}  // namespace
}  // namespace onepass::codegen
