// SPDX-License-Identifier: Apache-2.0
// Softmax, norms, variance and what else is made around reductions: the bits of every mode, and the
// values against two doubles.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "double_double.h"
#include "error_text.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::DoubleDouble;
using testing::same_bits;

constexpr float inf = std::numeric_limits<float>::infinity();

/// A composite on x; further operands are made to fit.
struct Function {
  std::string name;
  std::function<Value(const Tensor& x, int axis)> apply;
};

Tensor along(const Tensor& x, int axis, uint64_t seed) {
  Shape shape = x.shape();
  for (int d = 0; d < shape.rank(); ++d) {
    if (d != axis) shape[d] = 1;
  }
  return testing::sample_tensor(x.dtype(), shape, seed);
}

std::vector<Function> functions() {
  return {
      {"mean", [](const Tensor& x, int a) { return Value(mean(x, {.axis = a})); }},
      {"var", [](const Tensor& x, int a) { return Value(var(x, {.axis = a})); }},
      {"std",
       [](const Tensor& x, int a) {
         return Value(onepass::std(x, {.axis = a, .correction = 1, .keepdims = true}));
       }},
      {"logsumexp", [](const Tensor& x, int a) { return Value(logsumexp(x, {.axis = a})); }},
      {"norm", [](const Tensor& x, int a) { return Value(norm(x, {.axis = a})); }},
      {"norm3", [](const Tensor& x, int a) { return Value(norm(x, {.axis = a, .ord = 2.5})); }},
      {"softmax", [](const Tensor& x, int a) { return Value(softmax(x, {.axis = a})); }},
      {"log_softmax", [](const Tensor& x, int a) { return Value(log_softmax(x, {.axis = a})); }},
      {"layer_norm",
       [](const Tensor& x, int a) {
         return Value(layer_norm(x, along(x, a, 8), along(x, a, 9), {.axis = a}));
       }},
      {"rms_norm",
       [](const Tensor& x, int a) { return Value(rms_norm(x, along(x, a, 8), {.axis = a})); }},
      {"batch_norm",
       [](const Tensor& x, int a) {
         const auto vector = [&](uint64_t seed) {
           return reshape(along(x, a, seed), {x.shape()[a]});
         };
         return Value(batch_norm(x, vector(5), abs(vector(6)), vector(7), vector(8), {.axis = a}));
       }},
      {"l2_normalize", [](const Tensor& x, int a) { return Value(l2_normalize(x, {.axis = a})); }},
      {"cosine_similarity",
       [](const Tensor& x, int a) {
         return Value(cosine_similarity(x, along(x, a, 4), {.axis = a}));
       }},
      {"cross_entropy",
       [](const Tensor& x, int a) {
         Shape shape;
         for (int d = 0; d < x.rank(); ++d) {
           if (d != a) shape.push_back(x.shape()[d]);
         }
         return Value(cross_entropy(x, zeros(shape, u8), {.axis = a}));
       }},
  };
}

class ArrayComposite : public ::testing::TestWithParam<Function> {};

TEST_P(ArrayComposite, HasTheSameBitsInEveryModeAndForEveryThreadCount) {
  for (const DType dtype : {f16, bf16, f32, f64}) {
    for (const Shape& shape : {Shape{7}, Shape{70001}, Shape{9, 33}, Shape{2, 4099}, Shape{300, 5},
                               Shape{5, 1, 17}, Shape{3, 70, 6}}) {
      const Tensor x = testing::sample_tensor(dtype, shape, 3);
      for (int axis = 0; axis < shape.rank(); ++axis) {
        SCOPED_TRACE(std::string(to_string(dtype)) + to_string(shape) + std::to_string(axis));
        const Value y = GetParam().apply(x, axis);
        const Tensor expected = evaluate(y, {.mode = Mode::interpreted});
        for (const int threads : {1, 2, 3, 7, 16}) {
          EXPECT_TRUE(same_bits(evaluate(y, {.threads = threads}), expected)) << threads;
        }
        EXPECT_TRUE(same_bits(evaluate(y, {.mode = Mode::unfused, .threads = 2}), expected));
      }
    }
  }
}

