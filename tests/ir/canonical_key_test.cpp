// SPDX-License-Identifier: Apache-2.0
// The key is equal exactly where the same code is right.
#include <gtest/gtest.h>

#include <set>

#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "random_graph.h"

namespace onepass::ir {
namespace {

std::string key(std::string_view text) { return canonical_key(parse(text)); }

constexpr std::string_view base =
    "graph g(x: f32[n, m], y: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = add x, y : f32[n, "
    "m] %1 = multiply %0, s0 : f32[n, m] return %1 }";

TEST(CanonicalKey, IgnoresNamesAndSizes) {
  EXPECT_EQ(key(base),
            key("graph other(a: f32[p, q], b: f32[q], s0: scalar f32) where p = 70, q = 900 { %0 = "
                "add a, b : f32[p, q] %1 = multiply %0, s0 : f32[p, q] return %1 }"));
  EXPECT_EQ(key("graph g(x: f32[n, m] strides [7, 1]) where n = 4, m = 5 { return x }"),
            key("graph g(x: f32[n, m] strides [99, 1]) where n = 3, m = 50 { return x }"));
}

TEST(CanonicalKey, DiffersWhereTheCodeDoes) {
  const std::string_view others[] = {
      // Another op, order of operands, dtype, pattern of extents, extent of 1, scalar.
      "graph g(x: f32[n, m], y: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = subtract x, y : "
      "f32[n, m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
      "graph g(x: f32[n, m], y: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = add y, x : "
      "f32[n, "
      "m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
      "graph g(x: f64[n, m], y: f64[m], s0: scalar f64) where n = 4, m = 5 { %0 = add x, y : "
      "f64[n, "
      "m] %1 = multiply %0, s0 : f64[n, m] return %1 }",
      "graph g(x: f32[n, n], y: f32[n], s0: scalar f32) where n = 4 { %0 = add x, y : f32[n, "
      "n] %1 = multiply %0, s0 : f32[n, n] return %1 }",
      "graph g(x: f32[n, m], y: f32[1], s0: scalar f32) where n = 4, m = 5 { %0 = add x, y : "
      "f32[n, "
      "m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
      // Another layout: transposed, with gaps, broadcast.
      "graph g(x: f32[n, m] strides [1, 4], y: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = "
      "add "
      "x, y : f32[n, m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
      "graph g(x: f32[n, m] strides [7, 1], y: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = "
      "add "
      "x, y : f32[n, m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
      "graph g(x: f32[n, m] strides [0, 1], y: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = "
      "add "
      "x, y : f32[n, m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
      // Other outputs, another unused input, another range.
      "graph g(x: f32[n, m], y: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = add x, y : "
      "f32[n, "
      "m] %1 = multiply %0, s0 : f32[n, m] return %0 }",
      "graph g(x: f32[n, m], y: f32[m], z: f32[m], s0: scalar f32) where n = 4, m = 5 { %0 = add "
      "x, "
      "y : f32[n, m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
      "graph g(x: f32[n, m], y: f32[m], s0: scalar f32) where n = 4, m = 5 require n in [0, 16] { "
      "%0 = add x, y : f32[n, m] %1 = multiply %0, s0 : f32[n, m] return %1 }",
  };
  std::set<std::string> keys = {key(base)};
  for (const std::string_view other : others) EXPECT_TRUE(keys.insert(key(other)).second) << other;
}

TEST(CanonicalKey, IncludesAttributesConstantsAndDerivations) {
  const auto with_value = [](const std::string& value) {
    return key("graph g() { %0 = constant {value = " + value +
               ", dtype = f32} : f32[] return %0 }");
  };
  EXPECT_NE(with_value("0"), with_value("-0"));
  EXPECT_NE(with_value("1"), with_value("2"));
  const auto with_symbol = [](const std::string& derivation) {
    return key("graph g(x: f32[n]) where n = 4, m = 4 is " + derivation + " { return x }");
  };
  EXPECT_NE(with_symbol("given(0)"), with_symbol("given(1)"));
  EXPECT_NE(with_symbol("sum(n)"), with_symbol("product(n)"));
  EXPECT_NE(with_symbol("slice_length(n, 0, end, 1)"), with_symbol("slice_length(n, 0, 4, 1)"));
}

TEST(CanonicalKey, LeavesOutTheReasonsOfEdges) {
  const std::string fused =
      "graph g(x: f32[n]) where n = 4 { %0 = fused k(x = x) {reasons = [graph_input]} : f32[n] { "
      "%0 "
      "= exp x : f32[n] return %0 } return %0 }";
  std::string other = fused;
  other.replace(other.find("graph_input"), 11, "mode");
  EXPECT_EQ(key(fused), key(other));
}

TEST(CanonicalKey, SurvivesTheTextForm) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Graph graph = make_random_case(seed).graph;
    run_pipeline(graph, {});
    EXPECT_EQ(canonical_key(graph), canonical_key(parse(print(graph)))) << print(graph);
  }
}

}  // namespace
}  // namespace onepass::ir
