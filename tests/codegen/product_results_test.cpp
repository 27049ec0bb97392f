// SPDX-License-Identifier: Apache-2.0
// Generated products against the interpreter, bit for bit: any sizes, tiles, layouts, batches,
// vectors.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "graph_fixture.h"

namespace onepass::codegen {
namespace {

using testing::GraphCase;

struct Sizes {
  int m, n, k;
};

std::string product(const char* dtype, Sizes s, const std::string& more = "", const char* lhs = "",
                    const char* rhs = "") {
  return fmt::format(R"(
graph g(a: {0}[m, k]{5}, b: {0}[k, n]{6}) where m = {1}, k = {3}, n = {2} {{
  %0 = matmul a, b {{provider = generated{4}}} : {0}[m, n]
  return %0
}})",
                     dtype, s.m, s.n, s.k, more, lhs, rhs);
}

TEST(ProductResults, SizesAroundEveryTileEdge) {
  for (const Sizes s : {Sizes{2, 2, 2},
                        {6, 64, 9},
                        {7, 65, 3},
                        {5, 15, 17},
                        {13, 31, 33},
                        {24, 128, 40},
                        {25, 129, 41},
                        {3, 200, 5},
                        {100, 3, 70},
                        {40, 16, 64}}) {
    GraphCase(product("f32", s)).expect_bits_everywhere();
    GraphCase(product("f64", s)).expect_bits_everywhere();
  }
}

TEST(ProductResults, RowsAndColumnsSharedOutAmongManyThreads) {
  std::vector<std::string> graphs;
  for (const char* dtype : {"f32", "f64"}) {
    for (const Sizes s : {Sizes{400, 300, 9}, {137, 400, 20}, {210, 517, 40}, {132, 600, 600}}) {
      graphs.push_back(product(dtype, s));
      graphs.push_back(product(dtype, s, "", " strides [1, 1000]", " strides [1, 1000]"));
    }
  }
  graphs.push_back(R"(
graph g(a: f32[m, k], b: f32[k, n], c: f32[n], d: f32[m, n]) where m = 300, k = 33, n = 300 {
  %0 = matmul a, b {provider = generated} : f32[m, n]
  %1 = add %0, c : f32[m, n]
  %2 = tanh %1 : f32[m, n]
  %3 = add %2, d : f32[m, n]
  return %3
})");
  for (const std::string& text : graphs) {
    const GraphCase graph(text);
    const auto expected = graph.interpreted();
    for (const Target& target : testing::targets()) {
      const auto program = graph.compiled(target, ir::Mode::fused);
      for (const int threads : {1, 16, 40}) {
        const ThreadScope scope(threads);
        graph.expect_equal(graph.run(*program), expected, std::to_string(threads) + " threads");
      }
    }
  }
}

TEST(ProductResults, AFewDozenRowsAreTallTiles) {
  for (const int rows : {13, 14, 16, 17, 18, 20, 21, 25, 27, 32, 33, 41, 42, 57, 63, 64}) {
    GraphCase(product("f32", {rows, 290, 515})).expect_bits_everywhere();
  }
  GraphCase(product("f64", {27, 300, 600})).expect_bits_everywhere();
}

TEST(ProductResults, SumsOfBlocksOfKWaitInMemoryForWhatFollows) {
  const auto graph = [](const char* inputs, const char* nodes) {
    return fmt::format("graph g({}) where m = 33, k = 800, n = 290 {{\n{}}}", inputs, nodes);
  };
  const std::string product = "  %0 = matmul x, w {provider = generated} : f32[m, n]\n";
  const char* inputs = "x: f32[m, k], w: f32[k, n], b: f32[n]";
  GraphCase(graph(inputs, (product + "  %1 = add %0, b : f32[m, n]\n  %2 = tanh %1 : f32[m, n]\n"
                                     "  return %2\n")
                              .c_str()))
      .expect_bits_everywhere();
  // No result could hold the sums.
  GraphCase(graph(inputs, (product + "  %1 = tanh %0 : f32[m, n]\n"
                                     "  %2 = cast %1 {dtype = f16} : f16[m, n]\n"
                                     "  %3 = less %1, b : boolean[m, n]\n  return %2, %3\n")
                              .c_str()))
      .expect_bits_everywhere();
  GraphCase(graph("x: f32[m, k], w: f32[k, n], v: f32[k, n]",
                  (product + "  %1 = matmul x, v {provider = generated} : f32[m, n]\n"
                             "  %2 = tanh %0 : f32[m, n]\n  %3 = multiply %2, %1 : f32[m, n]\n"
                             "  return %3\n")
                      .c_str()))
      .expect_bits_everywhere();
}

TEST(ProductResults, EmptyExtentsGiveNothingOrZeros) {
  for (const Sizes s : {Sizes{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {0, 0, 0}}) {
    GraphCase(product("f32", s)).expect_bits_everywhere();
    GraphCase(product("f32", s, ", tile_size = 2")).expect_bits_everywhere();
  }
}

TEST(ProductResults, IntegersWrap) {
  for (const char* dtype : {"i8", "u8", "i16", "i32", "i64", "u64"}) {
    GraphCase(product(dtype, {9, 37, 21})).expect_bits_everywhere();
  }
}

std::string product_of_bytes(const char* left, const char* right, Sizes s, const char* lhs = "",
                             const char* rhs = "") {
  return fmt::format(R"(
graph g(a: {0}[m, k]{5}, b: {1}[k, n]{6}) where m = {2}, k = {4}, n = {3} {{
  %0 = cast a {{dtype = i32}} : i32[m, k]
  %1 = cast b {{dtype = i32}} : i32[k, n]
  %2 = matmul %0, %1 {{provider = generated}} : i32[m, n]
  return %2
}})",
                     left, right, s.m, s.n, s.k, lhs, rhs);
}

TEST(ProductResults, OfBytesAreExact) {
  for (const Sizes s : {Sizes{3, 20, 33},
                        {4, 16, 16},
                        {5, 3, 17},
                        {9, 37, 18},
                        {25, 70, 19},
                        {30, 150, 515},
                        {400, 90, 1029}}) {
    for (const char* left : {"i8", "u8"}) {
      for (const char* right : {"i8", "u8"}) {
        GraphCase(product_of_bytes(left, right, s)).expect_bits_everywhere();
      }
    }
  }
}

TEST(ProductResults, OfBytesInAnyOrderOfMemory) {
  GraphCase(product_of_bytes("i8", "i8", {14, 40, 22}, " strides [1, 14]", " strides [1, 22]"))
      .expect_bits_everywhere();
  GraphCase(product_of_bytes("u8", "i8", {14, 40, 22}, " strides [1, 14]", " strides [1, 22]"))
      .expect_bits_everywhere();
  GraphCase(product_of_bytes("i8", "i8", {14, 40, 22}, " strides [60, 2]", " strides [-90, -2]"))
      .expect_bits_everywhere();
}

TEST(ProductResults, EveryTileSizeGivesTheBitsOfNone) {
  for (const int64_t tile : {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{7}, int64_t{16},
                             int64_t{33}, int64_t{64}, int64_t{1000}, int64_t{1} << 40}) {
    GraphCase(product("f32", {19, 45, 23}, fmt::format(", tile_size = {}", tile)))
        .expect_bits_everywhere();
  }
  GraphCase(product("f64", {50, 70, 60}, ", tile_size = 16")).expect_bits_everywhere();
}

TEST(ProductResults, TransposedStridedAndReversedOperands) {
  for (const char* more : {"", ", tile_size = 8"}) {
    GraphCase(product("f32", {14, 40, 12}, more, " strides [1, 14]", " strides [1, 12]"))
        .expect_bits_everywhere();
    GraphCase(product("f32", {14, 40, 12}, more, " strides [30, 2]", " strides [-90, -2]"))
        .expect_bits_everywhere();
    GraphCase graph(product("f32", {14, 40, 12}, more));
    graph.with_output_strides({{1, 14}}).expect_bits_everywhere();
  }
}

TEST(ProductResults, BatchesBroadcast) {
  for (const char* more : {"", ", tile_size = 5"}) {
    GraphCase(fmt::format(R"(
graph g(a: f32[p, 1, m, k], b: f32[q, k, n]) where p = 3, m = 9, k = 11, q = 10, n = 20 {{
  %0 = matmul a, b {{provider = generated{}}} : f32[p, q, m, n]
  return %0
}})",
                          more))
        .expect_bits_everywhere();
    GraphCase(fmt::format(R"(
graph g(a: f64[p, m, k], b: f64[p, k, n]) where p = 12, m = 4, k = 6, n = 5 {{
  %0 = matmul a, b {{provider = generated{}}} : f64[p, m, n]
  return %0
}})",
                          more))
        .expect_bits_everywhere();
  }
}

