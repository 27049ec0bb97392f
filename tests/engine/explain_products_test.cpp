// SPDX-License-Identifier: Apache-2.0
// What explain tells of products: how they are cut, what is copied, what they share and apply, and
// why not.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "onepass/onepass.h"

namespace onepass {
namespace {

std::string walk_of(const Explanation& explanation, size_t kernel = 0) {
  const std::vector<KernelSummary> kernels = explanation.kernels();
  return kernel < kernels.size() ? kernels[kernel].walk : "";
}

/// Tiles depend on the instruction set, the words around them do not.
std::string without_tile(std::string walk) {
  const size_t begin = walk.find("tiles of "), end = walk.find(')');
  if (begin == std::string::npos || end == std::string::npos) return walk;
  return walk.replace(begin, end + 1 - begin, "tiles");
}

TEST(ExplainProducts, TellsShapeClassAndBlocks) {
  EXPECT_EQ(without_tile(walk_of(explain(matmul(zeros({1, 768}), zeros({768, 3072}))))),
            "one row: tiles, columns in parallel, x in place, y in place, k in blocks of 8, "
            "generated code by default");
  EXPECT_EQ(
      without_tile(walk_of(explain(matmul(zeros({500, 768}), zeros({768, 3072}))))),
      "many rows and columns: tiles, columns and rows in parallel, x in place, y in packed panels, "
      "rows in blocks of 1024, generated code by default");
  EXPECT_EQ(without_tile(walk_of(explain(matmul(zeros({500, 70}), zeros({70, 8}))))),
            "few columns: tiles, rows in parallel, x in place, y in place, generated code by "
            "default");
  EXPECT_EQ(without_tile(walk_of(explain(matmul(zeros({20, 30, 10}), zeros({20, 10, 11}))))),
            "a batch, few columns: tiles, products in parallel, x in place, y in place, generated "
            "code by default");
}

TEST(ExplainProducts, FewRowsShareOutColumnsWhereThereAreLinesOfThem) {
  const auto shares = [](int64_t rows, int64_t columns, const char* what) {
    const std::string walk = walk_of(explain(matmul(zeros({rows, 300}), zeros({300, columns}))));
    return walk.find(std::string(what) + " in parallel") != std::string::npos;
  };
  EXPECT_TRUE(shares(20, 200, "columns"));
  EXPECT_TRUE(shares(47, 100, "columns"));
  EXPECT_TRUE(shares(48, 100, "rows"));
  EXPECT_TRUE(shares(20, 16, "rows"));
}

TEST(ExplainProducts, NamesTheTile) {
  const std::string walk = walk_of(explain(matmul(zeros({500, 64}), zeros({64, 400}))));
  const bool found = walk.find("tiles of 6 x 64 (4 vectors of 16)") != std::string::npos ||
                     walk.find("tiles of 6 x 16 (2 vectors of 8)") != std::string::npos;
  EXPECT_TRUE(found) << walk;
}

TEST(ExplainProducts, GivesAFewDozenRowsOfLongSumsTallTiles) {
  const auto has = [](int64_t rows, int64_t terms, const char* tile) {
    const std::string walk = walk_of(explain(matmul(zeros({rows, terms}), zeros({terms, 1000}))));
    return walk.find(tile) != std::string::npos ||
           walk.find("tiles of 6 x 16 (2 vectors of 8)") != std::string::npos;
  };
  EXPECT_TRUE(has(32, 600, "tiles of 8 x 48 (3 vectors of 16)"));
  EXPECT_TRUE(has(27, 600, "tiles of 7 x 48 (3 vectors of 16)"));
  EXPECT_TRUE(has(17, 600, "tiles of 6 x 64 (4 vectors of 16)")) << "no sum of such tiles";
  EXPECT_TRUE(has(32, 300, "tiles of 6 x 64 (4 vectors of 16)"));
  EXPECT_TRUE(has(64, 600, "tiles of 6 x 64 (4 vectors of 16)"));
}

TEST(ExplainProducts, TellsThatTheCallAskedForTheLibrary) {
  EXPECT_EQ(
      walk_of(explain(matmul(zeros({90, 90}), zeros({90, 90})), {.provider = Provider::openblas})),
      "a call of the library, as the call asks");
}

TEST(ExplainProducts, TellsWhatIsAppliedToOperandsWhereTheyAreRead) {
  const Tensor x = zeros({300, 64}), q = zeros({64, 300}, i8), scale = zeros({300});
  EXPECT_EQ(
      without_tile(walk_of(explain(matmul(x, astype(q, f32) * scale)))),
      "many rows and columns: tiles, columns and rows in parallel, x in place, z and y mapped in "
      "packed panels, rows in blocks of 1024, generated code by default");
  EXPECT_EQ(without_tile(walk_of(explain(matmul(zeros({1, 64}), astype(q, f32) * scale)))),
            "one row: tiles, columns in parallel, x in place, z and y mapped when read, generated "
            "code by default");
  EXPECT_EQ(without_tile(walk_of(explain(matmul(maximum(x, 0.5f), zeros({64, 8}))))),
            "few columns: tiles, rows in parallel, x mapped in copied rows, y in place, rows in "
            "blocks of 384, generated code by default");
  EXPECT_EQ(explain(matmul(maximum(x, 0.5f), zeros({64, 300}))).kernels().size(), 2U);
}

TEST(ExplainProducts, NamesWhatIsTooDearToApply) {
  const Tensor x = zeros({300, 64}), w = zeros({64, 300});
  const Explanation explanation = explain(matmul(tanh(x), w));
  ASSERT_EQ(explanation.kernels().size(), 2U);
  bool found = false;
  for (const EdgeSummary& edge : explanation.edges()) found |= edge.reason == "computed_again";
  EXPECT_TRUE(found);
}

TEST(ExplainProducts, TellsWhatProductsShareAndWhyNot) {
  const Tensor x = zeros({40, 64}), w = zeros({64, 300}), v = zeros({64, 300});
  const Explanation gated = explain(silu(matmul(x, w)) * matmul(x, v));
  ASSERT_EQ(gated.kernels().size(), 1U);
  EXPECT_EQ(without_tile(walk_of(gated)),
            "2 products of one left operand in turns by panel, many rows and columns: tiles, "
            "columns in parallel, x in place, y in place, z in place, generated code by default");
  const Explanation apart = explain(outputs(matmul(x, w), matmul(x, zeros({64, 301}))));
  ASSERT_EQ(apart.kernels().size(), 2U);
  const std::string walk = walk_of(apart, 1);
  EXPECT_NE(walk.find("x apart from main_0 (30"), std::string::npos) << walk;
}

TEST(ExplainProducts, TellsWhyRowsAreApartFromTheirProduct) {
  const Tensor w = zeros({64, 100});
  const Explanation together = explain(softmax(matmul(zeros({512, 64}), w)));
  ASSERT_EQ(together.kernels().size(), 1U);
  EXPECT_NE(walk_of(together).find("reduced in blocks of 120 rows"), std::string::npos)
      << walk_of(together);
  const Explanation apart = explain(softmax(matmul(zeros({511, 64}), w)));
  ASSERT_EQ(apart.kernels().size(), 2U);
  EXPECT_NE(walk_of(apart, 1).find("apart from the product of main_0 (511 rows, fewer than 512)"),
            std::string::npos)
      << walk_of(apart, 1);
}

}  // namespace
}  // namespace onepass
