// SPDX-License-Identifier: Apache-2.0
// Evaluation: values, outputs, targets that are views or share memory with operands, and what is
// compiled how often.
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "error_text.h"
#include "onepass/engine/onepass.h"
#include "onepass/runtime/kernel_cache.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

Tensor counting(int64_t n) { return arange(0.0, static_cast<double>(n)); }

int64_t kernels_compiled() { return runtime::kernel_cache().statistics().misses; }

TEST(Evaluate, GivesWhatTheFormulaSays) {
  const Tensor x{1.f, 2.f, 3.f};
  const Tensor r = 2 * x + x * x - 1;
  EXPECT_EQ(r.to_vector<float>(), (std::vector<float>{2, 7, 14}));
}

TEST(Evaluate, BroadcastsLikeNumPy) {
  const Tensor column{{1.f}, {2.f}}, row{10.f, 20.f, 30.f};
  const Tensor r = column * row;
  EXPECT_EQ(r.shape(), (Shape{2, 3}));
  EXPECT_EQ(r.to_vector<float>(), (std::vector<float>{10, 20, 30, 20, 40, 60}));
}

TEST(Evaluate, PromotesDtypesOfOneKind) {
  const Tensor narrow{1.f, 2.f}, wide{1.0, 2.0};
  EXPECT_EQ(evaluate(narrow + wide).dtype(), f64);
  EXPECT_EQ(evaluate(narrow + 1.0).dtype(), f32);
  EXPECT_EQ(evaluate(narrow < 2).dtype(), boolean);
}

TEST(Evaluate, ReadsLeavesWhenItRuns) {
  const Tensor x{1.f, 2.f};
  const auto twice = x * 2;
  x.data<float>()[0] = 10;
  EXPECT_EQ(evaluate(twice).to_vector<float>(), (std::vector<float>{20, 4}));
}

TEST(Evaluate, KeepsLeavesAliveInAStoredExpression) {
  const auto make = [] {
    const Tensor local{1.f, 2.f, 3.f};
    return (local + 1) * (local - 1);
  };
  const auto expression = make();
  EXPECT_EQ(evaluate(expression).to_vector<float>(), (std::vector<float>{0, 3, 8}));
}

TEST(Evaluate, ComputesSeveralOutputsInOneKernel) {
  const Tensor x = counting(100);
  const auto both = outputs(sin(x), sin(x) * 2);
  EXPECT_EQ(explain(both).kernels().size(), 1u);
  const auto [a, b] = evaluate(both);
  EXPECT_TRUE(same_bits(a, sin(x)));
  EXPECT_TRUE(same_bits(b, evaluate(sin(x) * 2)));
}

TEST(Evaluate, WorksOnEmptyTensors) {
  const Tensor empty = zeros({0, 3});
  EXPECT_EQ(evaluate(empty + 1).shape(), (Shape{0, 3}));
  EXPECT_EQ(evaluate(sum(empty)).item<float>(), 0.f);
  EXPECT_FALSE(std::signbit(evaluate(sum(empty)).item<float>()));
  EXPECT_EQ(evaluate(matmul(zeros({2, 0}), zeros({0, 3}))).to_vector<float>(),
            std::vector<float>(6, 0.f));
}

TEST(Evaluate, OfATensorIsThatTensor) {
  const Tensor x{1.f};
  EXPECT_TRUE(evaluate(x).is_same(x));
}

TEST(EvaluateInto, WritesExistingMemory) {
  const Tensor x = counting(50), out = zeros({50});
  const float* place = out.data<float>();
  evaluate_into(out, x * x);
  EXPECT_EQ(out.data<float>(), place);
  EXPECT_TRUE(same_bits(out, x * x));
}