TEST(ProductResults, VectorsOnEitherSide) {
  for (const int k : {0, 2, 63, 64, 65, 1500}) {
    GraphCase(fmt::format(R"(
graph g(a: f32[k], b: f32[k, n], c: f32[m, k], d: f32[k]) where k = {}, n = 50, m = 9 {{
  %0 = matmul a, b {{provider = generated}} : f32[n]
  %1 = matmul c, d {{provider = generated}} : f32[m]
  %2 = matmul a, d {{provider = generated}} : f32[]
  return %0, %1, %2
}})",
                          k))
        .expect_bits_everywhere();
  }
}

TEST(ProductResults, OneRowOneColumnAndOneDepth) {
  GraphCase(R"(
graph g(a: f32[1, k], b: f32[k, n], c: f32[k, 1], d: f32[m, k], e: f32[m, 1], f: f32[1, n]) where k = 100, n = 30, m = 8 {
  %0 = matmul a, b {provider = generated} : f32[1, n]
  %1 = matmul d, c {provider = generated} : f32[m, 1]
  %2 = matmul e, f {provider = generated} : f32[m, n]
  %3 = matmul a, c {provider = generated} : f32[1, 1]
  return %0, %1, %2, %3
})")
      .expect_bits_everywhere();
}

TEST(ProductResults, EpilogueOnTheTile) {
  for (const char* more : {"", ", tile_size = 7"}) {
    GraphCase(fmt::format(R"(
graph g(a: f32[m, k], b: f32[k, n], c: f32[n], d: f32[m, 1], s0: scalar f32) where m = 27, k = 31, n = 70 {{
  %0 = matmul a, b {{provider = generated{}}} : f32[m, n]
  %1 = add %0, c : f32[m, n]
  %2 = multiply %1, d : f32[m, n]
  %3 = tanh %2 : f32[m, n]
  %4 = less %3, s0 : boolean[m, n]
  return %3, %4
}})",
                          more))
        .expect_bits_everywhere();
    GraphCase(fmt::format(R"(
graph g(a: f32[m, k], b: f32[k, n], c: f32[n]) where m = 10, k = 12, n = 40 {{
  %0 = matmul a, b {{provider = generated{}}} : f32[m, n]
  %1 = less %0, c : boolean[m, n]
  return %1
}})",
                          more))
        .expect_bits_everywhere();
  }
}

