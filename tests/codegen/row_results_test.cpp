// SPDX-License-Identifier: Apache-2.0
// Kernels that hold several reductions of the same rows, against the interpreter, bit for bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "graph_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

constexpr int row_lengths[] = {0, 2, 3, 4, 5, 8, 9, 17, 32, 33, 64, 65, 100, 1024, 1025, 4097};

int kernels(const GraphCase& graph) {
  int count = 0;
  for (const ir::Node& node : graph.lowered(ir::Mode::fused).nodes) {
    if (node.op == ir::OpCode::fused) ++count;
  }
  return count;
}

/// Softmax with two scalars in it, so that lengths of 0 are allowed: the shift is a sum.
std::string shifted_exponentials(int rows, int length) {
  return fmt::format(R"(
graph g(x: f32[n, m], s0: scalar f32) where n = {}, m = {} {{
  %0 = sum x {{axes = [1], keepdims = true}} : f32[n, 1]
  %1 = multiply %0, s0 : f32[n, 1]
  %2 = subtract x, %1 : f32[n, m]
  %3 = exp %2 : f32[n, m]
  %4 = sum %3 {{axes = [1], keepdims = true}} : f32[n, 1]
  %5 = divide %3, %4 : f32[n, m]
  return %5
}})",
                     rows, length);
}

TEST(RowResults, TwoStagesAndAMapOfRowsOfEveryLength) {
  for (const int m : row_lengths) {
    for (const int n : {0, 3, 40}) {
      const GraphCase graph(shifted_exponentials(n, m));
      EXPECT_EQ(kernels(graph), 1);
      graph.expect_bits_everywhere();
    }
  }
}

TEST(RowResults, RowsTooLongToBeKept) {
  GraphCase(shifted_exponentials(9, 140'001)).expect_bits_everywhere();
}

TEST(RowResults, FewLongRowsInChunks) {
  for (const int n : {2, 5}) {
    for (const int m : {65'537, 16'384 * 9 + 1, 16'384 * 11 + 1025}) {
      GraphCase(shifted_exponentials(n, m)).expect_bits_everywhere();
    }
  }
}

TEST(RowResults, SoftmaxInEveryFloat) {
  for (const char* dtype : {"f16", "bf16", "f32", "f64"}) {
    for (const int m : {2, 7, 31, 64, 1000, 1025}) {
      const GraphCase graph(fmt::format(R"(
graph g(x: {0}[n, m]) where n = 19, m = {1} {{
  %0 = max x {{axes = [1], keepdims = true}} : {0}[n, 1]
  %1 = subtract x, %0 : {0}[n, m]
  %2 = exp %1 : {0}[n, m]
  %3 = sum %2 {{axes = [1], keepdims = true}} : {0}[n, 1]
  %4 = divide %2, %3 : {0}[n, m]
  return %4
}})",
                                        dtype, m));
      EXPECT_EQ(kernels(graph), 1);
      graph.expect_bits_everywhere();
    }
  }
}

TEST(RowResults, ANormalisationThatAlsoReturnsItsRowValues) {
  for (const int m : {3, 64, 768, 5000, 70'000}) {
    for (const int n : {2, 33}) {
      const GraphCase graph(fmt::format(R"(
graph g(x: f32[n, m], w: f32[m], b: f32[m], s0: scalar f32, s1: scalar f32) where n = {}, m = {} {{
  %0 = sum x {{axes = [1], keepdims = true}} : f32[n, 1]
  %1 = multiply %0, s0 : f32[n, 1]
  %2 = subtract x, %1 : f32[n, m]
  %3 = multiply %2, %2 : f32[n, m]
  %4 = sum %3 {{axes = [1], keepdims = true}} : f32[n, 1]
  %5 = add %4, s1 : f32[n, 1]
  %6 = sqrt %5 : f32[n, 1]
  %7 = divide %2, %6 : f32[n, m]
  %8 = multiply %7, w : f32[n, m]
  %9 = add %8, b : f32[n, m]
  %10 = reshape %6 {{dimensions = [n]}} : f32[n]
  return %9, %1, %10
}})",
                                        n, m));
      EXPECT_EQ(kernels(graph), 1);
      graph.expect_bits_everywhere();
    }
  }
}

TEST(RowResults, PositionsBesideOtherReductionsOfTheRowsAndMapsBefore) {
  for (const char* dtype : {"f32", "f64", "i32"}) {
    for (const int m : {2, 3, 17, 33, 64, 100, 1000, 1025, 70'001}) {
      for (const int n : {3, 40}) {
        if (n * m > 1'000'000) continue;
        const GraphCase graph(fmt::format(R"(
graph g(x: {0}[n, m], y: {0}[m]) where n = {1}, m = {2} {{
  %0 = multiply x, y : {0}[n, m]
  %1 = argmax %0 {{axes = [1], keepdims = true}} : i64[n, 1]
  %2 = max %0 {{axes = [1], keepdims = true}} : {0}[n, 1]
  %3 = argmin x {{axes = [1], keepdims = false}} : i64[n]
  %4 = subtract %0, %2 : {0}[n, m]
  return %1, %3, %4
}})",
                                          dtype, n, m));
        EXPECT_EQ(kernels(graph), 1);
        graph.expect_bits_everywhere();
      }
    }
  }
}

/// Rows of values of which many are equal, infinite or NaN.
TEST(RowResults, PositionsOfEqualElementsInfinitiesAndNaNs) {
  for (const int m : {5, 40, 130, 3000, 70'001}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n, m], s0: scalar f32) where n = 33, m = {} {{
  %0 = floor x : f32[n, m]
  %1 = subtract %0, %0 : f32[n, m]
  %2 = add %1, s0 : f32[n, m]
  %3 = log %1 : f32[n, m]
  %4 = divide %1, %0 : f32[n, m]
  %5 = argmax %0 {{axes = [1], keepdims = false}} : i64[n]
  %6 = argmin %2 {{axes = [1], keepdims = false}} : i64[n]
  %7 = argmax %3 {{axes = [1], keepdims = false}} : i64[n]
  %8 = argmin %4 {{axes = [1], keepdims = false}} : i64[n]
  return %5, %6, %7, %8
}})",
                          m))
        .expect_bits_everywhere();
  }
}

