// SPDX-License-Identifier: Apache-2.0
// Softmax, log_softmax and logsumexp of rows that are huge, tiny, equal, masked, infinite or empty,
// along every axis and in every mode, against two doubles.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "double_double.h"
#include "onepass/engine/onepass.h"

namespace onepass {
namespace {

using testing::DoubleDouble;

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Rows of `values` as a tensor.
template <class T>
Tensor rows_of(const std::vector<std::vector<T>>& values) {
  std::vector<T> flat;
  for (const auto& row : values) flat.insert(flat.end(), row.begin(), row.end());
  return Tensor::copy_of(std::span<const T>(flat), {static_cast<int64_t>(values.size()),
                                                    static_cast<int64_t>(values[0].size())});
}

template <class T>
std::vector<DoubleDouble> exact_softmax(const std::vector<T>& row) {
  DoubleDouble top = -std::numeric_limits<double>::infinity();
  for (const T x : row) {
    if (static_cast<double>(x) > top.high) top = static_cast<double>(x);
  }
  std::vector<DoubleDouble> e;
  DoubleDouble total;
  for (const T x : row) {
    e.push_back(exp(DoubleDouble(static_cast<double>(x)) - top));
    total = total + e.back();
  }
  for (DoubleDouble& x : e) x = x / total;
  return e;
}

/// How far `got` is from `want`, in units of the last place of T, but at least of the smallest
/// normal number.
template <class T>
double ulps(T got, const DoubleDouble& want) {
  const auto place = std::max<long double>(std::abs(want.value()), std::numeric_limits<T>::min());
  int exponent = 0;
  std::frexp(place, &exponent);
  const long double unit = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits);
  return static_cast<double>(std::abs((got - want.value()) / unit));
}

/// Rows [8, n] in arrays where they run along an axis of `softmax_axes`: as they are, down the
/// columns, in a middle axis, down as many columns as are walked in strips.
constexpr int softmax_axes[] = {1, 0, 1, 0};
std::vector<Tensor> placed(const Tensor& rows) {
  const int64_t n = rows.shape()[1];
  const Tensor columns = Tensor::copy_of(permute_dims(rows, {1, 0}));
  const Tensor cube = reshape(rows, {2, 4, n});
  constexpr int repetitions = 20;
  return {rows, columns, Tensor::copy_of(permute_dims(cube, {0, 2, 1})),
          concat(std::vector<Value>(repetitions, columns), 1)};
}

/// The rows again, the first eight of them.
Value rows_again(const Value& y, int axis) {
  if (axis == 0) return permute_dims(y, {1, 0})[{slice(0, 8)}];
  if (y.shape().rank() == 2) return y;
  const int64_t n = y.shape()[1];
  return reshape(permute_dims(y, {0, 2, 1}), {8, n});
}

/// The softmax and its likes of `x`, whose `axis` holds `rows`, against two doubles.
template <class T>
void expect_softmax_of(const std::vector<std::vector<T>>& rows, const Tensor& x, int axis,
                       Mode mode) {
  const auto numbers = [&](const Value& value) {
    return Tensor::copy_of(evaluate(rows_again(evaluate(value, {.mode = mode}), axis)))
        .template to_vector<T>();
  };
  const std::vector<T> y = numbers(softmax(x, {.axis = axis}));
  const std::vector<T> logs = numbers(log_softmax(x, {.axis = axis}));
  const std::vector<T> totals =
      numbers(broadcast_to(logsumexp(x, {.axis = axis, .keepdims = true}), x.shape()));
  // exp is good to 2 ulp, what it takes to half an ulp of its own, reciprocal and product to 1.
  constexpr double least_bound = 6;
  for (size_t r = 0; r < rows.size(); ++r) {
    const std::vector<DoubleDouble> want = exact_softmax(rows[r]);
    for (size_t i = 0; i < 100; ++i) {
      const DoubleDouble log_want = log(want[i]);
      const double bound = least_bound + (want[i].high == 0 ? 0 : std::abs(log_want.high));
      ASSERT_LE(ulps(y[r * 100 + i], want[i]), bound) << r << " " << i;
      const double slack = std::abs(log_want.high) < 1 ? 1 / std::abs(log_want.high) : 1;
      if (want[i].high < 1e-30) continue;
      ASSERT_LE(ulps(logs[r * 100 + i], log_want), bound * slack);
    }
    EXPECT_TRUE(std::isfinite(totals[r * 100])) << r;
  }
}

template <class T>
void expect_softmax_of_extreme_rows() {
  const T most = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::denorm_min();
  const T minus_inf = -std::numeric_limits<T>::infinity();
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0, 3);
  std::vector<std::vector<T>> rows(8, std::vector<T>(100));
  for (size_t i = 0; i < 100; ++i) {
    const auto x = static_cast<T>(normal(random));
    rows[0][i] = x;
    rows[1][i] = x + 10000;                          // huge
    rows[2][i] = x * std::numeric_limits<T>::min();  // tiny
    rows[3][i] = 7;                                  // all equal
    rows[4][i] = i % 3 == 0 ? x : minus_inf;         // masked
    rows[5][i] = i == 40 ? most : -most;             // the largest differences
    rows[6][i] = i == 99 ? x : minus_inf;            // all but one masked
    rows[7][i] = least;
  }
  const std::vector<Tensor> places = placed(rows_of(rows));
  for (size_t place = 0; place < places.size(); ++place) {
    for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
      SCOPED_TRACE(std::to_string(place) + " " + std::to_string(static_cast<int>(mode)));
      expect_softmax_of(rows, places[place], softmax_axes[place], mode);
    }
  }
}

