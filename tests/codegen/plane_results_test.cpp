// SPDX-License-Identifier: Apache-2.0
// Full reductions of planes side by side against the interpreter, bit for bit: planes of whole
// blocks of the order, and others.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "graph_fixture.h"
#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

/// A sum in logical order of memory whose outermost dimension has the lines.
std::string sum_of_planes(int planes, int rows, int columns, const char* dtype) {
  return fmt::format(R"(
graph g(x: {3}[m, k, n]) where n = {0}, m = {1}, k = {2} {{
  %0 = permute_dims x {{permutation = [2, 0, 1]}} : {3}[n, m, k]
  %1 = sum %0 {{axes = [0, 1, 2], keepdims = false}} : {3}[]
  return %1
}})",
                     planes, rows, columns, dtype);
}

TEST(PlaneResults, SumsOfPlanesOfWholeBlocksAndOfOthers) {
  for (const auto& [rows, columns] : {std::pair(64, 128),
                                      {48, 192},
                                      {128, 128},
                                      {256, 160},
                                      {9, 1024},
                                      {512, 16},
                                      {64, 129},
                                      {8, 128}}) {
    for (const int planes : {15, 16, 17, 64, 70, 301}) {
      for (const char* dtype : {"f32", "f64", "bf16"}) {
        GraphCase(sum_of_planes(planes, rows, columns, dtype)).expect_bits_everywhere();
      }
    }
  }
}

TEST(PlaneResults, OfMapsOfSeveralOperandsBetweenOtherMaps) {
  for (const int planes : {33, 200}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[m, k, n], y: f64[m, k, n], w: f32[n, 1, 1], s0: scalar f32) where n = {}, m = 96, k = 96 {{
  %0 = permute_dims x {{permutation = [2, 0, 1]}} : f32[n, m, k]
  %1 = multiply %0, w : f32[n, m, k]
  %2 = multiply %1, s0 : f32[n, m, k]
  %3 = mean %2 {{axes = [0, 1, 2], keepdims = false, correction = 1}} : f32[]
  %4 = sqrt %3 : f32[]
  %5 = permute_dims y {{permutation = [2, 0, 1]}} : f64[n, m, k]
  %6 = exp %5 : f64[n, m, k]
  %7 = sum %6 {{axes = [0, 1, 2], keepdims = true}} : f64[1, 1, 1]
  return %4, %7
}})",
                          planes))
        .expect_bits_everywhere();
  }
}

TEST(PlaneResults, ThatAreSideBySideAreWholeBlocks) {
  const auto way = [](int planes, int rows, int columns) {
    return testing::plan_of(sum_of_planes(planes, rows, columns, "f32")).walk.way;
  };
  EXPECT_EQ(way(16, 64, 128), "planes side by side");
  EXPECT_EQ(way(15, 64, 128), "chunks of long rows");
  EXPECT_EQ(way(640, 64, 129), "chunks of long rows");
  EXPECT_EQ(way(640, 8, 128), "chunks of long rows");
  EXPECT_EQ(print(testing::plan_of(sum_of_planes(64, 64, 128, "f32")).nest),
            print(testing::plan_of(sum_of_planes(77, 128, 64, "f32")).nest));
}

}  // namespace
}  // namespace onepass::codegen
