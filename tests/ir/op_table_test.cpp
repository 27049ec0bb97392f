// SPDX-License-Identifier: Apache-2.0
// Every row of ops.def against its reference column, for every dtype it accepts, and its laws.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "onepass/ir/counting_emitter.h"
#include "onepass/ir/host_kernels.h"
#include "onepass/ir/type_rules.h"
#include "operand_samples.h"
#include "precise.h"
#include "wide_integer.h"

namespace onepass::ir {
namespace {

constexpr size_t random_count = 4000;

// Each row's reference as a function of numbers wider than the dtype, with its condition where the
// first is one.
#define ONEPASS_OP(name, arity, rule, laws, ulp_f32, ulp_f64, ulp_fast, low, high, reference, \
                   lowering, doc)                                                             \
  struct name##_reference {                                                                   \
    static constexpr OpCode op = OpCode::name;                                                \
    static constexpr TypeRule type_rule = TypeRule::rule;                                     \
    template <class X, class Y>                                                               \
    static auto of([[maybe_unused]] const X& x, [[maybe_unused]] const Y& y,                  \
                   [[maybe_unused]] const Y& z) {                                             \
      return reference;                                                                       \
    }                                                                                         \
  };
#include "onepass/ir/ops.def"

template <class T>
struct WiderOf {
  using Type = Wide;
};
template <>
struct WiderOf<bool> {
  using Type = bool;
};
template <>
struct WiderOf<float> {
  using Type = Precise;
};
template <>
struct WiderOf<double> {
  using Type = Precise;
};

template <class T>
T rounded_to(const Precise& x) {
  return std::is_same_v<T, float> ? static_cast<T>(mpfr_get_flt(x.get(), MPFR_RNDN))
                                  : static_cast<T>(mpfr_get_d(x.get(), MPFR_RNDN));
}

/// The distance between `got` and the truth in units in the last place of the truth.
template <class T>
double ulps(T got, const Precise& truth) {
  const T nearest = rounded_to<T>(truth);
  if (std::isnan(nearest) || std::isnan(got))
    return std::isnan(nearest) == std::isnan(got) ? 0 : HUGE_VAL;
  if (nearest == 0 && got == 0) return std::signbit(nearest) == std::signbit(got) ? 0 : HUGE_VAL;
  if (std::isinf(nearest) || std::isinf(got)) return nearest == got ? 0 : HUGE_VAL;
  int exponent = 0;
  std::frexp(nearest, &exponent);
  const int lowest = std::numeric_limits<T>::min_exponent;
  const int digits = std::numeric_limits<T>::digits;
  const double unit = std::ldexp(1.0, std::max(exponent, lowest) - digits);
  const Precise distance = abs(truth - Precise(got)) / Precise(unit);
  return mpfr_get_d(distance.get(), MPFR_RNDU);
}

/// Whether a result is right: within `bound` units for floats, 0 meaning correctly rounded; equal
/// otherwise.
template <class T>
bool is_right(T got, const Precise& truth, double bound) {
  if (bound > 0) return ulps(got, truth) <= bound;
  const T nearest = rounded_to<T>(truth);
  if (std::isnan(nearest)) return std::isnan(got);
  return got == nearest && std::signbit(got) == std::signbit(nearest);
}
template <class T>
bool is_right(T got, Wide truth, double) {
  return got == static_cast<T>(truth.bits());
}
bool is_right(bool got, bool truth, double) { return got == truth; }

/// Results as bytes of Result, since vectors of bool are packed.
template <class Result>
struct Results {
  explicit Results(size_t count) : memory(count * sizeof(Result)) {}
  Result operator[](size_t i) const {
    Result value;
    std::memcpy(&value, memory.data() + i * sizeof(Result), sizeof value);
    return value;
  }
  std::vector<unsigned char> memory;
};
template <class T>
Results<T> dense(const std::vector<T>& values) {
  Results<T> result(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = values[i];
    std::memcpy(result.memory.data() + i * sizeof(T), &value, sizeof value);
  }
  return result;
}