/// Weights and row values, several results, in rows that share vectors; by columns, too.
TEST(RowResults, SeveralShortRowsAtOnce) {
  for (const char* strides : {"", " strides [1, 100]", " strides [70, 2]"}) {
    for (const int m : {2, 3, 7, 16, 17, 31, 32}) {
      for (const int n : {32, 65, 100}) {
        const GraphCase graph(fmt::format(R"(
graph g(x: f32[n, m]{0}, w: f32[m], v: f32[n, 1]) where n = {1}, m = {2} {{
  %0 = multiply x, v : f32[n, m]
  %1 = max %0 {{axes = [1], keepdims = true}} : f32[n, 1]
  %2 = subtract %0, %1 : f32[n, m]
  %3 = exp %2 : f32[n, m]
  %4 = sum %3 {{axes = [1], keepdims = true}} : f32[n, 1]
  %5 = sqrt %4 : f32[n, 1]
  %6 = divide %3, %5 : f32[n, m]
  %7 = multiply %6, w : f32[n, m]
  %8 = less %7, %0 : boolean[n, m]
  %9 = add %1, %5 : f32[n, 1]
  return %7, %8, %9, %4
}})",
                                          strides, n, m));
        EXPECT_EQ(kernels(graph), 1);
        graph.expect_bits_everywhere();
      }
    }
  }
}

TEST(RowResults, ShortRowsOfWhatDoesNotVaryAlongThem) {
  for (const int m : {1, 2, 9, 32}) {
    const GraphCase graph(fmt::format(R"(
graph g(x: f32[n, m], v: f32[n, 1]) where n = 70, m = {} {{
  %0 = broadcast_to v {{dimensions = [n, m]}} : f32[n, m]
  %1 = sum %0 {{axes = [1], keepdims = true}} : f32[n, 1]
  %2 = argmax %0 {{axes = [1], keepdims = true}} : i64[n, 1]
  %3 = multiply x, %1 : f32[n, m]
  return %3, %2, %0
}})",
                                      m));
    graph.expect_bits_everywhere();
  }
}

TEST(RowResults, IndependentReductionsOfOneRowInSeveralDtypes) {
  for (const int m : {5, 64, 3000, 100'000}) {
    const GraphCase graph(fmt::format(R"(
graph g(x: f32[n, m]) where n = 4, m = {} {{
  %0 = max x {{axes = [1], keepdims = false}} : f32[n]
  %1 = sum x {{axes = [1], keepdims = false}} : f32[n]
  %2 = cast x {{dtype = f64}} : f64[n, m]
  %3 = sum %2 {{axes = [1], keepdims = false}} : f64[n]
  %4 = count_nonzero %2 {{axes = [1], keepdims = true}} : i64[n, 1]
  %5 = any x {{axes = [1], keepdims = false}} : boolean[n]
  return %0, %1, %3, %4, %5
}})",
                                      m));
    EXPECT_EQ(kernels(graph), 1);
    graph.expect_bits_everywhere();
  }
}

TEST(RowResults, AMapBesideTheReductionOfWhatItReads) {
  for (const int m : {17, 2000, 200'000}) {
    const GraphCase graph(fmt::format(R"(
graph g(x: f32[n, m], y: f32[n]) where n = 3, m = {} {{
  %0 = exp x : f32[n, m]
  %1 = sum %0 {{axes = [1], keepdims = false}} : f32[n]
  %2 = subtract %1, y : f32[n]
  return %0, %2
}})",
                                      m));
    EXPECT_EQ(kernels(graph), 1);
    graph.expect_bits_everywhere();
  }
}

