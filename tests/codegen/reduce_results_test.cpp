// SPDX-License-Identifier: Apache-2.0
// Reductions against the interpreter, bit for bit: the order is a fact of the graph, whatever the
// layout, the traversal and the number of threads.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "graph_fixture.h"
#include "onepass/ir/reduction.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

constexpr int edge_sizes[] = {0, 2, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 16 * 64 * 3 + 5};

TEST(ReduceResults, FullSumsOfEverySize) {
  for (const int n : edge_sizes) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n], y: f64[n]) where n = {} {{
  %0 = sum x {{axes = [0], keepdims = false}} : f32[]
  %1 = sum y {{axes = [0], keepdims = false}} : f64[]
  return %0, %1
}})",
                          n))
        .expect_bits_everywhere();
  }
}

TEST(ReduceResults, LongSumsInTwoPhases) {
  for (const int n : {65537, 16384 * 9, 16384 * 9 + 1, 16384 * 11 + 1025}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n], s0: scalar f32) where n = {} {{
  %0 = multiply x, s0 : f32[n]
  %1 = sum %0 {{axes = [0], keepdims = true}} : f32[1]
  %2 = exp %1 : f32[1]
  return %2
}})",
                          n))
        .expect_bits_everywhere();
  }
}

TEST(ReduceResults, RowsWithPrologueAndEpilogue) {
  for (const int n : {0, 2, 3, 9, 40}) {
    for (const int m : edge_sizes) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m], w: f32[m], b: f32[n]) where n = {}, m = {} {{
  %0 = multiply x, w : f32[n, m]
  %1 = sum %0 {{axes = [1], keepdims = false}} : f32[n]
  %2 = add %1, b : f32[n]
  return %2
}})",
                            n, m))
          .expect_bits_everywhere();
    }
  }
}

TEST(ReduceResults, FewLongRowsInTwoPhases) {
  GraphCase(R"(
graph g(x: f64[n, m]) where n = 3, m = 40001 {
  %0 = sum x {axes = [1], keepdims = true} : f64[n, 1]
  return %0
})")
      .expect_bits_everywhere();
}

TEST(ReduceResults, ColumnsOfEverySize) {
  for (const int n : edge_sizes) {
    for (const int m : {0, 3, 17, 64, 70}) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m], b: f32[m]) where n = {}, m = {} {{
  %0 = sum x {{axes = [0], keepdims = false}} : f32[m]
  %1 = subtract %0, b : f32[m]
  return %1
}})",
                            n, m))
          .expect_bits_everywhere();
    }
  }
}

TEST(ReduceResults, FewLongColumnsInTwoPhases) {
  for (const int n : {4097, 1024 * 6, 1024 * 6 + 33}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n, m]) where n = {}, m = 37 {{
  %0 = sum x {{axes = [0], keepdims = true}} : f32[1, m]
  return %0
}})",
                          n))
        .expect_bits_everywhere();
  }
}

TEST(ReduceResults, ManyColumns) {
  GraphCase(R"(
graph g(x: f64[n, m]) where n = 35, m = 3001 {
  %0 = sum x {axes = [0], keepdims = false} : f64[m]
  return %0
})")
      .expect_bits_everywhere();
}

/// The extents n, m, k with those of `axes` reduced to 1.
std::string kept_shape(std::string_view axes) {
  std::string text;
  for (int d = 0; d < 3; ++d) {
    const bool reduced = axes.find(static_cast<char>('0' + d)) != std::string_view::npos;
    text += std::string(d > 0 ? ", " : "") + (reduced ? '1' : "nmk"[d]);
  }
  return text;
}

/// Reduced axes that no single stride walks: runs of 16 rows lie within one of the last axis, or
/// not.
TEST(ReduceResults, AxesApartInFourDimensions) {
  for (const int k : {2, 15, 16, 40}) {
    for (const char* op : {"sum", "max", "argmin"}) {
      const bool position = std::string_view(op) == "argmin";
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m, k, l]) where n = 5, m = 3, k = {0}, l = 70 {{
  %0 = {1} x {{axes = [{2}], keepdims = false}} : {3}
  return %0
}})",
                            k, op, position ? "0, 1, 2, 3" : "0, 2",
                            position ? "i64[]" : "f32[m, l]"))
          .expect_bits_everywhere();
    }
  }
}