template <class Row, class T>
void check_row(Accuracy accuracy, double bound) {
  constexpr bool selects = Row::type_rule == TypeRule::select;
  constexpr bool is_truth =
      Row::type_rule == TypeRule::equality || Row::type_rule == TypeRule::ordering;
  using Wider = typename WiderOf<T>::Type;
  using First = std::conditional_t<selects, bool, T>;
  using Result = std::conditional_t<is_truth, bool, T>;

  const OpInfo& row = info(Row::op);
  const auto samples = operand_samples<T>(row.arity, row.low, row.high, random_count);
  std::vector<First> first(samples.x.size());
  for (size_t i = 0; i < first.size(); ++i) {
    first[i] = selects ? static_cast<First>(i % 3 == 0) : static_cast<First>(samples.x[i]);
  }
  const auto x = dense(first);
  const auto y = dense(samples.y);
  const auto z = dense(samples.z);
  const void* const inputs[] = {x.memory.data(), y.memory.data(), z.memory.data()};
  Results<Result> got(samples.size());
  host_kernel(Row::op, dtype_of<T>, accuracy)(inputs, got.memory.data(),
                                              static_cast<int64_t>(samples.size()));

  int wrong = 0;
  for (size_t i = 0; i < samples.size() && wrong < 5; ++i) {
    const auto truth = [&] {
      if constexpr (selects) {
        return Row::of(first[i], Wider(samples.y[i]), Wider(samples.z[i]));
      } else {
        return Row::of(Wider(samples.x[i]), Wider(samples.y[i]), Wider(samples.z[i]));
      }
    }();
    if (is_right(got[i], truth, bound)) continue;
    ++wrong;
    ADD_FAILURE() << row.name << " on " << to_string(dtype_of<T>) << " of " << +samples.x[i] << ", "
                  << +samples.y[i] << ", " << +samples.z[i] << " gives " << +got[i];
  }
}

template <class Row>
void check_dtypes() {
  constexpr TypeRule rule = Row::type_rule;
  const OpInfo& row = info(Row::op);
  constexpr bool takes_floats =
      rule != TypeRule::boolean && rule != TypeRule::bits && rule != TypeRule::shift;
  constexpr bool takes_integers = rule != TypeRule::boolean && rule != TypeRule::float_like;
  constexpr bool takes_booleans = rule == TypeRule::boolean || rule == TypeRule::bits ||
                                  rule == TypeRule::equality || rule == TypeRule::select;
  if constexpr (takes_floats) {
    check_row<Row, float>(Accuracy::strict, row.ulp_f32);
    check_row<Row, double>(Accuracy::strict, row.ulp_f64);
    check_row<Row, float>(Accuracy::fast, row.ulp_fast);
    check_row<Row, double>(Accuracy::fast, row.ulp_fast);
  }
  if constexpr (takes_integers) {
    check_row<Row, int8_t>(Accuracy::strict, 0);
    check_row<Row, int16_t>(Accuracy::strict, 0);
    check_row<Row, int32_t>(Accuracy::strict, 0);
    check_row<Row, int64_t>(Accuracy::strict, 0);
    check_row<Row, uint8_t>(Accuracy::strict, 0);
    check_row<Row, uint16_t>(Accuracy::strict, 0);
    check_row<Row, uint32_t>(Accuracy::strict, 0);
    check_row<Row, uint64_t>(Accuracy::strict, 0);
  }
  if constexpr (takes_booleans) check_row<Row, bool>(Accuracy::strict, 0);
}

