// SPDX-License-Identifier: Apache-2.0
// Reductions as the language has them: values, dtypes, axes, errors; modes, threads and views
// agree.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "error_text.h"
#include "onepass/ir/reduction.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

using testing::same_bits;

/// A row of the table with the function of the language.
struct Row {
  ir::OpCode op;
  std::function<Value(const Value&, const ReductionOptions&)> reduce;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all_rows = {
#define ONEPASS_REDUCTION(name, ...) \
  {ir::OpCode::name,                 \
   [](const Value& x, const ReductionOptions& options) { return onepass::name(x, options); }},
#include "onepass/ir/reductions.def"
  };
  return all_rows;
}

constexpr DType every_kind[] = {f16, bf16, f32, f64, i8, i64, u16, boolean};

class Reduction : public ::testing::TestWithParam<Row> {
 protected:
  static bool accepts(DType dtype) {
    return ir::reduction_dtypes(GetParam().op, dtype).has_value();
  }
  static bool has_empty() { return ir::reduction_info(GetParam().op).empty.has_value(); }
  static Value reduced(const Tensor& x, const Axes& axes, bool keepdims = false) {
    return GetParam().reduce(x, {.axis = axes, .keepdims = keepdims});
  }
};

TEST_P(Reduction, HasTheSameBitsInEveryModeAndForEveryThreadCount) {
  const std::vector<Shape> shapes{{},     {1},    {63},      {65},       {70001},  {3, 4097},
                                  {0, 4}, {4, 0}, {4097, 3}, {5, 7, 11}, {300, 1}, {17, 33, 129}};
  for (const DType dtype : every_kind) {
    if (!accepts(dtype)) continue;
    for (const Shape& shape : shapes) {
      const Tensor x = testing::sample_tensor(dtype, shape, 3);
      for (int axis = -1; axis < shape.rank(); ++axis) {
        SCOPED_TRACE(std::string(to_string(dtype)) + to_string(shape) + " axis " +
                     std::to_string(axis));
        const bool is_empty = axis < 0 ? x.size() == 0 : shape[axis] == 0;
        if (is_empty && !has_empty()) continue;
        const Value r = reduced(x, axis < 0 ? Axes() : Axes(axis));
        const Tensor expected = evaluate(r, {.mode = Mode::interpreted});
        for (const int threads : {1, 2, 3, 7, 16}) {
          EXPECT_TRUE(same_bits(evaluate(r, {.threads = threads}), expected)) << threads;
        }
        EXPECT_TRUE(same_bits(evaluate(r, {.mode = Mode::unfused, .threads = 2}), expected));
      }
    }
  }
}

TEST_P(Reduction, OfAViewIsThatOfItsCopy) {
  for (const DType dtype : {f32, i16, boolean}) {
    if (!accepts(dtype)) continue;
    const Tensor x = testing::sample_tensor(dtype, {37, 41, 5}, 9);
    const std::vector<Tensor> views{
        permute_dims(x, {2, 0, 1}), x[{slice(std::nullopt, std::nullopt, -2), all, slice(1, 4)}],
        permute_dims(x, {1, 2, 0})[{slice(3, 30)}], broadcast_to(x, {3, 37, 41, 5})};
    for (const Tensor& view : views) {
      const Tensor copy = Tensor::copy_of(view);
      for (int axis = -1; axis < view.rank(); ++axis) {
        const Axes axes = axis < 0 ? Axes() : Axes(axis);
        EXPECT_TRUE(same_bits(reduced(view, axes), reduced(copy, axes)));
      }
      if (ir::finds_position(GetParam().op)) continue;
      EXPECT_TRUE(same_bits(reduced(view, {0, 2}), reduced(copy, {0, 2})));
    }
  }
}