TEST(ProductResults, HalfPrecisionAccumulatesInSinglePrecision) {
  GraphCase(product("f16", {9, 40, 33})).expect_bits_everywhere();
  GraphCase(product("bf16", {9, 40, 33})).expect_bits_everywhere();
}

TEST(ProductResults, SizesUpTo48) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> size(1, 48);
  for (int i = 0; i < 60; ++i) {
    const Sizes s{size(random), std::max(2, size(random)), size(random)};
    GraphCase(product(i % 4 == 3 ? "f64" : "f32", s)).expect_bits_everywhere();
  }
}

TEST(ProductResults, NarrowWideTallAndPrimeSizes) {
  for (const Sizes s : {Sizes{1000, 2, 1},
                        {100, 1000, 2},
                        {101, 97, 103},
                        {31, 65, 521},
                        {31, 4097, 65},
                        {4, 700, 33},
                        {67, 5, 2},
                        {250, 81, 7}}) {
    GraphCase(product("f32", s)).expect_bits_everywhere();
  }
}

TEST(ProductResults, BlocksOfDepthAndPackedColumns) {
  for (const Sizes s : {Sizes{1, 1500, 37}, {20, 90, 800}, {205, 600, 1100}, {230, 270, 530}}) {
    GraphCase(product("f32", s)).expect_bits_everywhere();
  }
  GraphCase(product("f64", {203, 520, 90})).expect_bits_everywhere();
  GraphCase(product("i32", {203, 520, 90})).expect_bits_everywhere();
}

