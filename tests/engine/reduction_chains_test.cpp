// SPDX-License-Identifier: Apache-2.0
// Chains reduction -> map -> reduction -> map: how many kernels they are, that explain says so, and
// that no reduction is in two of them.
#include <gtest/gtest.h>

#include "onepass/ir/reduction.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

struct Chain {
  std::string name;
  Value value;
  size_t kernels;
  int reductions;
};

Tensor sample(const Shape& shape) { return random_normal(shape, {.seed = 5}); }

/// max, sum and one more reduction along one axis, with maps between.
Value three_along(const Tensor& x, int axis) {
  const Value y = softmax(x, {.axis = axis});
  return exp(y - mean(y * y, {.axis = axis, .keepdims = true}));
}

Value normalised(const Value& x, int axis) {
  return (x - mean(x, {.axis = axis, .keepdims = true})) / std(x, {.axis = axis, .keepdims = true});
}

std::vector<Chain> chains() {
  const Tensor x = sample({64, 300}), cube = sample({6, 64, 300}), narrow = sample({64, 30});
  const Tensor w = sample({300, 200}), square = sample({300, 300}), b = sample({200});
  const Value y = softmax(x);
  return {
      {"rows", three_along(x, 1), 1, 3},
      {"rows of a cube", three_along(cube, 2), 1, 3},
      {"one long row", three_along(sample({1, 300000}), 1), 1, 3},
      {"short rows", three_along(sample({5000, 7}), 1), 1, 3},
      {"many columns", three_along(x, 0), 1, 3},
      {"a middle axis", three_along(cube, 1), 1, 3},
      // A reduction waits for the map that waits for the one before.
      {"few columns", three_along(narrow, 0), 6, 3},
      {"a transposed array", three_along(permute_dims(x, {1, 0}), 0), 6, 3},
      {"normalised rows", normalised(x, 1), 1, 2},
      {"normalised columns", normalised(x, 0), 1, 2},
      {"rows, then columns", y - mean(y, {.axis = 0}), 2, 3},
      {"a sum of all, then rows", softmax(x - mean(x)), 2, 3},
      {"two reductions of the same rows", max(x, {.axis = 1}) - min(x, {.axis = 1}), 1, 2},
      {"two reductions of the same columns", max(x, {.axis = 0}) - min(x, {.axis = 0}), 1, 2},
      {"two reductions of all", max(x) - min(x), 1, 2},
      {"two reductions of different axes", sum(max(x, {.axis = 1})) + sum(x), 3, 3},
      {"a product, then rows", softmax(gelu(matmul(x, w) + b) - 1.0f), 2, 2},
      {"rows, a product, rows", softmax(matmul(softmax(x), w)), 3, 4},
      {"a product, then columns", softmax(matmul(x, w), {.axis = 0}), 2, 2},
      {"a layer between norms", layer_norm(x + matmul(layer_norm(x), square)), 3, 4},
  };
}

/// Lines of `text` that begin with `word`, after spaces.
size_t lines_with(const std::string& text, const std::string& word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t before = text.find_last_not_of(' ', at - 1);
    count += at == 0 || before == std::string::npos || text[before] == '\n';
  }
  return count;
}

int reductions_in(const std::string& graph) {
  int count = 0;
  for (const ir::OpCode op : ir::reductions()) {
    const std::string word = " = " + std::string(ir::to_string(op)) + " ";
    for (size_t at = graph.find(word); at != std::string::npos; at = graph.find(word, at + 1)) {
      ++count;
    }
  }
  return count;
}

TEST(ReductionChains, AreAsManyKernelsAsExplained) {
  for (const Chain& chain : chains()) {
    SCOPED_TRACE(chain.name);
    const Explanation explanation = explain(chain.value, {.provider = Provider::generated});
    EXPECT_EQ(explanation.kernels().size(), chain.kernels);
    EXPECT_EQ(lines_with(explanation.loops(), "nest "), chain.kernels);
  }
}

TEST(ReductionChains, HaveEachReductionOnce) {
  for (const Chain& chain : chains()) {
    SCOPED_TRACE(chain.name);
    const Explanation explanation = explain(chain.value, {.provider = Provider::generated});
    EXPECT_EQ(reductions_in(explanation.fused()), chain.reductions);
  }
}

TEST(ReductionChains, HaveTheSameBitsInEveryModeAndForEveryThreadCount) {
  for (const Chain& chain : chains()) {
    SCOPED_TRACE(chain.name);
    const auto with = [&](Mode mode, int threads) {
      return evaluate(chain.value,
                      {.mode = mode, .threads = threads, .provider = Provider::generated});
    };
    const Tensor expected = with(Mode::interpreted, 1);
    for (const int threads : {1, 2, 3, 7, 16}) {
      EXPECT_TRUE(testing::same_bits(with(Mode::fused, threads), expected)) << threads;
    }
    EXPECT_TRUE(testing::same_bits(with(Mode::unfused, 2), expected));
  }
}

}  // namespace
}  // namespace onepass