TEST_P(Reduction, KeepsDimensionsOnRequest) {
  const Tensor x = testing::sample_tensor(f32, {3, 4, 5}, 1);
  EXPECT_EQ(evaluate(reduced(x, -1)).shape(), (Shape{3, 4}));
  EXPECT_EQ(evaluate(reduced(x, Axes(), true)).shape(), (Shape{1, 1, 1}));
  EXPECT_TRUE(same_bits(reshape(evaluate(reduced(x, 1, true)), {3, 5}), reduced(x, 1)));
  if (ir::finds_position(GetParam().op)) return;
  EXPECT_EQ(evaluate(reduced(x, {-1, 0})).shape(), (Shape{4}));
  EXPECT_EQ(evaluate(reduced(x, {-1, 0}, true)).shape(), (Shape{1, 4, 1}));
  EXPECT_EQ(evaluate(reduced(x, no_axes, true)).shape(), (Shape{3, 4, 5}));
}

TEST_P(Reduction, OverNoAxesConvertsTheElements) {
  if (ir::finds_position(GetParam().op)) GTEST_SKIP() << "a position is along an axis";
  for (const DType dtype : every_kind) {
    if (!accepts(dtype)) continue;
    const Tensor x = testing::sample_tensor(dtype, {40}, 2);
    const auto dtypes = ir::reduction_dtypes(GetParam().op, dtype);
    const Tensor expected = astype(astype(x, dtypes->element), dtypes->result);
    for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
      EXPECT_TRUE(same_bits(evaluate(reduced(x, no_axes), {.mode = mode}), expected))
          << to_string(dtype);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Reduction, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return std::string(ir::to_string(row.param.op)); });

TEST(Reductions, GiveTheValuesOfTheDefinition) {
  const Tensor x{{3.f, -1.f, 0.f}, {2.f, 5.f, -4.f}};
  EXPECT_EQ(evaluate(prod(x, {.axis = 0})).to_vector<float>(), (std::vector<float>{6, -5, -0.f}));
  EXPECT_EQ(evaluate(max(x)).item<float>(), 5.f);
  EXPECT_EQ(evaluate(min(x, {.axis = 1})).to_vector<float>(), (std::vector<float>{-1, -4}));
  EXPECT_EQ(evaluate(any(x < -3, {.axis = 1})).to_vector<bool>(), (std::vector<bool>{false, true}));
  EXPECT_EQ(evaluate(all(x, {.axis = {1}})).to_vector<bool>(), (std::vector<bool>{false, true}));
  EXPECT_EQ(evaluate(count_nonzero(x)).item<int64_t>(), 5);
  EXPECT_EQ(evaluate(sum(x > 0, {.axis = 0})).to_vector<int64_t>(),
            (std::vector<int64_t>{2, 1, 0}));
}

/// The position that argmax has by its definition.
int64_t first_largest(const std::vector<float>& x) {
  size_t best = 0;
  for (size_t i = 1; i < x.size(); ++i) {
    const bool beats = x[i] > x[best] || (std::isnan(x[i]) && !std::isnan(x[best]));
    if (beats) best = i;
  }
  return static_cast<int64_t>(best);
}

TEST(Positions, AreThoseOfTheFirstExtreme) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float inf = std::numeric_limits<float>::infinity();
  for (const size_t n : {1u, 2u, 3u, 31u, 32u, 33u, 64u, 500u, 513u, 5000u, 70001u}) {
    std::vector<float> x(n);
    for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i * 7919 % 13);
    const auto check = [&](const char* what) {
      const auto extent = static_cast<int64_t>(n);
      const Tensor row = Tensor::copy_of(std::span<const float>(x), {extent});
      const Tensor column = broadcast_to(reshape(row, {extent, 1}), {extent, 3});
      std::vector<float> negated(n);
      for (size_t i = 0; i < n; ++i) negated[i] = -x[i];
      const int64_t want = first_largest(x), want_least = first_largest(negated);
      for (const Mode mode : {Mode::fused, Mode::interpreted}) {
        EXPECT_EQ(evaluate(argmax(row), {.mode = mode}).item<int64_t>(), want) << what << n;
        EXPECT_EQ(evaluate(argmin(row), {.mode = mode}).item<int64_t>(), want_least) << what << n;
        EXPECT_EQ(evaluate(argmax(column, {.axis = 0}), {.mode = mode}).to_vector<int64_t>(),
                  std::vector<int64_t>(3, want))
            << what << n;
      }
    };
    check("repeats ");
    x.assign(n, -inf);
    check("only -inf ");
    x[n / 2] = nan;
    x[n - 1] = nan;
    check("NaN ");
    x.assign(n, -0.0f);
    x[n / 3] = 0;
    check("zeros of both signs ");
    for (size_t i = 0; i < n; ++i) x[i] = static_cast<float>(i);
    check("ascending ");
  }
}

