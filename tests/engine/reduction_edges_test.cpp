// SPDX-License-Identifier: Apache-2.0
// What reductions make of no elements, of NaNs wherever they lie, and of zeros of both signs.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>

#include "error_text.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();
constexpr Mode modes[] = {Mode::fused, Mode::unfused, Mode::interpreted};

struct Function {
  std::string name;
  std::function<Value(const Value& x, const ReductionOptions&)> apply;
  std::optional<double> of_nothing;  // without: an error
};

std::vector<Function> functions() {
#define FUNCTION(name, of_nothing) \
  {#name, [](const Value& x, const ReductionOptions& o) { return Value(name(x, o)); }, of_nothing}
  return {
      FUNCTION(sum, 0.0),
      FUNCTION(prod, 1.0),
      FUNCTION(mean, nan),
      FUNCTION(max, std::nullopt),
      FUNCTION(min, std::nullopt),
      FUNCTION(any, 0.0),
      FUNCTION(all, 1.0),
      FUNCTION(count_nonzero, 0.0),
      FUNCTION(argmax, std::nullopt),
      FUNCTION(argmin, std::nullopt),
      {"var",
       [](const Value& x, const ReductionOptions& o) {
         return Value(var(x, {.axis = o.axis, .keepdims = o.keepdims}));
       },
       nan},
      {"std",
       [](const Value& x, const ReductionOptions& o) {
         return Value(onepass::std(x, {.axis = o.axis, .keepdims = o.keepdims}));
       },
       nan},
      {"norm",
       [](const Value& x, const ReductionOptions& o) {
         return Value(norm(x, {.axis = o.axis, .keepdims = o.keepdims}));
       },
       0.0},
      FUNCTION(logsumexp, -inf),
  };
#undef FUNCTION
}

class EdgesOf : public ::testing::TestWithParam<Function> {
 protected:
  static std::vector<double> numbers(const Tensor& x, int axis, Mode mode) {
    const Value r = GetParam().apply(x, {.axis = axis});
    return evaluate(astype(r, f64), {.mode = mode}).to_vector<double>();
  }
};

TEST_P(EdgesOf, NoElements) {
  for (const Mode mode : modes) {
    for (const DType dtype : {f16, f32, f64}) {
      for (const int axis : {0, 1}) {
        const Tensor x = zeros(axis == 0 ? Shape{0, 3} : Shape{3, 0}, dtype);
        if (!GetParam().of_nothing) {
          EXPECT_NE(error_text([&] { numbers(x, axis, mode); }).find("has no elements"),
                    std::string::npos);
          continue;
        }
        const std::vector<double> got = numbers(x, axis, mode);
        ASSERT_EQ(got.size(), 3u);
        for (const double y : got) {
          const double want = *GetParam().of_nothing;
          EXPECT_TRUE(std::isnan(want) ? std::isnan(y) : y == want) << y;
          EXPECT_TRUE(want != 0 || !std::signbit(y));
        }
      }
      // Results without elements are no error, whatever is reduced.
      EXPECT_EQ(numbers(zeros({0, 3}, dtype), 1, mode).size(), 0u);
    }
  }
}

/// A NaN anywhere makes the whole row NaN, and no other one; it is true, and a position is its own.
TEST_P(EdgesOf, OneNaN) {
  const std::string& name = GetParam().name;
  for (const int64_t n : {1, 3, 17, 64, 100, 512, 1024, 4097}) {
    for (const int64_t at : {int64_t{0}, n / 3, n / 2, n - 1}) {
      std::vector<float> x(static_cast<size_t>(3 * n), -2);
      x[static_cast<size_t>(n + at)] = nan;
      const Tensor rows = Tensor::copy_of(std::span<const float>(x), {3, n});
      const Tensor wide = broadcast_to(reshape(rows, {3, n, 1}), {3, n, 50});
      for (const Mode mode : {Mode::fused, Mode::interpreted}) {
        const std::pair<Tensor, int> arrays[] = {
            {rows, 1}, {Tensor::copy_of(permute_dims(rows, {1, 0})), 0}, {wide, 1}};
        for (const auto& [array, axis] : arrays) {
          const std::vector<double> got = numbers(array, axis, mode);
          const size_t same = got.size() / 3;
          for (size_t i = 0; i < got.size(); ++i) {
            if (name.starts_with("arg")) {
              EXPECT_EQ(got[i], i / same == 1 ? static_cast<double>(at) : 0) << n;
            } else if (name == "any" || name == "all" || name == "count_nonzero") {
              EXPECT_EQ(got[i], name == "count_nonzero" ? static_cast<double>(n) : 1) << n;
            } else {
              ASSERT_EQ(std::isnan(got[i]), i / same == 1) << n << " " << at << " " << i;
            }
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EdgesOf, ::testing::ValuesIn(functions()),
                         [](const auto& row) { return row.param.name; });

TEST(Extremes, OrderZerosOfBothSignsWhereverTheyLie) {
  for (const int64_t n : {2, 17, 64, 100, 1024, 4097}) {
    for (const float one : {0.0f, -0.0f}) {
      for (const int64_t at : {int64_t{0}, n / 2, n - 1}) {
        std::vector<float> x(static_cast<size_t>(n), -one);
        x[static_cast<size_t>(at)] = one;
        const Tensor row = Tensor::copy_of(std::span<const float>(x), {n});
        const Tensor columns = broadcast_to(reshape(row, {n, 1}), {n, 20});
        for (const Mode mode : modes) {
          const auto sign = [&](const Value& r) {
            return std::signbit(evaluate(r, {.mode = mode}).to_vector<float>().back());
          };
          EXPECT_FALSE(sign(max(row))) << n << " " << at;
          EXPECT_TRUE(sign(min(row))) << n << " " << at;
          EXPECT_FALSE(sign(max(columns, {.axis = 0}))) << n << " " << at;
          EXPECT_TRUE(sign(min(columns, {.axis = 0}))) << n << " " << at;
        }
      }
    }
  }
}

TEST(CumulativeEdges, NoElementsAndNaNs) {
  EXPECT_EQ(evaluate(cumulative_sum(zeros({0}))).size(), 0);
  EXPECT_EQ(evaluate(cumulative_prod(zeros({0}), {.include_initial = true})).to_vector<float>(),
            std::vector<float>{1});
  for (const size_t n : {3u, 100u, 256u, 257u, 5000u}) {
    std::vector<float> x(n, 1);
    x[n / 2] = nan;
    const Tensor row = Tensor::copy_of(std::span<const float>(x), {static_cast<int64_t>(n)});
    for (const Mode mode : modes) {
      for (const Value& running : {Value(cumulative_sum(row)), Value(cumulative_prod(row))}) {
        const auto got = evaluate(running, {.mode = mode}).to_vector<float>();
        for (size_t i = 0; i < n; ++i) ASSERT_EQ(std::isnan(got[i]), i >= n / 2) << n << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace onepass
