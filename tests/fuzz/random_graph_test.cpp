// SPDX-License-Identifier: Apache-2.0
// Random graphs: the same bits from the interpreter and from compiled code, whatever the mode, the
// target, the threads and what is stored on the way; and text that reads back.
#include "random_graph.h"

#include <gtest/gtest.h>

#include "graph_ways.h"
#include "onepass/ir/cumulative.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "onepass/ir/reduction.h"
#include "random_numbers.h"
#include "seeds.h"
#include "stored_intermediate.h"

namespace onepass::fuzz {
namespace {

using ir::Accuracy;
using ir::Graph;
using ir::Mode;
using ir::RandomCase;

/// What is wrong with a case, or nothing.
using Check = std::function<std::optional<std::string>(const RandomCase&)>;

/// A quarter of the graphs is long, half of them has 16-bit floats.
ir::RandomGraphOptions options_of(uint64_t seed) {
  ir::RandomGraphOptions options;
  options.operations = seed % 4 == 0 ? 30 : 14;
  options.inputs = 2 + static_cast<int>(seed % 3);
  options.halves = seed % 2 == 0;
  return options;
}

bool has_halves(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const ir::Node& node) { return is_half(node.type.dtype); });
}

std::optional<std::string> guarded(const Check& check, const RandomCase& random) {
  try {
    return check(random);
  } catch (const std::exception& error) {
    return std::string("throws: ") + error.what();
  }
}

struct Property {
  Check check;             // of a case as it was made
  Check check_when_small;  // may try more
};

void expect_nothing_wrong(const RandomCase& random, const Property& property) {
  const std::optional<std::string> wrong = guarded(property.check, random);
  if (!wrong) return;
  const auto fails = [&](const RandomCase& c) {
    return guarded(property.check_when_small, c).has_value();
  };
  const RandomCase small = shrink(random, fails);
  ADD_FAILURE() << "seed " << random.seed << ": " << *wrong << "\nsmallest: "
                << guarded(property.check_when_small, small).value_or("does not fail again") << "\n"
                << small.describe();
}

RandomCase without_dead_nodes(RandomCase random) {
  ir::eliminate_dead(random.graph, {});
  return random;
}

std::optional<std::string> difference_in_strict(const RandomCase& random) {
  return difference_between_ways(random, Accuracy::strict);
}

std::optional<std::string> difference_in_fast(const RandomCase& random) {
  return difference_between_ways(random, Accuracy::fast);
}

/// Stores one intermediate of a case that was just made, each one while a case shrinks.
std::optional<std::string> difference_when_stored(const RandomCase& random, bool each) {
  const std::vector<ir::NodeId> nodes = intermediates(random.graph);
  if (nodes.empty()) return std::nullopt;
  const bool split = !has_halves(random.graph);  // a stored 16-bit float is rounded
  if (!each) {
    const size_t choice = ir::RandomNumbers(random.seed).below(nodes.size());
    return fuzz::difference_when_stored(random, nodes[choice], split);
  }
  for (const ir::NodeId node : nodes) {
    if (auto found = fuzz::difference_when_stored(random, node, split)) return found;
  }
  return std::nullopt;
}

std::optional<std::string> difference_in_text(const RandomCase& random) {
  const std::string text = print(random.graph);
  const Graph again = ir::parse(text);
  if (!(again == random.graph)) return "reads back differently:\n" + text;
  if (canonical_key(again) != canonical_key(random.graph)) return "the key changed:\n" + text;
  return std::nullopt;
}

std::optional<std::string> difference_in_any_text(const RandomCase& random) {
  if (auto found = difference_in_text(random)) return found;
  for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
    RandomCase after = random;
    ir::run_pipeline(after.graph, {mode, ir::Accuracy::strict, {}});
    if (auto found = difference_in_text(after)) return found;
  }
  return std::nullopt;
}

void check_graphs(const Seeds& seeds) {
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const RandomCase random = without_dead_nodes(make_random_case(seed, options_of(seed)));
    expect_nothing_wrong(random, {difference_in_strict, difference_in_strict});
    expect_nothing_wrong(random, {difference_in_any_text, difference_in_any_text});
    expect_nothing_wrong(random,
                         {[](const RandomCase& c) { return difference_when_stored(c, false); },
                          [](const RandomCase& c) { return difference_when_stored(c, true); }});
    if (testing::Test::HasFailure()) return;
  }
}

/// Graphs with much to rewrite. Storing a value may change others here: what is stored anyway is
/// not contracted.
void check_fast_graphs(const Seeds& seeds) {
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    ir::RandomGraphOptions options = options_of(seed);
    options.algebra = true;
    const RandomCase random = without_dead_nodes(make_random_case(seed, options));
    expect_nothing_wrong(random, {difference_in_fast, difference_in_fast});
    if (testing::Test::HasFailure()) return;
  }
}