/// A row whose runs are gathered block by block: runs shorter and longer than a block of the order,
/// in two and in three parts.
TEST(ReduceResults, LongRowsOfRunsApart) {
  for (const char* axes : {"0, 2", "1, 3", "0, 1, 3", "0, 1, 2, 3"}) {
    for (const auto& [m, l] : {std::pair(13, 100), std::pair(3, 1500), std::pair(40, 7)}) {
      const std::string kept = std::string_view(axes) == "0, 2"      ? "f64[m, l]"
                               : std::string_view(axes) == "1, 3"    ? "f64[n, k]"
                               : std::string_view(axes) == "0, 1, 3" ? "f64[k]"
                                                                     : "f64[]";
      GraphCase(fmt::format(R"(
graph g(x: f64[n, m, k, l] strides [192000, 4800, 1600, 1]) where n = 5, m = {0}, k = 3, l = {1} {{
  %0 = sum x {{axes = [{2}], keepdims = false}} : {3}
  return %0
}})",
                            m, l, axes, kept))
          .expect_bits_everywhere();
    }
  }
}

/// No order is asked for: reduced as it lies, whatever is permuted.
TEST(ReduceResults, ExtremesAndIntegersOfPermutedArrays) {
  for (const char* strides : {"[1, 200, 20]", "[300, 1, 15]", "[1, 10, 150]"}) {
    for (const char* axes : {"0", "1", "2", "0, 1", "0, 2", "1, 2", "0, 1, 2"}) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m, k] strides {0}, y: i32[n, m, k] strides {0}) where n = 10, m = 15, k = 9 {{
  %0 = max x {{axes = [{1}], keepdims = true}} : f32[{2}]
  %1 = sum y {{axes = [{1}], keepdims = true}} : i64[{2}]
  %2 = any y {{axes = [{1}], keepdims = true}} : boolean[{2}]
  return %0, %1, %2
}})",
                            strides, axes, kept_shape(axes)))
          .expect_bits_everywhere();
    }
  }
}

TEST(ReduceResults, EverySetOfAxesOfThreeDimensions) {
  const char* const results[] = {"", "[m, k]", "[n, k]", "[k]", "[n, m]", "[m]", "[n]", "[]"};
  const char* const axes[] = {"", "[0]", "[1]", "[0, 1]", "[2]", "[0, 2]", "[1, 2]", "[0, 1, 2]"};
  for (const char* strides : {"", " strides [1, 23, 600]", " strides [3000, 70, 2]"}) {
    for (int set = 1; set < 8; ++set) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m, k]{}) where n = 23, m = 19, k = 31 {{
  %0 = sum x {{axes = {}, keepdims = false}} : f32{}
  return %0
}})",
                            strides, axes[set], results[set]))
          .expect_bits_everywhere();
    }
  }
}

TEST(ReduceResults, IntegersWrapInEveryOrder) {
  for (const auto& [dtype, sum] : std::vector<std::pair<const char*, const char*>>{
           {"i8", "i64"}, {"u8", "u64"}, {"i32", "i64"}, {"boolean", "i64"}}) {
    for (const char* axes : {"[0]", "[1]"}) {
      const std::string kept = axes == std::string("[0]") ? "m" : "n";
      GraphCase(fmt::format(R"(
graph g(x: {0}[n, m], y: u64[n, m]) where n = 45, m = 1100 {{
  %0 = cast x {{dtype = {1}}} : {1}[n, m]
  %1 = sum %0 {{axes = {2}, keepdims = false}} : {1}[{3}]
  %2 = multiply y, y : u64[n, m]
  %3 = sum %2 {{axes = {2}, keepdims = false}} : u64[{3}]
  return %1, %3
}})",
                            dtype, sum, axes, kept))
          .expect_bits_everywhere();
    }
  }
}

TEST(ReduceResults, HalfPrecisionIsSummedInSinglePrecision) {
  for (const char* dtype : {"f16", "bf16"}) {
    GraphCase(fmt::format(R"(
graph g(x: {0}[n, m]) where n = 20, m = 130 {{
  %0 = sum x {{axes = [1], keepdims = false}} : {0}[n]
  %1 = sum x {{axes = [0], keepdims = false}} : {0}[m]
  return %0, %1
}})",
                          dtype))
        .expect_bits_everywhere();
  }
}

