// SPDX-License-Identifier: Apache-2.0
// Kernels that walk strips of columns through several stages, against the interpreter, bit for bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "graph_fixture.h"
#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

const std::string strips = "strips of columns";

// Inputs of these are integers: columns of random floats nearly all hold a NaN.

std::string softmax(int rows, int columns, const char* dtype = "f32") {
  return fmt::format(R"(
graph g(x: i8[n, m]) where n = {0}, m = {1} {{
  %0 = cast x {{dtype = {2}}} : {2}[n, m]
  %1 = max %0 {{axes = [0], keepdims = true}} : {2}[1, m]
  %2 = subtract %0, %1 : {2}[n, m]
  %3 = exp %2 : {2}[n, m]
  %4 = sum %3 {{axes = [0], keepdims = true}} : {2}[1, m]
  %5 = divide %3, %4 : {2}[n, m]
  return %5
}})",
                     rows, columns, dtype);
}

/// With results of every shape, and without keepdims.
std::string standardised(int rows, int columns, const char* outputs = "%7, %0, %5") {
  return fmt::format(R"(
graph g(x: f32[n, m], w: f32[n, 1], y: f32[m]) where n = {}, m = {} {{
  %0 = mean x {{axes = [0], keepdims = false}} : f32[m]
  %1 = subtract x, %0 : f32[n, m]
  %2 = multiply %1, %1 : f32[n, m]
  %3 = sum %2 {{axes = [0], keepdims = false}} : f32[m]
  %4 = add %3, y : f32[m]
  %5 = sqrt %4 : f32[m]
  %6 = divide %1, %5 : f32[n, m]
  %7 = multiply %6, w : f32[n, m]
  return {}
}})",
                     rows, columns, outputs);
}

std::string of_middle_axis(int batch, int rows, int columns) {
  return fmt::format(R"(
graph g(x: f64[b, n, m], w: f64[b, m]) where b = {}, n = {}, m = {} {{
  %0 = mean x {{axes = [1], keepdims = true}} : f64[b, 1, m]
  %1 = subtract x, %0 : f64[b, n, m]
  %2 = min %1 {{axes = [1], keepdims = false}} : f64[b, m]
  %3 = add %2, w : f64[b, m]
  return %1, %3
}})",
                     batch, rows, columns);
}

std::string several_of_one_stage(int rows, int columns) {
  return fmt::format(R"(
graph g(x: i16[n, m]) where n = {}, m = {} {{
  %0 = sum x {{axes = [0], keepdims = false}} : i64[m]
  %1 = argmax x {{axes = [0], keepdims = false}} : i64[m]
  %2 = cast x {{dtype = f16}} : f16[n, m]
  %3 = mean %2 {{axes = [0], keepdims = true}} : f16[1, m]
  %4 = subtract %2, %3 : f16[n, m]
  return %0, %1, %4
}})",
                     rows, columns);
}

TEST(ColumnStrips, TakeChainsOverOneAxisWithEnoughColumnsBehindIt) {
  EXPECT_EQ(testing::plan_of(softmax(1024, 1024)).walk.way, strips);
  EXPECT_EQ(testing::plan_of(softmax(8192, 128)).walk.way, strips);
  EXPECT_EQ(testing::plan_of(standardised(40, 768)).walk.way, strips);
  EXPECT_EQ(testing::plan_of(of_middle_axis(3, 40, 300)).walk.way, strips);
  EXPECT_EQ(testing::plan_of(several_of_one_stage(40, 300)).walk.way, strips);
}

TEST(ColumnStrips, CountTheLoopsOverEachElement) {
  EXPECT_EQ(testing::plan_of(softmax(1024, 1024)).walk.loops, 3);
  EXPECT_EQ(testing::plan_of(standardised(40, 768)).walk.loops, 3);
}

TEST(ColumnStrips, GiveTheBitsOfTheOrderForAnyNumberOfRowsAndColumns) {
  for (const int rows : {2, 16, 17, 300}) {
    for (const int columns : {129, 2049}) {
      GraphCase(softmax(rows, columns)).expect_bits_everywhere();
      GraphCase(standardised(rows, columns)).expect_bits_everywhere();
    }
    GraphCase(several_of_one_stage(rows, 500)).expect_bits_everywhere();
  }
  GraphCase(softmax(37, 511, "f64")).expect_bits_everywhere();
  GraphCase(softmax(37, 511, "f16")).expect_bits_everywhere();
}

TEST(ColumnStrips, WalkMiddleAxes) {
  for (const int batch : {2, 9, 40}) {
    GraphCase(of_middle_axis(batch, 17, 130)).expect_bits_everywhere();
    GraphCase(of_middle_axis(batch, 100, 1000)).expect_bits_everywhere();
  }
}

TEST(ColumnStrips, WriteStridedResults) {
  for (const auto& strides :
       {Strides{int64_t{300}, int64_t{1}}, {int64_t{1}, int64_t{64}}, {int64_t{600}, int64_t{2}}}) {
    GraphCase(softmax(64, 150)).with_output_strides({strides}).expect_bits_everywhere();
  }
}

TEST(ColumnStrips, ReduceNothingToTheResultOfNothing) {
  GraphCase(R"(
graph g(x: f32[n, m]) where n = 0, m = 200 {
  %0 = sum x {axes = [0], keepdims = true} : f32[1, m]
  %1 = mean x {axes = [0], keepdims = true} : f32[1, m]
  %2 = subtract x, %0 : f32[n, m]
  return %0, %1, %2
})")
      .expect_bits_everywhere();
}

TEST(ColumnStrips, ComputeInPlace) {
  for (const int rows : {2, 40}) {
    const GraphCase graph(standardised(rows, 300, "%7"));
    const auto program = graph.compiled(host_target(), ir::Mode::fused);
    ASSERT_TRUE(program->may_alias[0][0]);
    graph.expect_equal(graph.run_in_place(*program, 0), graph.interpreted(), "in place");
  }
}

}  // namespace
}  // namespace onepass::codegen