TEST(Positions, CountAlongOneAxisOrAll) {
  const Tensor x{{1.f, 9.f, 3.f}, {7.f, 5.f, 9.f}};
  EXPECT_EQ(evaluate(argmax(x)).item<int64_t>(), 1);
  EXPECT_EQ(evaluate(argmax(x, {.axis = 0})).to_vector<int64_t>(), (std::vector<int64_t>{1, 0, 1}));
  EXPECT_EQ(evaluate(argmin(x, {.axis = -1})).to_vector<int64_t>(), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(evaluate(argmax(matrix_transpose(x))).item<int64_t>(), 2);
  EXPECT_EQ(evaluate(argmax(full({}, 3))).item<int64_t>(), 0);
  EXPECT_EQ(evaluate(argmax(x, {.axis = 0})).dtype(), i64);
  EXPECT_EQ(
      error_text([] { evaluate(argmax(ones({2, 3, 4}), {.axis = {0, 2}})); }),
      "argmax: x is f32[2, 3, 4], 2 axes are named; a position is along one axis or all. Name "
      "one, or none for all.");
  EXPECT_EQ(error_text([] { evaluate(argmin(zeros({0}))); }),
            "argmin: x is f32[0], axis 0 has no elements; the argmin of no elements is undefined. "
            "Reduce over axes that have some.");
}

TEST(Positions, OfIntegersAndHalves) {
  const Tensor small{int8_t{-128}, int8_t{-128}};
  EXPECT_EQ(evaluate(argmax(small)).item<int64_t>(), 0);
  const Tensor large = full({70}, UINT64_MAX, u64);
  EXPECT_EQ(evaluate(argmin(large)).item<int64_t>(), 0);
  const Tensor half = astype(arange(100), f16);
  EXPECT_EQ(evaluate(argmax(half)).item<int64_t>(), 99);
}

TEST(Reductions, SmallIntegersWiden) {
  const Tensor x = full({300}, 100, i8);
  EXPECT_EQ(evaluate(sum(x)).item<int64_t>(), 30000);
  EXPECT_EQ(evaluate(prod(full({9}, 100, u8))).item<uint64_t>(), 1000000000000000000u);
  EXPECT_EQ(evaluate(max(x)).dtype(), i8);
}

TEST(Reductions, TruthOfNoElements) {
  EXPECT_TRUE(evaluate(all(zeros({0}))).item<bool>());
  EXPECT_FALSE(evaluate(any(zeros({0}))).item<bool>());
  EXPECT_EQ(evaluate(prod(zeros({2, 0}), {.axis = 1})).to_vector<float>(),
            (std::vector<float>{1, 1}));
}

TEST(Reductions, AllIsAnIndexToo) {
  const Tensor x = arange(0, 6, 1, i64);
  const Tensor m = reshape(x, {2, 3});
  EXPECT_EQ((m[{all, 1}].to_vector<int64_t>()), (std::vector<int64_t>{1, 4}));
  EXPECT_FALSE(evaluate(all(m[{all, 0}])).item<bool>());
}

TEST(Reductions, ExtremesOfNoElementsAreAnErrorInLaterCallsToo) {
  const auto most = [](const Tensor& x) { return evaluate(max(x, {.axis = 0})); };
  EXPECT_EQ(most(ones({4, 3})).shape(), (Shape{3}));
  EXPECT_EQ(error_text([&] { most(zeros({0, 3})); }),
            "max: x is f32[0, 3], axis 0 has no elements; the max of no elements is undefined. "
            "Reduce over axes that have some.");
  EXPECT_EQ(most(ones({4, 0})).shape(), (Shape{0}));
  EXPECT_EQ(error_text([&] { evaluate(min(ones({3}) > 0)); }),
            "min: x is boolean[3]; it needs a numeric dtype. Cast it first, for example astype(x, "
            "i64).");
  EXPECT_EQ(error_text([] { evaluate(any(zeros({2, 3}), {.axis = 2})); }),
            "any: axis 2 is out of range; x is f32[2, 3]. Use an axis from -2 to 1.");
}

TEST(Reductions, OfHalvesAreRoundedOnce) {
  // 4096 and 1: in f16 the ones would be lost, in f32 they are not.
  const Tensor x = concat({Value(full({1}, 2048, f16)), Value(full({64}, 1, f16))});
  EXPECT_EQ(evaluate(astype(sum(x), f32)).item<float>(), 2112.f);
}

TEST(Reductions, FuseWithMapsOnBothSides) {
  const Tensor x = testing::sample_tensor(f32, {30, 70}, 5);
  EXPECT_EQ(explain(sqrt(astype(count_nonzero(x * 2 > 1, {.axis = 1}), f32))).kernels().size(), 1u);
  EXPECT_EQ(explain(exp(max(abs(x), {.axis = 0}))).kernels().size(), 1u);
}

TEST(Reductions, OfPairwiseDistancesMakeNoCube) {
  const Tensor a = testing::sample_tensor(f32, {40, 16}, 1),
               b = testing::sample_tensor(f32, {50, 16}, 2);
  const auto difference = a[{all, newaxis, all}] - b[{newaxis, all, all}];
  const auto distances = sum(square(difference), {.axis = -1});
  const Explanation explanation = explain(distances);
  EXPECT_EQ(explanation.kernels().size(), 1u);
  EXPECT_EQ(explanation.bytes(), (40 * 16 + 50 * 16 + 40 * 50) * 4);
  const Tensor got = evaluate(distances);
  ASSERT_EQ(got.shape(), (Shape{40, 50}));
  EXPECT_TRUE(same_bits(got, evaluate(distances, {.mode = Mode::interpreted})));
}

TEST(Reductions, InAChainTakeAsManyKernelsAsExplained) {
  const Tensor x = testing::sample_tensor(f32, {64, 48}, 3);
  const auto centred = x - mean(x, {.axis = 1, .keepdims = true});
  const auto scaled = centred / sqrt(mean(square(centred), {.axis = 1, .keepdims = true}) + 1.0f);
  const auto chain = exp(scaled - max(scaled, {.axis = 1, .keepdims = true}));
  EXPECT_EQ(explain(chain).kernels().size(), 1u);  // three reductions, each once
  EXPECT_TRUE(same_bits(evaluate(chain), evaluate(chain, {.mode = Mode::unfused})));
  const auto columns = exp(chain - sum(chain, {.axis = 0, .keepdims = true}));
  const size_t predicted = explain(columns).kernels().size();
  const std::string loops = explain(columns).loops();
  size_t nests = 0;
  for (size_t at = loops.find("nest "); at != std::string::npos; at = loops.find("nest ", at + 1)) {
    nests += at == 0 || loops[at - 1] == '\n';
  }
  EXPECT_EQ(nests, predicted);
  EXPECT_TRUE(same_bits(evaluate(columns), evaluate(columns, {.mode = Mode::interpreted})));
}

}  // namespace
}  // namespace onepass
