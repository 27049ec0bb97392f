// SPDX-License-Identifier: Apache-2.0
// What explain counts where nothing is compiled, the steps of the interpreter; and what it tells of
// kernels that reduce.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "onepass/engine/onepass.h"

namespace onepass {
namespace {

constexpr EvaluateOptions interpreted{.mode = Mode::interpreted};
constexpr EvaluateOptions unfused{.mode = Mode::unfused};

auto course_gelu(const Tensor& x) {
  return 0.5f * x * (1.0f + tanh(0.7978845608f * (x + 0.044715f * pow(x, 3))));
}

/// Names, bytes read and bytes written of every step.
std::string steps_of(const Explanation& explanation) {
  std::string text;
  for (const KernelSummary& step : explanation.kernels()) {
    text += step.name + " " + std::to_string(step.bytes_read) + " " +
            std::to_string(step.bytes_written) + "; ";
  }
  return text;
}

TEST(ExplainInterpreted, ListsOneOpALineAndNoCode) {
  const Explanation explanation = explain(course_gelu(zeros({1000})), interpreted);
  const std::vector<KernelSummary> steps = explanation.kernels();
  EXPECT_EQ(steps.size(), 8u);
  for (const KernelSummary& step : steps) {
    EXPECT_EQ(step.kind, "interpreted");
    EXPECT_EQ(step.operations, 1);
    EXPECT_EQ(step.compile_nanoseconds, 0);
  }
  EXPECT_EQ(explanation.loops() + explanation.llvm_ir() + explanation.assembly(), "");
}

TEST(ExplainInterpreted, MovesAndComputesWhatTheUnfusedKernelsDo) {
  const Tensor x = zeros({1000});
  EXPECT_EQ(explain(course_gelu(x), interpreted).bytes(), 18 * 4000);
  EXPECT_EQ(explain(course_gelu(x), interpreted).bytes(), explain(course_gelu(x), unfused).bytes());
  EXPECT_EQ(explain(course_gelu(x), interpreted).flops(), explain(course_gelu(x)).flops());
  EXPECT_GT(explain(course_gelu(x), interpreted).flops(), 8 * 1000);
}

TEST(ExplainInterpreted, CountsAnArrayOnceHoweverOftenItIsRead) {
  const Tensor x = zeros({30, 100}), row = zeros({100});
  EXPECT_EQ(steps_of(explain(x * x, interpreted)), "multiply 12000 12000; ");
  EXPECT_EQ(steps_of(explain(x + row, interpreted)), "add 12400 12000; ");
  const Tensor repeated = broadcast_to(row, {30, 100}), nothing = broadcast_to(row, {0, 100});
  EXPECT_EQ(steps_of(explain(x + repeated, interpreted)), "add 12400 12000; ");
  EXPECT_EQ(steps_of(explain(nothing + 1, interpreted)), "add 0 0; ");
  EXPECT_EQ(steps_of(explain(x + 1, interpreted)), "add 12000 12000; ");
}

TEST(ExplainInterpreted, CountsWhatStructuralOpsTouch) {
  const Tensor x = zeros({30, 100}), indices{3, 1};
  EXPECT_EQ(steps_of(explain(sum(x, {.axis = {1}}), interpreted)), "sum 12000 120; ");
  EXPECT_EQ(steps_of(explain(astype(x, f64), interpreted)), "cast 12000 24000; ");
  EXPECT_EQ(steps_of(explain(broadcast_to(exp(zeros({1, 100})), {30, 100}), interpreted)),
            "exp 400 400; broadcast_to 400 12000; ");
  // The 8 bytes of the indices and two rows.
  EXPECT_EQ(steps_of(explain(take(x, indices, 0), interpreted)), "take 808 800; ");
  EXPECT_EQ(explain(sum(x), interpreted).flops(), 3000);
}

TEST(ExplainInterpreted, CountsProductsOfEveryProvider) {
  const Tensor a = zeros({20, 30}), b = zeros({30, 40});
  for (const Provider provider : {Provider::generated, Provider::openblas}) {
    const Explanation explanation =
        explain(matmul(a, b), {.mode = Mode::interpreted, .provider = provider});
    EXPECT_EQ(steps_of(explanation), "matmul 7200 3200; ");
    EXPECT_EQ(explanation.flops(), 2.0 * 20 * 30 * 40);
  }
}

TEST(ExplainInterpreted, CountsTheCopiesOfSeveralOutputs) {
  const Tensor x = zeros({100});
  EXPECT_EQ(steps_of(explain(outputs(sin(x), sin(x) * 2), interpreted)),
            "sin 400 400; multiply 400 400; copy 400 400; copy 400 400; ");
}

TEST(ExplainInterpreted, CountsIntegerOperationsAsOneEach) {
  const Tensor x = zeros({100}, i32);
  const Explanation explanation = explain(x * x + x, interpreted);
  EXPECT_EQ(explanation.flops(), 200);
  EXPECT_EQ(explanation.bytes(), 400 + 400 + 2 * 400 + 400);
}

TEST(ExplainInterpreted, OfEmptyTensorsMovesNothing) {
  const Explanation explanation = explain(exp(zeros({0, 3})) + 1, interpreted);
  EXPECT_EQ(explanation.kernels().size(), 2u);
  EXPECT_EQ(explanation.bytes(), 0);
  EXPECT_EQ(explanation.flops(), 0);
}

auto exponentials_over_sums(const Tensor& x) {
  const auto e = exp(x - max(x, {.axis = {1}, .keepdims = true}));
  return e / sum(e, {.axis = {1}, .keepdims = true});
}

TEST(ExplainReductions, TellsHowRowsAreWalkedAndWhatIsTouchedAgain) {
  const std::vector<KernelSummary> kernels =
      explain(exponentials_over_sums(zeros({300, 50}))).kernels();
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].kind, "reduce");
  EXPECT_EQ(kernels[0].phases, 1);
  EXPECT_EQ(kernels[0].walk, "row by row");
  EXPECT_EQ(kernels[0].visits, 3);
  // x once more, the exponentials stored and read.
  EXPECT_EQ(kernels[0].bytes_again, 3 * 300 * 50 * 4);
  EXPECT_EQ(kernels[0].level, "L1");
  EXPECT_EQ(kernels[0].heaviest, "exp");
}

