// SPDX-License-Identifier: Apache-2.0
// Graphs of a size that recursion or quadratic steps would not survive.
#include <gtest/gtest.h>

#include "graph_building.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "onepass/ir/verify.h"

namespace onepass::ir {
namespace {

int kernels(const Graph& graph) {
  int count = 0;
  for (const Node& node : graph.nodes) count += node.op == OpCode::fused;
  return count;
}

Graph chain(int length) {
  Builder b("chain");
  Expr x = b.input("x", f32, {8});
  const Expr y = b.input("y", f32, {8});
  for (int i = 0; i < length; ++i) x = apply(b, i % 2 ? OpCode::multiply : OpCode::add, {x, y});
  return finish(b, {x});
}

TEST(BigGraph, AMillionChainedNodesAreOneKernel) {
  Graph graph = chain(1'000'000);
  verify(graph);
  run_pipeline(graph, {});
  verify(graph);
  EXPECT_EQ(kernels(graph), 1);
  EXPECT_EQ(graph.nodes.back().body->nodes.size(), 1'000'002u);
  EXPECT_GT(canonical_key(graph).size(), 1'000'000u);
}

TEST(BigGraph, PrintsAndParsesInLinearTime) {
  const Graph graph = chain(300'000);
  EXPECT_TRUE(parse(print(graph)) == graph);
  EXPECT_FALSE(print_dot(graph).empty());
}

TEST(BigGraph, UnfusedModeMakesAsManyKernelsAsNodes) {
  Graph graph = chain(100'000);
  run_pipeline(graph, {Mode::unfused, Accuracy::strict, {}});
  EXPECT_EQ(kernels(graph), 100'000);
  EXPECT_TRUE(parse(print(graph)) == graph);
}

TEST(BigGraph, TwoHundredInputsAndFiveHundredOpsAreOneKernel) {
  Builder b("wide");
  Expr sum = b.input("x0", f32, {8});
  for (int i = 1; i < 200; ++i) {
    sum = apply(b, OpCode::add, {sum, b.input("x" + std::to_string(i), f32, {8})});
  }
  for (int i = 0; i < 512; ++i) sum = apply(b, OpCode::sin, {sum});
  Graph graph = finish(b, {sum});
  run_pipeline(graph, {});
  EXPECT_EQ(kernels(graph), 1);
  EXPECT_EQ(graph.nodes.back().inputs.size(), 200u);
}

TEST(BigGraph, ManyReductionsStayLinear) {
  Builder b("rows");
  Expr x = b.input("x", f32, {8, 8});
  for (int i = 0; i < 20'000; ++i) {
    Attributes attributes = with(AttributeKey::axes, {1});
    attributes.set(AttributeKey::keepdims, 1);
    x = apply(b, OpCode::subtract, {x, structural(b, OpCode::sum, {x}, attributes)});
  }
  Graph graph = finish(b, {x});
  run_pipeline(graph, {});
  verify(graph);
  EXPECT_EQ(kernels(graph), 20'000 / 16);  // as many as a kernel holds
  EXPECT_FALSE(explain_edges(graph).empty());
}

TEST(BigGraph, DeepLiteralArithmeticNeedsNoStack) {
  Builder b("literals");
  Expr s = b.weak_scalar(WeakKind::floating, 1);
  for (int i = 0; i < 200'000; ++i) s = apply(b, OpCode::add, {s, s});
  Graph graph = finish(b, {apply(b, OpCode::add, {b.input("x", f64, {4}), s})});
  run_pipeline(graph, {});
  verify(graph);
  EXPECT_EQ(graph.scalars.size(), 1u);
}

}  // namespace
}  // namespace onepass::ir