TEST(RowResults, RowsOfSeveralDimensionsInAnyLayout) {
  const char* const text = R"(
graph g(x: f32[n, m, k] {}, y: f32[k, n, m] {}) where n = 6, m = {}, k = {} {{
  %0 = permute_dims y {{permutation = [1, 2, 0]}} : f32[n, m, k]
  %1 = iota {{dimensions = [n, m, k], axis = 1, dtype = f32}} : f32[n, m, k]
  %2 = add x, %0 : f32[n, m, k]
  %3 = subtract %2, %1 : f32[n, m, k]
  %4 = sum %3 {{axes = [1, 2], keepdims = true}} : f32[n, 1, 1]
  %5 = subtract x, %4 : f32[n, m, k]
  %6 = multiply %5, %5 : f32[n, m, k]
  %7 = sum %6 {{axes = [1, 2], keepdims = true}} : f32[n, 1, 1]
  %8 = divide %5, %7 : f32[n, m, k]
  return %8
}})";
  for (const auto& [m, k] : {std::pair{3, 5}, {40, 33}, {300, 400}}) {
    GraphCase dense(fmt::format(fmt::runtime(text), "", "", m, k));
    EXPECT_EQ(kernels(dense), 1);
    dense.expect_bits_everywhere();
    GraphCase strided(fmt::format(fmt::runtime(text), "", "", m, k));
    strided.with_output_strides({Strides{int64_t{1}, int64_t{6}, int64_t{6} * m}});
    strided.expect_bits_everywhere();
  }
}

TEST(RowResults, LoadsThatLieAcrossRowsAreTurnedOver) {
  const char* const text = R"(
graph g(x: f32[m, k, n], y: f16[k, n, m], w: f32[m]) where n = {}, k = {}, m = {} {{
  %0 = permute_dims x {{permutation = [2, 1, 0]}} : f32[n, k, m]
  %1 = permute_dims y {{permutation = [1, 0, 2]}} : f16[n, k, m]
  %2 = cast %1 {{dtype = f32}} : f32[n, k, m]
  %3 = add %0, %2 : f32[n, k, m]
  %4 = sum %3 {{axes = [2], keepdims = true}} : f32[n, k, 1]
  %5 = subtract %3, %4 : f32[n, k, m]
  %6 = multiply %5, %5 : f32[n, k, m]
  %7 = sum %6 {{axes = [2], keepdims = true}} : f32[n, k, 1]
  %8 = divide %5, %7 : f32[n, k, m]
  %9 = multiply %8, w : f32[n, k, m]
  return %9
}})";
  for (const int m : {2, 64, 65, 1030, 9000}) {
    for (const auto& [n, k] : {std::pair{2, 3}, {70, 1}, {33, 9}}) {
      const GraphCase graph(fmt::format(fmt::runtime(text), n, k, m));
      EXPECT_EQ(kernels(graph), 1);
      graph.expect_bits_everywhere();
    }
  }
}

TEST(RowResults, RowsThatLieSideBySideAreReducedTogether) {
  for (const int m : {0, 2, 5, 64, 100, 1024, 1025, 3000}) {
    for (const auto& [n, k] : {std::pair{16, 2}, {70, 1}, {300, 3}}) {
      const GraphCase graph(fmt::format(R"(
graph g(x: f32[k, m, n], w: f32[m], b: f32[k, n]) where n = {}, k = {}, m = {} {{
  %0 = permute_dims x {{permutation = [0, 2, 1]}} : f32[k, n, m]
  %1 = multiply %0, w : f32[k, n, m]
  %2 = sum %1 {{axes = [2], keepdims = false}} : f32[k, n]
  %3 = add %2, b : f32[k, n]
  %4 = prod %0 {{axes = [2], keepdims = true}} : f32[k, n, 1]
  return %3, %4
}})",
                                        n, k, m));
      EXPECT_EQ(kernels(graph), 1);
      graph.expect_bits_everywhere();
    }
  }
}

TEST(RowResults, AWholeArrayIsOneRow) {
  for (const int n : {2, 30, 300}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[n, m]) where n = {}, m = 321 {{
  %0 = multiply x, x : f32[n, m]
  %1 = sum %0 {{axes = [0, 1], keepdims = false}} : f32[]
  %2 = sqrt %1 : f32[]
  %3 = divide x, %2 : f32[n, m]
  return %3
}})",
                          n))
        .expect_bits_everywhere();
  }
}

TEST(RowResults, OnAnyNumberOfThreads) {
  for (const auto& [n, m] : {std::pair{57, 300}, {2000, 7}, {3, 100'000}}) {
    const GraphCase graph(shifted_exponentials(n, m));
    const auto expected = graph.interpreted();
    for (const Target& target : testing::targets()) {
      const auto program = graph.compiled(target, ir::Mode::fused);
      for (const int threads : {1, 2, 3, 7, 16}) {
        const ThreadScope scope(threads);
        graph.expect_equal(graph.run(*program), expected, std::to_string(threads) + " threads");
      }
    }
  }
}

TEST(RowResults, InPlace) {
  for (const int m : {7, 100, 2000}) {
    const GraphCase graph(shifted_exponentials(9, m));
    const auto program = graph.compiled(host_target(), ir::Mode::fused);
    ASSERT_TRUE(program->may_alias[0][0]);
    graph.expect_equal(graph.run_in_place(*program, 0), graph.interpreted(), "in place");
  }
}

}  // namespace
}  // namespace onepass::codegen