TEST(ReduceResults, SumOverNothingIsPlusZeroAndOverMinusZeroIsMinusZero) {
  GraphCase(R"(
graph g(x: f32[n], y: f32[m]) where n = 0, m = 70 {
  %0 = sum x {axes = [0], keepdims = false} : f32[]
  %1 = multiply y, y : f32[m]
  %2 = negative %1 : f32[m]
  %3 = subtract %2, %2 : f32[m]
  %4 = sum %3 {axes = [0], keepdims = false} : f32[]
  return %0, %4
})")
      .expect_bits_everywhere();
}

/// The dtype that a reduction of elements of `dtype` gives.
std::string result_name(ir::OpCode op, DType dtype) {
  return std::string(to_string(ir::reduction_dtypes(op, dtype).value().result));
}

class EveryReduction : public ::testing::TestWithParam<ir::OpCode> {};

TEST_P(EveryReduction, OfEveryDtypeInBothOrders) {
  for (const DType dtype : {f16, f32, f64, i8, u16, i64, boolean}) {
    if (!ir::reduction_dtypes(GetParam(), dtype)) continue;
    GraphCase(fmt::format(R"(
graph g(x: {0}[n, m]) where n = 37, m = 1100 {{
  %0 = {1} x {{axes = [1], keepdims = false}} : {2}[n]
  %1 = {1} x {{axes = [0], keepdims = true}} : {2}[1, m]
  return %0, %1
}})",
                          to_string(dtype), to_string(GetParam()), result_name(GetParam(), dtype)))
        .expect_bits_everywhere();
  }
}

TEST_P(EveryReduction, InTwoPhases) {
  for (const DType dtype : {f32, i16, boolean}) {
    if (!ir::reduction_dtypes(GetParam(), dtype)) continue;
    GraphCase(fmt::format(R"(
graph g(x: {0}[n], y: {0}[m, k]) where n = 148481, m = 6177, k = 5 {{
  %0 = {1} x {{axes = [0], keepdims = false}} : {2}[]
  %1 = {1} y {{axes = [0], keepdims = false}} : {2}[k]
  return %0, %1
}})",
                          to_string(dtype), to_string(GetParam()), result_name(GetParam(), dtype)))
        .expect_bits_everywhere();
  }
}

TEST(ReduceResults, AveragesWithCorrections) {
  for (const int n : {0, 1, 2, 3, 70, 5000}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n, m], y: f64[m, n], h: f16[n, m]) where n = {}, m = 33 {{
  %0 = mean x {{axes = [0], keepdims = false, correction = 1}} : f32[m]
  %1 = mean y {{axes = [1], keepdims = false, correction = 2.5}} : f64[m]
  %2 = mean h {{axes = [0], keepdims = false}} : f16[m]
  return %0, %1, %2
}})",
                          n))
        .expect_bits_everywhere();
  }
}

TEST_P(EveryReduction, BetweenMapsOfOtherDtypes) {
  if (ir::averages(GetParam())) GTEST_SKIP() << "integers have no mean";
  // Factors near 1: a product of any others is 0 or infinite.
  for (const auto& [axes, kept] : {std::pair("[0]", "m"), std::pair("[1]", "n")}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n, m]) where n = 130, m = 700 {{
  %0 = constant {{value = 0.01, dtype = f32}} : f32[]
  %1 = atan x : f32[n, m]
  %2 = multiply %1, %0 : f32[n, m]
  %3 = exp %2 : f32[n, m]
  %4 = {0} %3 {{axes = {1}, keepdims = false}} : {3}[{2}]
  %5 = cast %4 {{dtype = f64}} : f64[{2}]
  %6 = sqrt %5 : f64[{2}]
  %7 = greater x, %0 : boolean[n, m]
  %8 = cast %7 {{dtype = i8}} : i8[n, m]
  %9 = {0} %8 {{axes = {1}, keepdims = false}} : {4}[{2}]
  %10 = cast %9 {{dtype = f64}} : f64[{2}]
  return %6, %10
}})",
                          to_string(GetParam()), axes, kept, result_name(GetParam(), f32),
                          result_name(GetParam(), i8)))
        .expect_bits_everywhere();
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryReduction, ::testing::ValuesIn(ir::reductions()),
                         [](const auto& row) { return std::string(to_string(row.param)); });

TEST(ReduceResults, AxesOfExtentOne) {
  GraphCase(R"(
graph g(x: f32[n, 1]) where n = 100 {
  %0 = sum x {axes = [0], keepdims = false} : f32[1]
  %1 = sum x {axes = [1], keepdims = false} : f32[n]
  return %0, %1
})")
      .expect_bits_everywhere();
}