#define ONEPASS_OP(name, ...) \
  TEST(OpTable, name##_agrees_with_its_reference) { check_dtypes<name##_reference>(); }
#include "onepass/ir/ops.def"

/// Equal bits, or both NaN.
template <class T>
bool same(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
}

template <class T>
std::vector<T> apply(OpCode op, std::vector<T> x, std::vector<T> y) {
  std::vector<T> result(x.size());
  const void* const inputs[] = {x.data(), y.data()};
  host_kernel(op, dtype_of<T>, Accuracy::strict)(inputs, result.data(),
                                                 static_cast<int64_t>(x.size()));
  return result;
}

template <class T>
void check_float_laws(const OpInfo& row, OpCode op) {
  const auto samples = operand_samples<T>(row.arity, row.low, row.high, random_count);
  std::vector<T> negated = samples.x;
  for (T& x : negated) x = -x;
  const std::vector<T> result = apply(op, samples.x, samples.y);
  const std::vector<T> of_negated = apply(op, negated, samples.y);
  const std::vector<T> swapped = apply(op, samples.y, samples.x);
  int wrong = 0;
  for (size_t i = 0; i < samples.size() && wrong < 5; ++i) {
    const T x = samples.x[i];
    bool right = true;
    if (row.laws & laws::commutative) right &= same(result[i], swapped[i]);
    if (row.laws & laws::odd) right &= same(of_negated[i], -result[i]);
    if (row.laws & laws::even) right &= same(of_negated[i], result[i]);
    if (row.laws & laws::zero_preserving && x == 0) right &= same(result[i], x);
    if (right) continue;
    ++wrong;
    ADD_FAILURE() << row.name << " breaks a law at " << x << ", " << samples.y[i];
  }
}

TEST(OpTable, LawsHoldToTheBitOnFloats) {
  for (const OpCode op : elementwise_ops()) {
    const OpInfo& row = info(op);
    if (row.laws == laws::none ||
        (row.rule != TypeRule::numeric && row.rule != TypeRule::float_like))
      continue;
    check_float_laws<float>(row, op);
    check_float_laws<double>(row, op);
  }
}

TEST(OpTable, EveryRowHasADoc) {
  for (const OpCode op : elementwise_ops()) EXPECT_FALSE(info(op).doc.empty()) << info(op).name;
  for (const OpCode op : structural_ops()) EXPECT_FALSE(info(op).doc.empty()) << info(op).name;
}

TEST(OpTable, KernelsExistWhereTheRuleAccepts) {
  for (const OpCode op : elementwise_ops()) {
    for (int d = 0; d < dtype_count; ++d) {
      const auto dtype = static_cast<DType>(d);
      const bool has_kernel = host_kernel(op, dtype, Accuracy::strict) != nullptr;
      EXPECT_EQ(has_kernel, accepts(info(op).rule, dtype) && !is_half(dtype))
          << info(op).name << " " << to_string(dtype);
    }
  }
}

TEST(OpTable, LiteralPowersAreProductsQuotientsAndRoots) {
  const std::vector<double> x = {0.3, 7, 1e200, -2, 0, -0.0, HUGE_VAL};
  for (const double exponent : literal_exponents) {
    std::vector<double> got(x.size());
    const void* const inputs[] = {x.data()};
    host_pow_kernel(exponent, f64)(inputs, got.data(), static_cast<int64_t>(x.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      const double v = x[i];
      const double want = exponent == 2      ? v * v
                          : exponent == 3    ? v * v * v
                          : exponent == 4    ? (v * v) * (v * v)
                          : exponent == 0.5  ? std::sqrt(v)
                          : exponent == -0.5 ? 1 / std::sqrt(v)
                          : exponent == -1   ? 1 / v
                                             : 1 / (v * v);
      EXPECT_TRUE(same(got[i], want)) << v << " to the " << exponent;
    }
  }
}

TEST(OpTable, ABlockOfAnyLengthWritesNothingBehindIt) {
  for (int64_t count = 0; count < 40; ++count) {
    const std::vector<float> x(40, 2.0f);
    std::vector<float> got(41, -1.0f);
    const void* const inputs[] = {x.data(), x.data()};
    host_kernel(OpCode::add, f32, Accuracy::strict)(inputs, got.data(), count);
    for (int64_t i = 0; i < 41; ++i) {
      ASSERT_EQ(got[static_cast<size_t>(i)], i < count ? 4.0f : -1.0f) << count << " " << i;
    }
  }
}

TEST(OpTable, CostsRankOpsAsTheirFormulasDo) {
  const auto cost = [](OpCode op, DType dtype) { return op_cost(op, dtype, Accuracy::strict); };
  EXPECT_EQ(cost(OpCode::add, f32).flops, 1);
  EXPECT_EQ(cost(OpCode::fma, f32).flops, 2);
  EXPECT_EQ(cost(OpCode::add, i32).flops, 0);
  EXPECT_EQ(cost(OpCode::sqrt, i32).cost, 0);
  EXPECT_GT(cost(OpCode::divide, f64).cost, cost(OpCode::divide, f32).cost);
  EXPECT_GT(cost(OpCode::exp, f64).flops, cost(OpCode::exp, f32).flops);
  EXPECT_LT(op_cost(OpCode::tanh, f64, Accuracy::fast).cost, cost(OpCode::tanh, f64).cost);
}

}  // namespace
}  // namespace onepass::ir