TEST(EvaluateInto, WritesThroughViews) {
  const Tensor out = zeros({4, 6});
  evaluate_into(out[{slice(1, 3), slice(0, 6, 2)}], ones({2, 3}) * 5);
  EXPECT_EQ(out.to_vector<float>(), (std::vector<float>{0, 0, 0, 0, 0, 0, 5, 0, 5, 0, 5, 0,
                                                        5, 0, 5, 0, 5, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(EvaluateInto, MayWriteAnOperandInPlace) {
  const Tensor x = counting(1000), before = Tensor::copy_of(x);
  evaluate_into(x, x * 2 + x);
  EXPECT_TRUE(same_bits(x, before * 2 + before));
}

TEST(EvaluateInto, GivesTheSameWhenTargetAndOperandOverlap) {
  const auto shifted = [](int64_t from, int64_t to) {
    const Tensor memory = counting(500);
    const Tensor source = memory[{slice(from, from + 400)}], target = memory[{slice(to, to + 400)}];
    const Tensor expected = evaluate(source * 3 + 1);
    evaluate_into(target, source * 3 + 1);
    return same_bits(target, expected);
  };
  EXPECT_TRUE(shifted(0, 1));
  EXPECT_TRUE(shifted(1, 0));
  EXPECT_TRUE(shifted(0, 100));
  EXPECT_TRUE(shifted(37, 0));
}

TEST(EvaluateInto, GivesTheSameWhenATransposedTargetOverlapsAnOperand) {
  const Tensor memory = counting(60);
  const Tensor rows = reshape(memory[{slice(0, 42)}], {6, 7});
  const Tensor columns = matrix_transpose(reshape(memory[{slice(5, 47)}], {7, 6}));
  const Tensor expected = evaluate(rows * 3 + 1);
  evaluate_into(columns, rows * 3 + 1);
  EXPECT_TRUE(same_bits(columns, expected));
}

TEST(EvaluateInto, GivesTheSameForATransposeIntoItself) {
  const Tensor a = reshape(counting(49), {7, 7});
  const Tensor expected = evaluate(matrix_transpose(a) + a);
  evaluate_into(a, matrix_transpose(a) + a);
  EXPECT_TRUE(same_bits(a, expected));
}

TEST(EvaluateInto, GivesTheSameForAProductIntoItsOperand) {
  const Tensor a = random_uniform({20, 20}), b = random_uniform({20, 20});
  const Tensor expected = evaluate(matmul(a, b));
  evaluate_into(a, matmul(a, b));
  EXPECT_TRUE(same_bits(a, expected));
}

TEST(EvaluateInto, GivesTheSameForAReversalIntoItself) {
  const Tensor x = counting(33);
  evaluate_into(x, x[{slice(std::nullopt, std::nullopt, -1)}] + 0);
  for (int i = 0; i < 33; ++i) EXPECT_EQ(x.data<float>()[i], 32.f - static_cast<float>(i));
}

TEST(EvaluateInto, ReadsABroadcastOperandWholeBeforeWritingIt) {
  const Tensor x = reshape(counting(12), {3, 4});
  const Tensor expected = evaluate(x - x[{slice(0, 1)}]);
  evaluate_into(x, x - x[{slice(0, 1)}]);
  EXPECT_TRUE(same_bits(x, expected));
}

TEST(EvaluateInto, CompoundAssignmentWritesThroughEveryHandle) {
  const Tensor x = counting(5), other = x;
  x += 1;
  x *= x;
  EXPECT_EQ(other.to_vector<float>(), (std::vector<float>{1, 4, 9, 16, 25}));
}

TEST(EvaluateInto, RejectsAnotherShapeOrDtypeAndChangesNothing) {
  const Tensor out = ones({3});
  const Tensor x = counting(4);
  EXPECT_EQ(
      error_text([&] { evaluate_into(out, x + 1); }),
      "evaluate_into: target is f32[3], the expression is f32[4]; shape and dtype must be equal.");
  EXPECT_EQ(
      error_text([&] { evaluate_into(out, counting(3) < 2); }),
      "evaluate_into: target is f32[3], the expression is boolean[3]; shape and dtype must be "
      "equal.");
  EXPECT_EQ(out.to_vector<float>(), (std::vector<float>{1, 1, 1}));
}

TEST(EvaluateInto, RejectsReadOnlyTargets) {
  const std::vector<float> memory{1, 2, 3};
  const Tensor target = Tensor::wrap(memory.data(), {3});
  EXPECT_EQ(error_text([&] { evaluate_into(target, target + 1); }),
            "evaluate_into: target is a read-only f32[3]; it must be writable. Wrap a pointer to "
            "non-const, or evaluate into a copy.");
  EXPECT_EQ(memory, (std::vector<float>{1, 2, 3}));
}

TEST(EvaluateInto, RejectsTargetsThatOverlapThemselves) {
  std::vector<float> memory(10, 0);
  const Tensor target = Tensor::wrap(memory.data(), {4, 4}, {1, 1});
  EXPECT_EQ(
      error_text([&] { evaluate_into(target, ones({4, 4}) * 2); }),
      "evaluate_into: several indices of target f32[4, 4] name one element; every element must "
      "have its own place. Evaluate into a tensor that is not broadcast.");
}

TEST(EvaluateInto, LeavesTargetsAloneWhenAnIndexIsOutOfRange) {
  const Tensor x = counting(5), out = zeros({3});
  const Tensor indices{int64_t{0}, int64_t{4}, int64_t{5}};
  EXPECT_THROW(evaluate_into(out, take(x, indices) * 1), UserError);
  EXPECT_EQ(out.to_vector<float>(), (std::vector<float>{0, 0, 0}));
}

TEST(Kernels, OneIsEnoughForAThousandSizesAndScalars) {
  const auto run = [](int64_t n, float scale) {
    const Tensor x = zeros({n});
    return evaluate(cosh(x) * scale + x);
  };
  run(7, 1);
  const int64_t before = kernels_compiled();
  for (int64_t n = 2; n < 1002; ++n) {
    EXPECT_EQ(run(n, static_cast<float>(n)).data<float>()[0], static_cast<float>(n));
  }
  EXPECT_EQ(kernels_compiled(), before);
}

TEST(Kernels, TenThousandTurnsOfALoopCompileOne) {
  const Tensor x{1.f, 2.f};
  int64_t before = 0;
  for (int turn = 0; turn < 10000; ++turn) {
    const Value y = sinh(lazy(x)) + turn;
    evaluate(y);
    if (turn == 0) before = kernels_compiled();
  }
  EXPECT_EQ(kernels_compiled(), before);
}

TEST(Kernels, AChainOf512OperationsIsOne) {
  const Tensor x = random_uniform({1000});
  Value y = x;
  for (int i = 0; i < 256; ++i) y = y * 0.999f + static_cast<float>(i);
  EXPECT_EQ(explain(y).kernels().size(), 1u);
  EXPECT_TRUE(same_bits(evaluate(y), evaluate(y, {.mode = Mode::interpreted})));
}

TEST(Kernels, AnExpressionOf200InputsIsOne) {
  Value y = 0.f;
  for (int i = 0; i < 200; ++i)
    y = y + random_uniform({300}, {.seed = static_cast<uint64_t>(i)}) * static_cast<float>(i);
  EXPECT_EQ(explain(y).kernels().size(), 1u);
  EXPECT_TRUE(same_bits(evaluate(y), evaluate(y, {.mode = Mode::interpreted})));
}

TEST(Kernels, AnExpressionRunsFromManyThreadsAtOnce) {
  const Tensor x = random_uniform({5000});
  const Tensor expected = evaluate(exp(x) * tan(x) + 3, {.threads = 1});
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (!same_bits(evaluate(exp(x) * tan(x) + 3), expected)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

template <int depth>
auto chain(const Tensor& x) {
  if constexpr (depth == 0) {
    return x * 1.0f;
  } else {
    return chain<depth - 1>(x) * x + 0.5f;
  }
}

TEST(Kernels, ATypedChainOf64OperationsIsOne) {
  const Tensor x = random_uniform({100});
  const auto y = chain<32>(x);
  EXPECT_EQ(explain(y).kernels().size(), 1u);
  EXPECT_TRUE(same_bits(evaluate(y), evaluate(y, {.mode = Mode::interpreted})));
}

TEST(Guard, TellsVariantsOfOneExpressionTypeApart) {
  // More variants than a slot holds, in turn: layouts, dtypes, exponents, coinciding leaves.
  const auto cube = [](const Tensor& x, const Tensor& y, int exponent) {
    return evaluate(pow(x, exponent) + y);
  };
  const Tensor a = counting(12), b = counting(24)[{slice(0, 24, 2)}];
  const Tensor d = astype(a, f64), row = reshape(a, {1, 12}), column = reshape(a, {12, 1});
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(cube(a, a, 2).data<float>()[3], 12.f);
    EXPECT_EQ(cube(a, b, 2).data<float>()[3], 15.f);
    EXPECT_EQ(cube(b, a, 3).data<float>()[2], 66.f);
    EXPECT_EQ(cube(d, d, 4).data<double>()[2], 18.0);
    EXPECT_EQ(cube(row, column, 2).shape(), (Shape{12, 12}));
    EXPECT_EQ(cube(a, a, 5).data<float>()[2], 34.f);
    EXPECT_EQ(cube(a, a[{slice(0, 1)}], 2).data<float>()[3], 9.f);
  }
}

TEST(Guard, ReportsAMismatchInACallWhoseTypeIsAlreadyCompiled) {
  const auto total = [](const Tensor& x, const Tensor& y) { return evaluate(x + y); };
  total(zeros({3, 4}), zeros({3, 4}));
  EXPECT_EQ(error_text([&] { total(zeros({3, 4}), zeros({3, 5})); }),
            error_text([&] { evaluate(Value(zeros({3, 4})) + zeros({3, 5})); }));
}

TEST(Guard, ChecksGivenExtentsOfEveryCall) {
  const auto stretched = [](const Tensor& x, int64_t n) {
    return evaluate(broadcast_to(x + 1, Shape{2, n}));
  };
  EXPECT_EQ(stretched(counting(3), 3).shape(), (Shape{2, 3}));
  EXPECT_EQ(stretched(counting(4), 4).shape(), (Shape{2, 4}));
  EXPECT_THROW(stretched(counting(4), 3), UserError);
  const auto folded = [](const Tensor& x, int64_t n) { return evaluate(reshape(x * 2, {n, -1})); };
  EXPECT_EQ(folded(counting(12), 3).shape(), (Shape{3, 4}));
  EXPECT_EQ(folded(counting(10), 5).shape(), (Shape{5, 2}));
  EXPECT_THROW(folded(counting(10), 4), UserError);
}

TEST(Guard, ChecksIntegerLiteralsOfEveryCall) {
  const Tensor x = astype(counting(3), i8);
  const auto plus = [&](int n) { return evaluate(x + n); };
  EXPECT_EQ(plus(100).to_vector<int>(), (std::vector<int>{100, 101, 102}));
  EXPECT_THROW(plus(200), UserError);
  EXPECT_EQ(plus(-1).to_vector<int>(), (std::vector<int>{-1, 0, 1}));
}

}  // namespace
}  // namespace onepass