/// The graph of a seed that reduces something: one that does not is made again from another seed.
RandomCase case_that_reduces(uint64_t seed, const ir::RandomGraphOptions& options) {
  constexpr uint64_t next = 1'000'000;
  for (;; seed += next) {
    RandomCase random = without_dead_nodes(make_random_case(seed, options));
    const auto& nodes = random.graph.nodes;
    const bool reduces = std::any_of(
        nodes.begin(), nodes.end(), [](const ir::Node& node) { return ir::is_reduction(node.op); });
    if (reduces) return random;
  }
}

void check_reduction_graphs(const Seeds& seeds) {
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    ir::RandomGraphOptions options = options_of(seed);
    options.operations = 8;
    options.reductions = true;
    options.products = false;
    const RandomCase random = case_that_reduces(seed, options);
    expect_nothing_wrong(random, {difference_in_strict, difference_in_strict});
    if (testing::Test::HasFailure()) return;
  }
}

/// Nodes that reduce, run or multiply matrices, in the kernels of `graph` and between them.
int64_t heavy_nodes(const Graph& graph) {
  int64_t count = 0;
  for (const ir::Node& node : graph.nodes) {
    count +=
        ir::is_reduction(node.op) || ir::is_cumulative(node.op) || node.op == ir::OpCode::matmul;
    if (node.body) count += heavy_nodes(*node.body);
  }
  return count;
}

std::optional<std::string> clone_in_kernels(const RandomCase& random) {
  RandomCase fused = random, apart = random;
  ir::run_pipeline(fused.graph, {Mode::fused, Accuracy::strict, {}});
  ir::run_pipeline(apart.graph, {Mode::interpreted, Accuracy::strict, {}});
  if (heavy_nodes(fused.graph) == heavy_nodes(apart.graph)) return std::nullopt;
  return "a reduction or a product is in two kernels:\n" + print(fused.graph);
}

/// Many graphs, since nothing is compiled.
void check_clones(const Seeds& seeds, bool products) {
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    ir::RandomGraphOptions options = options_of(seed);
    options.reductions = true;
    options.products = products;
    const RandomCase random = case_that_reduces(seed, options);
    expect_nothing_wrong(random, {clone_in_kernels, clone_in_kernels});
    if (testing::Test::HasFailure()) return;
  }
}

constexpr uint64_t first_seed = 1;
constexpr uint64_t seeds_of_a_shard = 130;
constexpr int shards = 16;
constexpr uint64_t fast_seeds_of_a_shard = 40;
constexpr uint64_t reduction_seeds_of_a_shard = 63;  // 1008 in all
constexpr uint64_t clone_seeds = 1000;
constexpr uint64_t first_short_seed = 900'000;
constexpr uint64_t short_seeds = 60;
constexpr uint64_t short_fast_seeds = 20;
constexpr uint64_t short_reduction_seeds = 12;

class RandomGraphs : public testing::TestWithParam<int> {};

TEST_P(RandomGraphs, HaveTheSameBitsHoweverTheyAreComputed) {
  check_graphs(seeds_of_shard(first_seed, seeds_of_a_shard, static_cast<uint64_t>(GetParam())));
}

TEST_P(RandomGraphs, HaveTheSameBitsInFastAccuracyHoweverTheyAreComputed) {
  check_fast_graphs(
      seeds_of_shard(first_seed, fast_seeds_of_a_shard, static_cast<uint64_t>(GetParam())));
}

TEST_P(RandomGraphs, OfReductionsHaveTheSameBitsHoweverTheyAreComputed) {
  check_reduction_graphs(
      seeds_of_shard(first_seed, reduction_seeds_of_a_shard, static_cast<uint64_t>(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Shard, RandomGraphs, testing::Range(0, shards));

TEST(RandomGraphsShort, HaveTheSameBitsHoweverTheyAreComputed) {
  check_graphs(seeds_of_shard(first_short_seed, short_seeds, 0));
}

TEST(RandomGraphsShort, OfReductionsHaveTheSameBitsHoweverTheyAreComputed) {
  check_reduction_graphs(seeds_of_shard(first_short_seed, short_reduction_seeds, 0));
}

TEST(RandomGraphsShort, HaveEachReductionAndProductInOneKernel) {
  check_clones({first_seed, clone_seeds}, false);
  check_clones({first_seed, clone_seeds}, true);
}

TEST(RandomGraphsShort, HaveTheSameBitsInFastAccuracyHoweverTheyAreComputed) {
  check_fast_graphs(seeds_of_shard(first_short_seed, short_fast_seeds, 0));
}

}  // namespace
}  // namespace onepass::fuzz