TEST(ReduceResults, ColumnsThatLieAcrossAreTurnedOver) {
  for (const auto& [n, m, k] :
       {std::tuple{2, 5, 3}, {70, 1, 1100}, {1000, 3, 70}, {4100, 2, 300}}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[k, m, n], y: f64[m, k, n], w: f32[k]) where n = {}, m = {}, k = {} {{
  %0 = permute_dims x {{permutation = [2, 1, 0]}} : f32[n, m, k]
  %1 = permute_dims y {{permutation = [2, 0, 1]}} : f64[n, m, k]
  %2 = multiply %0, w : f32[n, m, k]
  %3 = sum %2 {{axes = [0], keepdims = false}} : f32[m, k]
  %4 = max %1 {{axes = [0], keepdims = true}} : f64[1, m, k]
  return %3, %4
}})",
                          n, m, k))
        .expect_bits_everywhere();
  }
}

/// Strips of runs of each column, stretches of strips, and the rows that remain; of few columns and
/// of several blocks.
TEST(ReduceResults, ColumnsThatLieAcrossAreWalkedStripByStrip) {
  for (const int n : {127, 128, 255, 256, 271, 2048, 2303, 4160}) {
    for (const int m : {3, 64, 150}) {
      GraphCase(fmt::format(R"(
graph g(x: f32[m, n], y: f64[n, m] strides [1, 5000], h: f16[m, n], w: f32[m]) where n = {}, m = {} {{
  %0 = permute_dims x {{permutation = [1, 0]}} : f32[n, m]
  %1 = permute_dims h {{permutation = [1, 0]}} : f16[n, m]
  %2 = multiply %0, w : f32[n, m]
  %3 = sum %2 {{axes = [0], keepdims = false}} : f32[m]
  %4 = mean y {{axes = [0], keepdims = true, correction = 1}} : f64[1, m]
  %5 = cast %1 {{dtype = f32}} : f32[n, m]
  %6 = multiply %5, %0 : f32[n, m]
  %7 = prod %6 {{axes = [0], keepdims = false}} : f32[m]
  return %3, %4, %7
}})",
                            n, m))
          .expect_bits_everywhere();
    }
  }
}

TEST(ReduceResults, LongColumnsThatLieAcrossInTwoPhases) {
  for (const int n : {4096 * 3 + 1, 1024 * 9 + 300}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[m, n], y: f32[k, m, n]) where n = {}, m = 5, k = 2 {{
  %0 = permute_dims x {{permutation = [1, 0]}} : f32[n, m]
  %1 = multiply %0, %0 : f32[n, m]
  %2 = sum %1 {{axes = [0], keepdims = false}} : f32[m]
  %3 = permute_dims y {{permutation = [2, 0, 1]}} : f32[n, k, m]
  %4 = sum %3 {{axes = [0], keepdims = false}} : f32[k, m]
  return %2, %4
}})",
                          n))
        .expect_bits_everywhere();
  }
}

/// One operand lies along the reduced dimension, the other one across it.
TEST(ReduceResults, ColumnsOfWhichOneOperandLiesAcross) {
  GraphCase(R"(
graph g(x: f32[m, n], y: f32[n, m], z: f32[n, 1]) where n = 700, m = 130 {
  %0 = permute_dims x {permutation = [1, 0]} : f32[n, m]
  %1 = multiply %0, y : f32[n, m]
  %2 = sum %1 {axes = [0], keepdims = false} : f32[m]
  %3 = add %0, z : f32[n, m]
  %4 = sum %3 {axes = [0], keepdims = false} : f32[m]
  return %2, %4
})")
      .expect_bits_everywhere();
}

TEST(ReduceResults, ColumnsOfEveryNumber) {
  for (const int m : {2, 3, 5, 8, 17, 33, 64, 257, 1025, 2100}) {
    for (const int n : {3, 16, 100, 4099}) {
      GraphCase(fmt::format(R"(
graph g(x: f32[n, m], y: i8[n, m]) where n = {}, m = {} {{
  %0 = sum x {{axes = [0], keepdims = false}} : f32[m]
  %1 = cast y {{dtype = i64}} : i64[n, m]
  %2 = sum %1 {{axes = [0], keepdims = false}} : i64[m]
  return %0, %2
}})",
                            n, m))
          .expect_bits_everywhere();
    }
  }
}

}  // namespace
}  // namespace onepass::codegen
