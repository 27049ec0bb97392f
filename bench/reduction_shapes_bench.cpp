// SPDX-License-Identifier: Apache-2.0
// Reductions over rows of all lengths, every kind of axes, views, and other dtypes.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "harness.h"
#include "onepass_modes.h"

namespace op = onepass;

namespace {

struct Case {
  std::string function;
  op::DType dtype;
  op::Shape shape;
  std::vector<int> axes;         // of the permuted array
  std::vector<int> permutation;  // empty: as it lies
};

const Case cases[] = {
    {"sum", op::f32, {10'000'000}, {0}, {}},
    {"sum", op::f32, {1'000'000, 3}, {1}, {}},
    {"sum", op::f32, {1'000'000, 7}, {1}, {}},
    {"sum", op::f32, {100'000, 17}, {1}, {}},
    {"sum", op::f32, {20'000, 64}, {1}, {}},
    {"sum", op::f32, {10'000, 100}, {1}, {}},
    {"sum", op::f32, {1'000, 4'097}, {1}, {}},
    {"sum", op::f32, {1, 10'000'000}, {1}, {}},
    {"sum", op::f32, {1'000'000, 1}, {1}, {}},
    {"sum", op::f32, {128, 128, 128}, {0}, {}},
    {"sum", op::f32, {128, 128, 128}, {1}, {}},
    {"sum", op::f32, {128, 128, 128}, {2}, {}},
    {"sum", op::f32, {128, 128, 128}, {0, 2}, {}},
    {"sum", op::f32, {128, 128, 128}, {0, 1, 2}, {}},
    {"sum", op::f32, {32, 32, 32, 64}, {1, 3}, {}},
    {"sum", op::f32, {32, 32, 32, 64}, {0, 2}, {}},
    {"sum", op::f32, {2048, 2048}, {0}, {1, 0}},
    {"sum", op::f32, {2048, 2048}, {1}, {1, 0}},
    {"sum", op::f32, {128, 128, 128}, {0, 1, 2}, {2, 0, 1}},
    {"sum", op::f64, {1024, 1024}, {1}, {}},
    {"sum", op::f64, {1024, 1024}, {0}, {}},
    {"sum", op::f16, {1024, 1024}, {1}, {}},
    {"sum", op::f16, {1024, 1024}, {0}, {}},
    {"sum", op::bf16, {1024, 1024}, {1}, {}},
    {"sum", op::i64, {1024, 1024}, {0}, {}},
    {"sum", op::i32, {1024, 1024}, {1}, {}},
    {"max", op::f32, {1'000'000, 3}, {1}, {}},
    {"max", op::f32, {1024, 1024}, {1}, {}},
    {"max", op::f32, {1024, 1024}, {0}, {}},
    {"argmax", op::f32, {1024, 1024}, {1}, {}},
    {"argmax", op::f32, {1024, 1024}, {0}, {}},
    {"any", op::boolean, {1024, 1024}, {1}, {}},
    {"count_nonzero", op::boolean, {1024, 1024}, {1}, {}},
    {"var", op::f32, {1024, 1024}, {1}, {}},
    {"var", op::f32, {1024, 1024}, {0}, {}},
    {"logsumexp", op::f32, {1024, 1024}, {1}, {}},
    {"softmax", op::f32, {100'000, 17}, {1}, {}},
    {"softmax", op::f32, {16, 65'536}, {1}, {}},
    {"cumulative_sum", op::f32, {1024, 1024}, {1}, {}},
    {"cumulative_sum", op::f32, {1024, 1024}, {0}, {}},
    {"softmax", op::f32, {100'000, 16}, {0}, {}},
    {"log_softmax", op::f32, {1'000'000, 8}, {0}, {}},
    {"var", op::f32, {1'000'000, 8}, {0}, {}},
    {"centre", op::f32, {1'000'000, 8}, {0}, {}},
    {"standardize", op::f32, {4'096, 64}, {0}, {}},
    {"standardize", op::f32, {100'000, 16}, {0}, {}},
    {"var", op::f32, {32, 28, 28, 64}, {0, 1, 2}, {}},
    {"standardize", op::f32, {32, 28, 28, 64}, {0, 1, 2}, {}},
};

std::string joined(const auto& numbers, const char* separator) {
  std::string text;
  for (const auto number : numbers) {
    text += (text.empty() ? "" : separator) + std::to_string(number);
  }
  return text;
}

std::string name_of(const Case& c) {
  std::string name = "reduce " + c.function + "/" + std::string(op::to_string(c.dtype)) + " " +
                     joined(c.shape, "x");
  if (!c.permutation.empty()) name += " permuted " + joined(c.permutation, ",");
  return name + " over " + joined(c.axes, ",");
}

op::Tensor operand(const Case& c) {
  const op::Tensor x = op::random_normal(c.shape, {.seed = 1});
  if (c.dtype == op::boolean) return op::evaluate(x > 1.0F);
  if (op::is_floating(c.dtype)) return op::evaluate(op::astype(x, c.dtype));
  constexpr float spread = 1000;
  return op::evaluate(op::astype(x * spread, c.dtype));
}

op::Value expression(const Case& c, const op::Tensor& x) {
  const op::Value value = x;
  const op::Axes axes(c.axes);
  if (c.function == "sum") return op::sum(value, {.axis = axes});
  if (c.function == "max") return op::max(value, {.axis = axes});
  if (c.function == "argmax") return op::argmax(value, {.axis = axes});
  if (c.function == "any") return op::any(value, {.axis = axes});
  if (c.function == "count_nonzero") return op::count_nonzero(value, {.axis = axes});
  if (c.function == "var") return op::var(value, {.axis = axes});
  if (c.function == "logsumexp") return op::logsumexp(value, {.axis = axes});
  if (c.function == "softmax") return op::softmax(value, {.axis = axes});
  if (c.function == "log_softmax") return op::log_softmax(value, {.axis = axes});
  const op::ReductionOptions kept{.axis = axes, .keepdims = true};
  if (c.function == "centre") return value - op::mean(value, kept);
  if (c.function == "standardize") {
    return (value - op::mean(value, kept)) / op::std(value, {.axis = axes, .keepdims = true});
  }
  return op::cumulative_sum(value, {.axis = axes});
}

using Row = std::vector<double>;

/// What becomes of the elements that are reduced together: one number, or as many.
Row reduced(const std::string& function, Row row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  const auto largest = std::max_element(row.begin(), row.end());
  if (function == "sum") return {sum};
  if (function == "max") return {*largest};
  if (function == "argmax") return {static_cast<double>(largest - row.begin())};
  const auto zeros = std::count(row.begin(), row.end(), 0.0);
  const auto count = static_cast<double>(row.size());
  if (function == "any") return {zeros < static_cast<int64_t>(row.size()) ? 1.0 : 0.0};
  if (function == "count_nonzero") return {count - static_cast<double>(zeros)};
  if (function == "cumulative_sum") {
    std::partial_sum(row.begin(), row.end(), row.begin());
    return row;
  }
  double squares = 0;
  for (const double v : row) squares += (v - sum / count) * (v - sum / count);
  if (function == "var") return {squares / count};
  if (function == "centre" || function == "standardize") {
    const double unit = function == "centre" ? 1 : std::sqrt(squares / count);
    for (double& v : row) v = (v - sum / count) / unit;
    return row;
  }
  const double top = *largest;
  double exponentials = 0;
  for (double& v : row) exponentials += v = std::exp(v - top);
  if (function == "logsumexp") return {top + std::log(exponentials)};
  for (double& v : row) v /= exponentials;
  if (function == "log_softmax") {
    for (double& v : row) v = std::log(v);
  }
  return row;
}

/// The result in row-major order: every row of the reduced axes by `reduced`.
std::vector<double> reference(const Case& c, const op::Tensor& x) {
  std::vector<int> order;  // kept dimensions, then the reduced ones
  for (int d = 0; d < x.rank(); ++d) {
    if (std::find(c.axes.begin(), c.axes.end(), d) == c.axes.end()) order.push_back(d);
  }
  order.insert(order.end(), c.axes.begin(), c.axes.end());
  const std::vector<double> elements = op::permute_dims(x, order).to_vector<double>();
  int64_t length = 1;
  for (const int axis : c.axes) length *= x.shape()[axis];
  std::vector<double> result;
  for (auto at = elements.begin(); at != elements.end(); at += length) {
    const Row row = reduced(c.function, Row(at, at + length));
    result.insert(result.end(), row.begin(), row.end());
  }
  const bool keeps_length = static_cast<int64_t>(result.size()) == x.size() && length > 1;
  if (!keeps_length || c.axes[0] != 0) return result;
  std::vector<double> turned(result.size());  // what runs down columns
  const int64_t columns = x.size() / length;
  for (int64_t i = 0; i < x.size(); ++i) {
    turned[static_cast<size_t>(i % length * columns + i / length)] = result[static_cast<size_t>(i)];
  }
  return turned;
}

double tolerance(const Case& c) {
  if (c.dtype == op::f16 || c.dtype == op::bf16) return 2e-2;
  return c.dtype == op::f32 ? 1e-3 : 1e-10;
}

}  // namespace

int main(int argc, char** argv) {
  for (const Case& c : cases) {
    op::Tensor x = operand(c);
    if (!c.permutation.empty()) x = op::permute_dims(x, c.permutation);
    const op::Value value = expression(c, x);
    const int64_t bytes = (x.size() + element_count(value.shape())) * op::byte_size(c.dtype);
    const bench::Work work{name_of(c), bytes, op::explain(value).flops()};
    bench::add_modes(work, value, reference(c, x), tolerance(c));
  }
  return bench::run(argc, argv);
}
