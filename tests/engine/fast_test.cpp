// SPDX-License-Identifier: Apache-2.0
// Accuracy::fast: other bits than strict, but the same ones in every mode, for every number of
// threads and on every target (each is held against the interpreter).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;
using testing::SampleLayout;

constexpr EvaluateOptions fast{.accuracy = Accuracy::fast};

auto course_gelu(const Value& x) {
  return Value(0.5f) * x * (1.0f + tanh(0.7978845608f * (x + 0.044715f * pow(x, 3))));
}

/// An expression of two operands that the passes of fast accuracy change.
struct Formula {
  const char* name;
  Value (*of)(const Value& x, const Value& y);
};

const Formula formulas[] = {
    {"Gelu", [](const Value& x, const Value&) { return Value(gelu(x)); }},
    {"GeluSpelledOut", [](const Value& x, const Value&) { return Value(course_gelu(x)); }},
    {"Mish", [](const Value& x, const Value& y) { return Value(mish(x) + y); }},
    {"Polynomial",
     [](const Value& x, const Value& y) { return Value(((x * y + 2.5f) * y - x) * x); }},
    {"Difference", [](const Value& x, const Value& y) { return Value(y - x * 3.0f); }},
    {"DifferenceOfProducts", [](const Value& x, const Value& y) { return Value(x * x - y * y); }},
    {"ScalarQuotient", [](const Value& x, const Value& y) { return Value((x - y) / 255.0f); }},
    {"TinyScalarQuotient", [](const Value& x, const Value& y) { return Value(x * y / 1e-41f); }},
    {"RootQuotient",
     [](const Value& x, const Value& y) { return Value(x / sqrt(sum(y * y) + 1e-5f)); }},
};

class FastFormula : public ::testing::TestWithParam<Formula> {};