TEST_P(ArrayComposite, OfAViewIsThatOfItsCopy) {
  const Tensor x = testing::sample_tensor(f32, {37, 41, 6}, 9);
  for (const Tensor& view :
       {permute_dims(x, {2, 0, 1}), x[{slice(std::nullopt, std::nullopt, -2), all, slice(1, 4)}]}) {
    const Tensor copy = Tensor::copy_of(view);
    for (int axis = 0; axis < 3; ++axis) {
      EXPECT_TRUE(same_bits(GetParam().apply(view, axis), GetParam().apply(copy, axis)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, ArrayComposite, ::testing::ValuesIn(functions()),
                         [](const auto& row) { return row.param.name; });

TEST(ArrayComposites, AreOneKernelEachOverRows) {
  const Tensor x = ones({64, 100}), w = ones({100});
  const auto kernels = [](const Value& value) { return explain(value).kernels().size(); };
  EXPECT_EQ(kernels(softmax(x)), 1u);
  EXPECT_EQ(kernels(log_softmax(x)), 1u);
  EXPECT_EQ(kernels(layer_norm(x, w, w)), 1u);
  EXPECT_EQ(kernels(rms_norm(x, w)), 1u);
  EXPECT_EQ(kernels(var(x, {.axis = 1})), 1u);
  EXPECT_EQ(kernels(cross_entropy(x, zeros({64}, i32))), 1u);
}

TEST(ArrayComposites, AreOneKernelEachOverColumns) {
  const Tensor x = ones({64, 300}), batch = ones({3, 20, 300});
  const auto kernels = [](const Value& value) { return explain(value).kernels().size(); };
  EXPECT_EQ(kernels(softmax(x, {.axis = 0})), 1u);
  EXPECT_EQ(kernels(softmax(batch, {.axis = 1})), 1u);
  EXPECT_EQ(kernels(log_softmax(x, {.axis = 0})), 1u);
  EXPECT_EQ(kernels(logsumexp(x, {.axis = {0}})), 1u);
  EXPECT_EQ(kernels(var(x, {.axis = 0})), 1u);
  EXPECT_EQ(kernels(exp(x) / sum(exp(x), {.axis = 0})), 1u);
  EXPECT_EQ(kernels((x - mean(x, {.axis = 0})) / std(x, {.axis = 0})), 1u);
}

/// Rows of `values` as a tensor.
template <class T>
Tensor rows_of(const std::vector<std::vector<T>>& values) {
  std::vector<T> flat;
  for (const auto& row : values) flat.insert(flat.end(), row.begin(), row.end());
  return Tensor::copy_of(std::span<const T>(flat), {static_cast<int64_t>(values.size()),
                                                    static_cast<int64_t>(values[0].size())});
}

TEST(Variance, OfDataWithALargeOffsetIsAccurate) {
  std::mt19937 random(4);
  std::normal_distribution<double> normal(0, 1);
  for (const size_t n : {10u, 1000u, 100000u}) {
    std::vector<float> x(n);
    for (float& v : x) v = static_cast<float>(1e6 + normal(random));
    DoubleDouble mean_of_x, spread;
    for (const float v : x) mean_of_x = mean_of_x + DoubleDouble(v);
    mean_of_x = mean_of_x / DoubleDouble(static_cast<double>(n));
    for (const float v : x) {
      const DoubleDouble d = DoubleDouble(v) - mean_of_x;
      spread = spread + d * d;
    }
    const Tensor t = Tensor::copy_of(std::span<const float>(x), {static_cast<int64_t>(n)});
    // The mean is off by a few of its last places, which are 1/16; the square of that is added. One
    // pass would lose all digits.
    constexpr double places = 2.0 / 16;
    const double want = (spread / DoubleDouble(static_cast<double>(n))).high;
    EXPECT_NEAR(evaluate(var(t)).item<float>(), want, places * places + want * 1e-5) << n;
    const double want_sample = (spread / DoubleDouble(static_cast<double>(n) - 1)).high;
    EXPECT_NEAR(evaluate(var(t, {.correction = 1})).item<float>(), want_sample,
                places * places * 1.2 + want * 1e-5);
    EXPECT_NEAR(evaluate(onepass::std(t)).item<float>(), std::sqrt(want), places * places);
  }
}

TEST(Variance, OfTooFewElementsDividesByZeroAsInNumPy) {
  const Tensor one{3.f};
  EXPECT_EQ(evaluate(var(one)).item<float>(), 0.f);
  EXPECT_TRUE(std::isnan(evaluate(var(one, {.correction = 1})).item<float>()));
  EXPECT_TRUE(std::isnan(evaluate(mean(zeros({0}))).item<float>()));
  EXPECT_TRUE(std::isnan(evaluate(var(zeros({0}))).item<float>()));
  const Tensor two{1.f, 3.f};
  EXPECT_EQ(evaluate(var(two, {.correction = 3})).item<float>(), inf);
}

TEST(Norm, HasTheUsualOrders) {
  const Tensor x{{3.f, -4.f, 0.f}, {1.f, 2.f, -2.f}};
  const auto rows = [&](double ord) {
    return evaluate(norm(x, {.axis = 1, .ord = ord})).to_vector<float>();
  };
  EXPECT_EQ(rows(2), (std::vector<float>{5, 3}));
  EXPECT_EQ(rows(1), (std::vector<float>{7, 5}));
  EXPECT_EQ(rows(std::numeric_limits<double>::infinity()), (std::vector<float>{4, 2}));
  EXPECT_EQ(rows(-std::numeric_limits<double>::infinity()), (std::vector<float>{0, 1}));
  EXPECT_EQ(rows(0), (std::vector<float>{2, 3}));
  EXPECT_NEAR(rows(3)[1], std::cbrt(17.0), 1e-6);
  EXPECT_EQ(evaluate(norm(x, {.axis = 0, .keepdims = true})).shape(), (Shape{1, 3}));
  EXPECT_EQ(error_text([&] { rows(std::nan("")); }),
            "norm: ord is nan; it must be a number or an infinity. Use 2 for the length.");
}

TEST(LayerNorm, FollowsItsFormulaWithAnyOfItsOperands) {
  const Tensor x = random_normal({5, 40}), w = random_normal({40}), b = random_normal({40});
  const Value d = lazy(x) - mean(x, {.axis = 1, .keepdims = true});
  const Value y = d * rsqrt(mean(d * d, {.axis = 1, .keepdims = true}) + 1e-5f);
  EXPECT_TRUE(same_bits(layer_norm(x), y));
  EXPECT_TRUE(same_bits(layer_norm(x, w), y * w));
  EXPECT_TRUE(same_bits(layer_norm(x, w, b), y * w + b));
  const Value r = lazy(x) * rsqrt(mean(x * x, {.axis = 1, .keepdims = true}) + 0.5f);
  EXPECT_TRUE(same_bits(rms_norm(x, {.epsilon = 0.5}), r));
  EXPECT_TRUE(same_bits(rms_norm(x, w, {.axis = -1, .epsilon = 0.5}), r * w));
}

TEST(BatchNorm, ScalesEachChannel) {
  const Tensor x = random_normal({2, 3, 4}), m = random_normal({3}), v = abs(random_normal({3}));
  const auto channel = [](const Tensor& t) { return reshape(t, {3, 1}); };
  const Value want = (lazy(x) - channel(m)) * rsqrt(channel(v) + 1e-5f);
  EXPECT_TRUE(same_bits(batch_norm(x, m, v), want));
  EXPECT_EQ(error_text([&] { evaluate(batch_norm(x, ones({3, 1}), v)); }),
            "batch_norm: mean is f32[3, 1]; it must have one dimension, that of the channels. "
            "Reshape it.");
}

TEST(CrossEntropy, IsTheLogarithmOfTheTargetsShare) {
  const Tensor x = rows_of<float>({{1, 2, 3}, {1000, 0, 0}, {-inf, 1, 1}, {0, 0, 0}});
  const Tensor target{2, 1, 0, 5};
  const auto loss = evaluate(cross_entropy(x, target)).to_vector<float>();
  EXPECT_NEAR(loss[0], std::log(1 + std::exp(-1.0) + std::exp(-2.0)), 1e-6);
  EXPECT_EQ(loss[1], 1000.f);
  EXPECT_EQ(loss[2], inf);
  EXPECT_EQ(loss[3], inf);  // no such class
  const Tensor shares = rows_of<float>({{0.5f, 0.25f, 0.25f}});
  const auto mixed = evaluate(cross_entropy(zeros({1, 3}), shares)).to_vector<float>();
  EXPECT_NEAR(mixed[0], std::log(3.0), 1e-6);
}

TEST(CosineSimilarity, BroadcastsAndGuardsZeros) {
  const Tensor x = rows_of<float>({{3, 4}, {0, 0}}), y{4.f, 3.f};
  const auto similarity = evaluate(cosine_similarity(x, y)).to_vector<float>();
  EXPECT_FLOAT_EQ(similarity[0], 24.f / 25);
  EXPECT_EQ(similarity[1], 0.f);
  EXPECT_EQ(evaluate(l2_normalize(x)).to_vector<float>(), (std::vector<float>{0.6f, 0.8f, 0, 0}));
}

TEST(ArrayComposites, OfIntegersNameTheCast) {
  const Tensor x = ones({3}, i32);
  EXPECT_EQ(error_text([&] { evaluate(mean(x)); }),
            "mean: x is i32[3]; it needs a floating dtype. Cast it first, for example astype(x, "
            "f32).");
  EXPECT_EQ(error_text([&] { evaluate(softmax(x)); }),
            "softmax: x is i32[3]; it needs a floating dtype. Cast it first, for example astype(x, "
            "f32).");
  EXPECT_EQ(error_text([&] { evaluate(var(ones({2}), {.axis = 3})); }),
            "var: axis 3 is out of range; x is f32[2]. Use an axis from -1 to 0.");
}

}  // namespace
}  // namespace onepass
