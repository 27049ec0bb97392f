// SPDX-License-Identifier: Apache-2.0
// What the passes of Accuracy::fast make of specials and extremes: finite where the graph as
// written is, and near the exact value.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "interpret_fixture.h"
#include "onepass/ir/passes/pipeline.h"
#include "random_numbers.h"

namespace onepass::ir {
namespace {

using Real = long double;

/// One rule as a graph of x: T[n, m] and y: T[n, 1], and what it means.
struct Identity {
  const char* name;
  const char* nodes;  // T stands for the dtype
  Real (*meaning)(Real x, Real y);
  double ulps;  // of the result
  /// x is multiplied by a value between 0 and 1 that may be subnormal, which costs digits.
  bool gates = false;
};

Real logistic(Real u) { return 1 / (1 + std::exp(-u)); }

constexpr Identity identities[] = {
    {"HalfOfOnePlusTanh",
     "%0 = constant {value = 1, dtype = T} : T[] %1 = constant {value = 0.5, dtype = T} : T[]"
     "%2 = tanh y : T[n, 1] %3 = add %2, %0 : T[n, 1] %4 = multiply %3, %1 : T[n, 1] return %4",
     [](Real, Real y) { return logistic(2 * y); }, 8},
    {"GateByTanh",
     "%0 = constant {value = 1, dtype = T} : T[] %1 = constant {value = 0.5, dtype = T} : T[]"
     "%2 = tanh y : T[n, 1] %3 = add %2, %0 : T[n, 1] %4 = multiply x, %1 : T[n, m]"
     "%5 = multiply %4, %3 : T[n, m] return %5",
     [](Real x, Real y) { return x * logistic(2 * y); }, 9, true},
    {"SpelledSigmoid",
     "%0 = constant {value = 1, dtype = T} : T[] %1 = negative y : T[n, 1] %2 = exp %1 : T[n, 1]"
     "%3 = add %2, %0 : T[n, 1] %4 = divide %0, %3 : T[n, 1] return %4",
     [](Real, Real y) { return logistic(y); }, 8},
    {"GateByExp",
     "%0 = constant {value = 1, dtype = T} : T[] %1 = negative y : T[n, 1] %2 = exp %1 : T[n, 1]"
     "%3 = add %2, %0 : T[n, 1] %4 = divide x, %3 : T[n, m] return %4",
     [](Real x, Real y) { return x * logistic(y); }, 9, true},
    {"TanhOfSoftplus",
     "%0 = constant {value = 0, dtype = T} : T[] %1 = maximum y, %0 : T[n, 1] %2 = abs y : T[n, 1]"
     "%3 = negative %2 : T[n, 1] %4 = exp %3 : T[n, 1] %5 = log1p %4 : T[n, 1]"
     "%6 = add %1, %5 : T[n, 1] %7 = tanh %6 : T[n, 1] return %7",
     [](Real, Real y) { return std::tanh(std::log1p(std::exp(y))); }, 12},
    {"OddCubic",
     "%0 = pow x {exponent = 3} : T[n, m] %1 = constant {value = 0.044715, dtype = T} : T[]"
     "%2 = multiply %0, %1 : T[n, m] %3 = add x, %2 : T[n, m]"
     "%4 = constant {value = 1.5, dtype = T} : T[] %5 = multiply %3, %4 : T[n, m] return %5",
     [](Real x, Real) { return 1.5L * (x + 0.044715L * x * x * x); }, 4},
    {"QuotientByRoot", "%0 = sqrt y : T[n, 1] %1 = divide x, %0 : T[n, m] return %1",
     [](Real x, Real y) { return x / std::sqrt(y); }, 5},
    {"QuotientByRowConstant", "%0 = divide x, y : T[n, m] return %0",
     [](Real x, Real y) { return x / y; }, 4},
};

template <class T>
std::vector<T> operands() {
  using Limits = std::numeric_limits<T>;
  const T largest = Limits::max(), smallest = Limits::min(), tiniest = Limits::denorm_min();
  std::vector<T> values = {0,
                           1,
                           T(0.5),
                           3,
                           20,
                           T(19.99),
                           T(20.01),
                           largest,
                           largest / 3,
                           std::sqrt(largest),
                           smallest,
                           smallest / 2,
                           smallest * 4,
                           tiniest,
                           3 * tiniest,
                           1 / largest,
                           Limits::epsilon(),
                           std::exp2(T(-100)),
                           std::exp2(T(-101)),
                           std::nextafter(std::exp2(T(-100)), T(0)),
                           T(0x1p-1000),
                           T(0x1p-1001),
                           Limits::infinity(),
                           Limits::quiet_NaN()};
  // Around the ends of exp, where sigmoid turns subnormal.
  for (const double end : {43.5, 51.5, 87.3, 88.7, 103.9, 354.0, 372.5, 708.4, 709.7, 745.0}) {
    for (const double beside : {-0.4, 0.0, 0.4}) values.push_back(static_cast<T>(end + beside));
  }
  RandomNumbers random(7);
  for (int i = 0; i < 60; ++i) {
    values.push_back(static_cast<T>(random.between(0, 110)));
    values.push_back(static_cast<T>(random.between(0, 2)));
    const double exponent =
        random.between(Limits::min_exponent - Limits::digits, Limits::max_exponent);
    values.push_back(static_cast<T>(std::exp2(exponent) * random.between(0.5, 1)));
  }
  const size_t positive = values.size();
  for (size_t i = 0; i < positive; ++i) values.push_back(-values[i]);
  return values;
}

template <class T>
Real ulp(Real value) {
  using Limits = std::numeric_limits<T>;
  const Real smallest = Limits::denorm_min();
  if (value == 0) return smallest;
  return std::max(smallest, std::scalbn(Real(1), std::ilogb(value) - (Limits::digits - 1)));
}

template <class T>
Graph graph_of(const Identity& identity, size_t count) {
  const std::string dtype(to_string(dtype_of<T>));
  const std::string extent = std::to_string(count);
  std::string text = "graph g(x: T[n, m], y: T[n, 1]) where n = " + extent + ", m = " + extent +
                     " { " + identity.nodes + " }";
  for (size_t at; (at = text.find('T')) != std::string::npos;) text.replace(at, 1, dtype);
  return parse(text);
}

/// The elements of the output, and whether rewrite_fast found something.
template <class T>
std::pair<std::vector<T>, bool> computed(Graph graph, const std::vector<T>& x,
                                         const std::vector<T>& y, Accuracy accuracy) {
  bool rewritten = false;
  run_pipeline(graph, {Mode::interpreted, accuracy, {}}, [&](const PassRecord& record) {
    rewritten = rewritten || (record.name == "rewrite_fast" && record.changed);
  });
  const auto rows = static_cast<int64_t>(y.size());
  const TestArray first = array_of<T>({rows, rows}, x), second = array_of<T>({rows, 1}, y);
  const TestArray result = empty_array<T>(graph.captured_shape(graph.node(graph.outputs[0]).type));
  const std::vector<runtime::ArrayView> inputs = {first.view, second.view};
  interpret(graph, inputs, {}, {}, {&result.view, 1}, accuracy);
  return {elements_of<T>(result.view), rewritten};
}

/// What is wrong with `fast`, or nothing.
template <class T>
const char* fault(const Identity& identity, T x, T y, T strict, T fast) {
  const Real exact = identity.meaning(x, y);
  if (std::isfinite(strict) && !std::isfinite(fast)) return "not finite";
  if (std::isnan(exact)) return std::isnan(fast) ? nullptr : "a number";
  if (std::isinf(x) && identity.gates)
    return std::isnan(strict) || fast == strict ? nullptr : "off";
  if (!std::isfinite(static_cast<T>(exact))) {
    return fast == static_cast<T>(exact) ? nullptr : "not infinite";
  }
  Real tolerance = identity.ulps * ulp<T>(exact);
  if (identity.gates) tolerance += 8 * std::abs(Real(x)) * std::numeric_limits<T>::denorm_min();
  return std::abs(fast - exact) <= tolerance ? nullptr : "not near the exact value";
}

template <class T>
void expect_near(const Identity& identity) {
  const std::vector<T> y = operands<T>();
  std::vector<T> x;
  for (size_t i = 0; i < y.size(); ++i) x.insert(x.end(), y.begin(), y.end());
  const Graph graph = graph_of<T>(identity, y.size());
  const auto [strict, changed_in_strict] = computed(graph, x, y, Accuracy::strict);
  const auto [fast, changed] = computed(graph, x, y, Accuracy::fast);
  EXPECT_FALSE(changed_in_strict);
  EXPECT_TRUE(changed);
  const size_t columns = fast.size() / y.size();
  int faults = 0;
  for (size_t i = 0; i < fast.size() && faults < 10; ++i) {
    const T row = y[i / columns], column = x[i % columns];
    if (const char* wrong = fault<T>(identity, column, row, strict[i], fast[i])) {
      ADD_FAILURE() << "x = " << column << ", y = " << row << ": " << fast[i] << " is " << wrong
                    << "; strict " << strict[i] << ", exact " << identity.meaning(column, row);
      ++faults;
    }
  }
}

class FastIdentity : public testing::TestWithParam<Identity> {};

TEST_P(FastIdentity, KeepsFiniteResultsFiniteAndNearInSinglePrecision) {
  expect_near<float>(GetParam());
}

TEST_P(FastIdentity, KeepsFiniteResultsFiniteAndNearInDoublePrecision) {
  expect_near<double>(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Rules, FastIdentity, testing::ValuesIn(identities),
                         [](const auto& row) { return std::string(row.param.name); });

/// The output of nodes over three arrays of T.
template <class T>
std::vector<T> of_three(const std::string& nodes, const std::vector<T> (&values)[3],
                        Accuracy accuracy) {
  const std::string dtype(to_string(dtype_of<T>));
  const std::string count = std::to_string(values[0].size());
  std::string text = "graph g(a: T[n], b: T[n], c: T[n]) where n = " + count + " { " + nodes + " }";
  for (size_t at; (at = text.find('T')) != std::string::npos;) text.replace(at, 1, dtype);
  Graph graph = parse(text);
  run_pipeline(graph, {Mode::interpreted, accuracy, {}});
  const Shape shape{static_cast<int64_t>(values[0].size())};
  const TestArray a = array_of<T>(shape, values[0]), b = array_of<T>(shape, values[1]),
                  c = array_of<T>(shape, values[2]), result = empty_array<T>(shape);
  const std::vector<runtime::ArrayView> inputs = {a.view, b.view, c.view};
  interpret(graph, inputs, {}, {}, {&result.view, 1}, accuracy);
  return elements_of<T>(result.view);
}

template <class T>
void expect_one_rounding() {
  constexpr size_t count = 1000;
  RandomNumbers random(3);
  std::vector<T> values[3];
  for (std::vector<T>& list : values) {
    for (size_t i = 0; i < count; ++i) list.push_back(static_cast<T>(random.between(-2, 2)));
  }
  const auto of = [&](const char* op, const char* operands, Accuracy accuracy) {
    return of_three<T>(
        std::string("%0 = multiply a, b : T[n] %1 = ") + op + " " + operands + " : T[n] return %1",
        values, accuracy);
  };
  const auto sum = of("add", "%0, c", Accuracy::fast),
             less = of("subtract", "%0, c", Accuracy::fast),
             rest = of("subtract", "c, %0", Accuracy::fast);
  const auto strict = of("add", "%0, c", Accuracy::strict);
  size_t differing = 0;
  for (size_t i = 0; i < count; ++i) {
    const T a = values[0][i], b = values[1][i], c = values[2][i];
    EXPECT_EQ(sum[i], std::fma(a, b, c));
    EXPECT_EQ(less[i], std::fma(a, b, -c));
    EXPECT_EQ(rest[i], std::fma(-a, b, c));
    const volatile T product = a * b;
    EXPECT_EQ(strict[i], product + c);
    differing += strict[i] != sum[i];
  }
  EXPECT_GT(differing, count / 10);
}

TEST(Contraction, RoundsOnceInFastAccuracyAndTwiceInStrict) {
  expect_one_rounding<float>();
  expect_one_rounding<double>();
}

TEST(Contraction, LetsEqualProductsCancel) {
  const std::vector<float> tenths = {0.1f, 0.7f, 3.3f};
  const std::vector<float> values[3] = {tenths, tenths, tenths};
  EXPECT_EQ(of_three<float>("%0 = multiply a, b : T[n] %1 = multiply c, c : T[n] %2 = subtract %0, "
                            "%1 : T[n] return %2",
                            values, Accuracy::fast),
            (std::vector<float>{0, 0, 0}));
}

}  // namespace
}  // namespace onepass::ir