TEST(ExplainReductions, CutsFewLongRowsIntoPhases) {
  const std::vector<KernelSummary> kernels =
      explain(exponentials_over_sums(zeros({1, 1 << 20}))).kernels();
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_EQ(kernels[0].phases, 5);
  EXPECT_EQ(kernels[0].walk, "chunks of long rows");
  EXPECT_EQ(kernels[0].bytes_again, 2 * (1 << 20) * 4);
}

TEST(ExplainReductions, PredictsTheKernelsOfAChain) {
  const Tensor x = zeros({30, 40});
  const auto rows = exponentials_over_sums(x);
  EXPECT_EQ(explain(exp(rows - sum(rows, {.axis = {1}, .keepdims = true}))).kernels().size(), 1u);
  // What follows sums over other axes is a kernel of its own, as are they.
  EXPECT_EQ(explain(rows - sum(rows, {.axis = {0}, .keepdims = true})).kernels().size(), 3u);
  EXPECT_EQ(explain(sum(x, {.axis = {0}})).kernels()[0].walk, "blocks of columns");
}

TEST(ExplainReductions, GivesAVerdictOnceMeasured) {
  Explanation explanation = explain(exponentials_over_sums(zeros({300, 500})));
  EXPECT_EQ(explanation.verdict(), "");
  explanation.measure();
  EXPECT_NE(explanation.verdict().find("-bound"), std::string::npos);
  EXPECT_NE(to_string(explanation).find(explanation.verdict() + "\n"), std::string::npos);
}

}  // namespace
}  // namespace onepass