TEST(Softmax, OfHugeTinyEqualAndMaskedRowsIsAccurate) {
  expect_softmax_of_extreme_rows<float>();
  expect_softmax_of_extreme_rows<double>();
}

// Rows of a few elements, of some vectors, and of as many as go through a pipeline.
TEST(Softmax, OfWhatHasNoLargestFiniteElementIsNaN) {
  for (const size_t n : {3u, 100u, 512u, 3000u}) {
    std::vector<std::vector<float>> rows(8, std::vector<float>(n, 1));
    std::fill(rows[0].begin(), rows[0].end(), -inf);
    rows[1][n - 1] = inf;
    rows[2][n / 2] = nan;
    const std::vector<Tensor> places = placed(rows_of(rows));
    for (size_t place = 0; place < places.size(); ++place) {
      const Tensor& x = places[place];
      const int axis = softmax_axes[place];
      for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
        const auto numbers = [&](const Value& value) {
          return Tensor::copy_of(evaluate(rows_again(evaluate(value, {.mode = mode}), axis)))
              .to_vector<float>();
        };
        for (const Value& value :
             {Value(softmax(x, {.axis = axis})), Value(log_softmax(x, {.axis = axis}))}) {
          const std::vector<float> y = numbers(value);
          for (size_t i = 0; i < y.size(); ++i) {
            ASSERT_EQ(std::isnan(y[i]), i < 3 * n) << n << " " << place << " " << i;
          }
        }
        const std::vector<float> totals =
            numbers(broadcast_to(logsumexp(x, {.axis = axis, .keepdims = true}), x.shape()));
        EXPECT_EQ(totals[0], -inf);
        EXPECT_EQ(totals[n], inf);
        EXPECT_TRUE(std::isnan(totals[2 * n]));
        EXPECT_TRUE(std::isfinite(totals[3 * n]));
      }
    }
  }
}

TEST(Softmax, OfEmptyRowsIsEmpty) {
  const auto shape = [](const Value& value) { return evaluate(value).shape(); };
  const auto both = [&](int64_t n) {
    const Tensor x = ones({3, n});
    EXPECT_EQ(shape(softmax(x)), (Shape{3, n}));
    EXPECT_EQ(shape(log_softmax(x)), (Shape{3, n}));
    return evaluate(logsumexp(x, {.axis = 1})).to_vector<float>()[2];
  };
  EXPECT_EQ(both(0), -inf);
  EXPECT_NEAR(both(4), 1 + std::log(4.0), 1e-6);
  EXPECT_EQ(both(0), -inf);
}

}  // namespace
}  // namespace onepass