TEST_P(FastFormula, HasTheSameBitsInEveryModeAndForEveryThreadCount) {
  for (const DType dtype : {f16, bf16, f32, f64}) {
    for (const SampleLayout layout : testing::sample_layouts()) {
      SCOPED_TRACE(std::string(to_string(dtype)) + " " + std::string(testing::to_string(layout)));
      const Value value = GetParam().of(testing::sample_operand(dtype, layout, 0),
                                        testing::sample_operand(dtype, layout, 1));
      const Tensor expected =
          evaluate(value, {.mode = Mode::interpreted, .accuracy = Accuracy::fast});
      for (const Mode mode : {Mode::fused, Mode::unfused}) {
        for (const int threads : {1, 2, 5}) {
          EXPECT_TRUE(same_bits(
              evaluate(value, {.mode = mode, .threads = threads, .accuracy = Accuracy::fast}),
              expected));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formulas, FastFormula, ::testing::ValuesIn(formulas),
                         [](const auto& row) { return std::string(row.param.name); });

/// Expressions that reduce or multiply matrices, on more rows than one thread takes.
TEST(FastAccuracy, HasTheSameBitsOfReductionsAndProductsInEveryMode) {
  for (const DType dtype : {f16, f32, f64}) {
    const Tensor x = testing::sample_tensor(dtype, {300, 257}, 1);
    const Tensor w = testing::sample_tensor(dtype, {257, 33}, 2);
    const Tensor b = testing::sample_tensor(dtype, {33}, 3);
    const Value rows = sum(x, {.axis = 1, .keepdims = true});
    const Value values[] = {Value(x / rows), Value((x - rows * 0.5f) / sqrt(rows * rows + 1e-3f)),
                            Value(gelu(linear(x, w, b)))};
    for (const Value& value : values) {
      const auto with = [&](Mode mode, int threads) {
        return evaluate(value, {.mode = mode,
                                .threads = threads,
                                .accuracy = Accuracy::fast,
                                .provider = Provider::generated});
      };
      const Tensor expected = with(Mode::interpreted, 1);
      for (const int threads : {1, 2, 5}) {
        EXPECT_TRUE(same_bits(with(Mode::fused, threads), expected));
        EXPECT_TRUE(same_bits(with(Mode::unfused, threads), expected));
      }
    }
  }
}

Tensor line(float low, float high, int64_t count) {
  const Tensor steps = astype(arange(count), f32);
  return steps * ((high - low) / static_cast<float>(count)) + low;
}

/// The largest distance from `exact`, in units of the last place of the larger operand and result.
template <class Exact>
double largest_error(const Tensor& x, const Tensor& got, Exact exact) {
  double largest = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    const double operand = x.data<float>()[i];
    const double size = std::max(std::abs(operand), 1e-30);
    largest = std::max(largest, std::abs(got.data<float>()[i] - exact(operand)) / (size * 0x1p-23));
  }
  return largest;
}

TEST(FastAccuracy, OfGeluAndMishIsNearTheExactValue) {
  const Tensor x = line(-30, 30, 20001);
  const auto exact_gelu = [](double v) {
    return v / (1 + std::exp(-2 * 0.79788456080286535588 * (v + 0.044715 * v * v * v)));
  };
  const auto exact_mish = [](double v) { return v * std::tanh(std::log1p(std::exp(v))); };
  EXPECT_LT(largest_error(x, evaluate(gelu(x), fast), exact_gelu), 8);
  EXPECT_LT(largest_error(x, evaluate(mish(x), fast), exact_mish), 8);
}

TEST(FastAccuracy, LeavesOneExponentialOfMish) {
  const Explanation explanation = explain(mish(line(-1, 1, 100)), fast);
  const std::string fused = explanation.fused();
  EXPECT_EQ(fused.find("tanh"), std::string::npos) << fused;
  EXPECT_EQ(fused.find("log1p"), std::string::npos) << fused;
  EXPECT_NE(explanation.passes().find("rewrite_fast"), std::string::npos);
  EXPECT_NE(explanation.passes().find("contract"), std::string::npos);
  const std::string strict = explain(mish(line(-1, 1, 100))).passes();
  EXPECT_EQ(strict.find("rewrite_fast"), std::string::npos) << strict;
  EXPECT_EQ(strict.find("contract"), std::string::npos) << strict;
}

TEST(FastAccuracy, RewritesASpelledFormulaWhoseLiteralsAreAHalfAndOne) {
  const Tensor x = line(-1, 1, 100);
  const auto fused = [&](double half, double one, const EvaluateOptions& options) {
    return explain(half * x * (one + tanh(2.0 * x)), options).fused();
  };
  EXPECT_NE(fused(0.5, 1, fast).find("sigmoid"), std::string::npos) << fused(0.5, 1, fast);
  EXPECT_EQ(fused(0.5, 1, fast).find("tanh"), std::string::npos);
  EXPECT_NE(fused(0.5, 1.5, fast).find("tanh"), std::string::npos);
  EXPECT_NE(fused(0.5, 1, {}).find("tanh"), std::string::npos);
  EXPECT_NE(explain(1 / (1 + exp(-x)), fast).fused().find("sigmoid"), std::string::npos);
}

TEST(FastAccuracy, TellsCallsWithCompiledInLiteralsFromOthers) {
  const Tensor x = line(-3, 3, 1000);
  const auto evaluated = [&](float half, float one, Mode mode) {
    return evaluate(half * x * (one + tanh(x)), {.mode = mode, .accuracy = Accuracy::fast});
  };
  const std::pair<float, float> literals[] = {{0.5f, 1}, {0.25f, 1}, {0.5f, 1}, {0.5f, 2},
                                              {1, 0.5f}, {1, 1},     {0.5f, 1}, {7, 3}};
  for (const auto& [half, one] : literals) {
    SCOPED_TRACE(std::to_string(half) + " " + std::to_string(one));
    const Tensor expected = evaluated(half, one, Mode::interpreted);
    EXPECT_TRUE(same_bits(evaluated(half, one, Mode::fused), expected));
    for (int64_t i = 0; i < x.size(); ++i) {
      const double v = x.data<float>()[i];
      EXPECT_NEAR(expected.data<float>()[i], half * v * (one + std::tanh(v)), 1e-5 * (half + 1));
    }
  }
}

// An integer tensor takes no floating literal, compiled in or not.
TEST(FastAccuracy, KeepsTheTypeRulesOfCompiledInLiterals) {
  const Tensor counts = arange(4);
  EXPECT_THROW(evaluate(counts * 1.0, fast), UserError);
  EXPECT_EQ(evaluate(counts * 1, fast).dtype(), i64);
  EXPECT_EQ(evaluate(astype(counts, f64) * 0.5f, fast).data<double>()[3], 1.5);
}

// A pass that took t for 1, or rewrote tanh(u) + t for every t, would lose the digits of small u.
TEST(FastAccuracy, KeepsTheDigitsOfSmallOperandsWhateverTheLiteral) {
  const Tensor x = line(1e-12f, 1e-10f, 100);
  const auto shifted = [&](float t) { return evaluate(0.5f * x * (t + tanh(x)), fast); };
  EXPECT_TRUE(same_bits(shifted(1.0f), evaluate(0.5f * x, fast)));
  const Tensor unshifted = shifted(0.0f);
  for (int64_t i = 0; i < x.size(); ++i) {
    const double v = x.data<float>()[i];
    EXPECT_NEAR(unshifted.data<float>()[i] / (0.5 * v * v), 1, 1e-6);
  }
}

TEST(FastAccuracy, DividesByEveryScalarThatStrictAccuracyDividesBy) {
  const Tensor x = testing::sample_tensor(f32, {1000}, 5);
  for (const float s : {1e-45f, -1e-40f, 1e-38f, 1e-30f, 3.0f, -1e30f, 3.4e38f, 0.0f, -0.0f}) {
    const Tensor strict = evaluate(x / s), quick = evaluate(x / s, fast);
    for (int64_t i = 0; i < x.size(); ++i) {
      const float expected = strict.data<float>()[i], got = quick.data<float>()[i];
      if (!std::isfinite(expected)) {
        EXPECT_TRUE(got == expected || (std::isnan(got) && std::isnan(expected))) << s << " " << i;
      } else {
        const double size = std::max(std::abs(static_cast<double>(expected)), 0x1p-126);
        EXPECT_LE(std::abs(static_cast<double>(got) - expected), 8 * size * 0x1p-23) << s;
      }
    }
  }
}

}  // namespace
}  // namespace onepass
