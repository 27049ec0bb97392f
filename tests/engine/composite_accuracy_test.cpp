// SPDX-License-Identifier: Apache-2.0
// The error bounds of variance, norm, logsumexp and softmax, against two doubles.
#include <gtest/gtest.h>

#include "reduction_bounds.h"

namespace onepass {
namespace {

using testing::distance, testing::DoubleDouble, testing::hard_cases, testing::higher_orders;
using testing::inner_roundings, testing::outer_roundings, testing::u;

constexpr int64_t lengths[] = {1, 2, 17, 64, 100, 1000, 4097, 100003};

/// Calls `check(x, roundings, elements)` for rows and for columns of hard cases, shifted by
/// `offset`; both reduce axis 0.
template <class T, class Check>
void each_case(T offset, const Check& check) {
  std::mt19937 random(11);
  for (const int64_t n : lengths) {
    SCOPED_TRACE(n);
    for (auto& x : hard_cases<T>(static_cast<size_t>(n), random)) {
      for (T& v : x) v += offset;
      check(testing::tensor_of(x), inner_roundings<T>(n), x);
      check(testing::columns_of(x), outer_roundings(n), x);
    }
  }
}

template <class T>
T first(const Value& value) {
  return evaluate(value).template to_vector<T>()[0];
}

template <class T>
DoubleDouble count(const std::vector<T>& x) {
  return static_cast<double>(x.size());
}

template <class T>
class CompositeAccuracy : public ::testing::Test {};
using Widths = ::testing::Types<float, double>;
TYPED_TEST_SUITE(CompositeAccuracy, Widths);

TYPED_TEST(CompositeAccuracy, OfVariancesIsWithinTheStatedBound) {
  using T = TypeParam;
  for (const T offset : {T(0), T(1e6), T(-3e3)}) {
    each_case<T>(offset, [](const Tensor& row, int roundings, const std::vector<T>& x) {
      DoubleDouble average, squares;
      double magnitudes = 0;
      for (const T v : x) {
        average = average + DoubleDouble(v);
        magnitudes += std::abs(static_cast<double>(v));
      }
      average = average / count(x);
      for (const T v : x) {
        const DoubleDouble d = DoubleDouble(v) - average;
        squares = squares + d * d;
      }
      const DoubleDouble exact = squares / count(x);
      const double of_mean =
          (roundings + 1) * u<T> * magnitudes / static_cast<double>(x.size()) * higher_orders;
      const double bound =
          (roundings + 4) * u<T> * exact.high * higher_orders + of_mean * of_mean * higher_orders;
      EXPECT_LE(distance(first<T>(var(row, {.axis = 0})), exact), bound);
      const DoubleDouble root = sqrt(exact);
      EXPECT_LE(distance(first<T>(onepass::std(row, {.axis = 0})), root),
                (roundings + 6) / 2.0 * u<T> * root.high * higher_orders + of_mean);
    });
  }
}

TYPED_TEST(CompositeAccuracy, OfNormsIsWithinTheStatedBound) {
  using T = TypeParam;
  each_case<T>(T(0), [](const Tensor& row, int roundings, const std::vector<T>& x) {
    DoubleDouble squares, sizes;
    for (const T v : x) {
      squares = squares + DoubleDouble(v) * DoubleDouble(v);
      sizes = sizes + DoubleDouble(std::abs(v));
    }
    const DoubleDouble root = sqrt(squares);
    EXPECT_LE(distance(first<T>(norm(row, {.axis = 0})), root),
              (roundings + 3) / 2.0 * u<T> * root.high * higher_orders);
    EXPECT_LE(distance(first<T>(norm(row, {.axis = 0, .ord = 1})), sizes),
              roundings * u<T> * sizes.high * higher_orders);
  });
}

TYPED_TEST(CompositeAccuracy, OfExponentialsOverTheirSumIsWithinTheStatedBounds) {
  using T = TypeParam;
  for (const T offset : {T(0), T(5e3)}) {
    each_case<T>(offset, [](const Tensor& row, int roundings, const std::vector<T>& x) {
      const DoubleDouble top(*std::max_element(x.begin(), x.end()));
      DoubleDouble total;
      for (const T v : x) total = total + exp(DoubleDouble(v) - top);
      const DoubleDouble log_total = log(total), exact = log_total + top;
      const double logarithm = std::log(static_cast<double>(x.size()));
      EXPECT_LE(distance(first<T>(logsumexp(row, {.axis = 0})), exact),
                (roundings + 4 + 5 * logarithm + std::abs(exact.high)) * u<T> * higher_orders);
      const auto shares = evaluate(softmax(row, {.axis = 0})).template to_vector<T>();
      const auto logs = evaluate(log_softmax(row, {.axis = 0})).template to_vector<T>();
      const size_t columns = shares.size() / x.size();
      for (size_t i = 0; i < x.size(); ++i) {
        const DoubleDouble d = DoubleDouble(x[i]) - top, share = exp(d) / total;
        const double roundings_of_share = roundings + 10 + logarithm - d.high;
        ASSERT_LE(distance(shares[i * columns], share),
                  roundings_of_share * u<T> * share.high * higher_orders +
                      2 * std::numeric_limits<T>::denorm_min())
            << i;
        const DoubleDouble log_share = d - log_total;
        ASSERT_LE(
            distance(logs[i * columns], log_share),
            (roundings + 4 + 5 * logarithm + 2 * std::abs(log_share.high)) * u<T> * higher_orders)
            << i;
      }
    });
  }
}

}  // namespace
}  // namespace onepass