TEST(ProductResults, CopiedOperandsOfManySizes) {
  for (const Sizes s : {Sizes{5, 33, 17}, {40, 100, 300}, {400, 70, 290}, {9, 20, 1030}}) {
    const std::string lhs = fmt::format(" strides [1, {}]", s.m);
    const std::string rhs = fmt::format(" strides [1, {}]", s.k);
    const char* none = "";
    GraphCase(product("f32", s, "", lhs.c_str(), none)).expect_bits_everywhere();
    GraphCase(product("f32", s, "", none, rhs.c_str())).expect_bits_everywhere();
    GraphCase(product("f64", s, "", lhs.c_str(), rhs.c_str())).expect_bits_everywhere();
    GraphCase(product("bf16", s, "", none, rhs.c_str())).expect_bits_everywhere();
  }
}

TEST(ProductResults, WhatPrecedesTheProductIsAppliedOnTheWay) {
  for (const Sizes s : {Sizes{3, 40, 20}, {50, 100, 70}, {210, 90, 600}}) {
    GraphCase(fmt::format(R"(
graph g(a: f32[m, k], b: f16[k, n], c: f32[k]) where m = {}, k = {}, n = {} {{
  %0 = multiply a, c : f32[m, k]
  %1 = tanh %0 : f32[m, k]
  %2 = cast b {{dtype = f32}} : f32[k, n]
  %3 = matmul %1, %2 {{provider = generated}} : f32[m, n]
  return %3
}})",
                          s.m, s.k, s.n))
        .expect_bits_everywhere();
  }
}

TEST(ProductResults, SmallProductsInABatch) {
  GraphCase(R"(
graph g(a: f32[p, m, k], b: f32[p, k, n]) where p = 64, m = 32, k = 64, n = 32 {
  %0 = matmul a, b {provider = generated} : f32[p, m, n]
  return %0
})")
      .expect_bits_everywhere();
}

TEST(ProductResults, LongEpilogueOverBlocksOfDepth) {
  for (const Sizes s : {Sizes{13, 130, 700}, {210, 100, 1040}}) {
    GraphCase(fmt::format(R"(
graph g(a: f32[m, k], b: f32[k, n], c: f32[n], d: f32[m, n]) where m = {}, k = {}, n = {} {{
  %0 = matmul a, b {{provider = generated}} : f32[m, n]
  %1 = add %0, c : f32[m, n]
  %2 = erf %1 : f32[m, n]
  %3 = multiply %2, d : f32[m, n]
  %4 = less %3, %0 : boolean[m, n]
  return %4
}})",
                          s.m, s.k, s.n))
        .expect_bits_everywhere();
  }
}

TEST(ProductResults, ALargeMatrixBesideTheProduct) {
  for (const char* strides : {"", " strides [1, 800]"}) {
    GraphCase(fmt::format(R"(
graph g(x: f32[m, k], w: f32[k, n], y: f32[m, n]{}) where m = 701, k = 130, n = 399 {{
  %0 = matmul x, w {{provider = generated}} : f32[m, n]
  %1 = add %0, y : f32[m, n]
  return %1
}})",
                          strides))
        .expect_bits_everywhere();
  }
}

}  // namespace
}  // namespace onepass::codegen
