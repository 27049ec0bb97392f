// SPDX-License-Identifier: Apache-2.0
// Which sizes bypass the caches, and that this is a fact which few kernels divide among all sizes.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

/// A target of no certain machine has caches of usual sizes.
constexpr int64_t last_level = int64_t{32} << 20, second_level = int64_t{1} << 20;

bool is_streamed(const Plan& plan) {
  bool streamed = false;
  for (const Array& array : plan.nest.arrays) streamed = streamed || array.streamed;
  return streamed;
}

Plan plan_of_row(int64_t n) {
  return testing::plan_of("graph g(x: f32[n]) where n = " + std::to_string(n) + R"( {
  %0 = exp x : f32[n]
  return %0
})");
}

Plan plan_of_column_sum(int64_t n, int64_t m) {
  return testing::plan_of("graph g(x: f32[n, m], y: f32[n, 1]) where n = " + std::to_string(n) +
                          ", m = " + std::to_string(m) + R"( {
  %0 = add x, y : f32[n, m]
  return %0
})");
}

Plan plan_of_softmax(int64_t n, int64_t m) {
  return testing::plan_of("graph g(x: f32[n, m]) where n = " + std::to_string(n) +
                          ", m = " + std::to_string(m) + R"( {
  %0 = max x {axes = [1], keepdims = true} : f32[n, 1]
  %1 = subtract x, %0 : f32[n, m]
  %2 = exp %1 : f32[n, m]
  %3 = sum %2 {axes = [1], keepdims = true} : f32[n, 1]
  %4 = divide %2, %3 : f32[n, m]
  return %4
})");
}

TEST(Streaming, OfRowsBeginsWhereItDoesForMaps) {
  constexpr int64_t limit = last_level / (2 * 4);
  for (const int64_t m : {512, 2048, 200'000}) {
    const Plan below = plan_of_softmax((limit - 1) / m, m), at = plan_of_softmax(limit / m + 1, m);
    EXPECT_FALSE(is_streamed(below)) << m;
    EXPECT_TRUE(is_streamed(at)) << m;
    ASSERT_EQ(at.valid_products.size(), 1u);
    EXPECT_EQ(at.valid_products[0].low, limit);
  }
}

TEST(Streaming, BeginsWhereAllArraysFillTheLastLevelCache) {
  constexpr int64_t limit = last_level / (2 * 4);
  const Plan below = plan_of_row(limit - 1), at = plan_of_row(limit);
  EXPECT_FALSE(is_streamed(below));
  EXPECT_TRUE(is_streamed(at));
  ASSERT_EQ(below.validity.size(), 1u);
  EXPECT_EQ(below.validity[0].low, 0);
  EXPECT_EQ(below.validity[0].high, limit - 1);
  ASSERT_EQ(at.validity.size(), 1u);
  EXPECT_EQ(at.validity[0].low, limit);
  EXPECT_EQ(at.validity[0].high, INT64_MAX);
}

TEST(Streaming, OfSeveralDimensionsIsAFactOfTheirProduct) {
  constexpr int64_t limit = last_level / (2 * 4);
  const Plan below = plan_of_column_sum(1024, 4095), at = plan_of_column_sum(1024, 4096);
  EXPECT_FALSE(is_streamed(below));
  EXPECT_TRUE(is_streamed(at));
  ASSERT_EQ(below.valid_products.size(), 1u);
  EXPECT_EQ(below.valid_products[0].symbols.size(), 2u);
  EXPECT_EQ(below.valid_products[0].high, limit - 1);
  EXPECT_EQ(at.valid_products[0].low, limit);
}

TEST(Streaming, OfBlocksBeginsAtTheSecondLevelCache) {
  const auto plan = [](int64_t n) {
    return testing::plan_of("graph g(x: f32[m, n]) where m = 64, n = " + std::to_string(n) + R"( {
  %0 = permute_dims x {permutation = [1, 0]} : f32[n, m]
  return %0
})");
  };
  constexpr int64_t limit = second_level / (2 * 4) / 64;
  EXPECT_FALSE(is_streamed(plan(limit - 1)));
  EXPECT_TRUE(is_streamed(plan(limit)));
}

TEST(Streaming, NeedsContiguousResults) {
  ir::Graph graph = ir::parse(R"(
graph g(x: f32[n]) where n = 20000000 {
  %0 = exp x : f32[n]
  return %0
})");
  ir::run_pipeline(graph, ir::PassOptions());
  const ir::Node* fused = nullptr;
  for (const ir::Node& node : graph.nodes) {
    if (node.op == ir::OpCode::fused) fused = &node;
  }
  ASSERT_NE(fused, nullptr);
  const Shape shape = {20000000};
  PlanContext context{graph, *fused, {}, {InstructionSet::x86_64_v4}, ir::Accuracy::strict};
  context.layouts = {{f32, shape, Strides({1})}, {f32, shape, Strides({2})}};
  EXPECT_FALSE(is_streamed(plan_kernel(context)));
}

TEST(Streaming, MakesTwoClassesOfAThousandRandomSizes) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<int64_t> extent(8, 6000);
  std::set<std::string> kernels;
  std::set<std::pair<int64_t, int64_t>> facts;
  for (int i = 0; i < 1000; ++i) {
    const int64_t n = extent(random), m = extent(random);
    const Plan plan = plan_of_column_sum(n, m);
    kernels.insert(print(plan.nest));
    ASSERT_EQ(plan.valid_products.size(), 1u);
    const auto& product = plan.valid_products[0];
    facts.insert({product.low, product.high});
    ASSERT_TRUE(product.low <= n * m && n * m <= product.high);
  }
  EXPECT_EQ(kernels.size(), 2u);
  EXPECT_EQ(facts.size(), 2u);
}

}  // namespace
}  // namespace onepass::codegen
