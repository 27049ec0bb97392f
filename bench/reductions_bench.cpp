// SPDX-License-Identifier: Apache-2.0
// Reductions and what surrounds them: sum of squares, sums of columns, softmax, layer norm.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "harness.h"
#include "onepass_modes.h"

namespace op = onepass;

namespace {

constexpr double tolerance = 1e-5;
constexpr float epsilon = 1e-5F;

template <class E>
void add_work(const std::string& name, int64_t elements, const E& expression,
              const std::vector<double>& expected, double allowed = tolerance) {
  const bench::Work work{name, elements * static_cast<int64_t>(sizeof(float)),
                         op::explain(expression).flops()};
  bench::add_modes(work, expression, expected, allowed);
}

void add_sum_of_squares(int64_t n) {
  const op::Tensor x = op::random_normal({n}, {.seed = 1});
  double sum = 0;
  for (const double v : x.to_vector<double>()) sum += v * v;
  add_work("sum_of_squares/" + std::to_string(n), n, op::sum(x * x), {sum});
}

void add_column_sum(int64_t rows, int64_t columns) {
  const op::Tensor x = op::random_normal({rows, columns}, {.seed = 1});
  std::vector<double> sums(static_cast<size_t>(columns));
  const std::vector<double> wide = x.to_vector<double>();
  for (size_t i = 0; i < wide.size(); ++i) sums[i % sums.size()] += wide[i];
  // Sums near 0 are compared with the size of what was added up.
  constexpr double largest_sum = 1e-4;
  add_work("column_sum/" + std::to_string(rows) + "x" + std::to_string(columns),
           rows * columns + columns, op::sum(x, {.axis = {0}}), sums, largest_sum);
}

/// Calls `row` for each row of `length` elements.
template <class Row>
std::vector<double> each_row(std::vector<double> values, int64_t length, const Row& row) {
  for (auto at = values.begin(); at != values.end(); at += length) row(at, at + length);
  return values;
}

void add_softmax(const std::string& size, const op::Shape& shape, int64_t length) {
  const op::Tensor x = op::random_normal(shape, {.seed = 1});
  const auto exponentials = op::exp(x - op::max(x, {.axis = {-1}, .keepdims = true}));
  const auto softmax = exponentials / op::sum(exponentials, {.axis = {-1}, .keepdims = true});
  const auto expected = each_row(x.to_vector<double>(), length, [](auto begin, auto end) {
    const double largest = *std::max_element(begin, end);
    double sum = 0;
    for (auto at = begin; at != end; ++at) sum += * at = std::exp(*at - largest);
    for (auto at = begin; at != end; ++at) *at /= sum;
  });
  add_work("softmax/" + size, 2 * x.size(), softmax, expected);
}

void add_layer_norm(int64_t rows, int64_t length) {
  const op::Tensor x = op::random_normal({rows, length}, {.seed = 1});
  const op::Tensor w = op::random_normal({length}, {.seed = 2});
  const op::Tensor b = op::random_normal({length}, {.seed = 3});
  const auto count = static_cast<float>(length);
  const auto mean = op::sum(x, {.axis = {-1}, .keepdims = true}) / count;
  const auto centred = x - mean;
  const auto variance = op::sum(centred * centred, {.axis = {-1}, .keepdims = true}) / count;
  const auto norm = centred * (1.0F / op::sqrt(variance + epsilon)) * w + b;
  const std::vector<double> scale = w.to_vector<double>(), shift = b.to_vector<double>();
  const auto expected = each_row(x.to_vector<double>(), length, [&](auto begin, auto end) {
    double sum = 0, squares = 0;
    for (auto at = begin; at != end; ++at) sum += *at;
    const double average = sum / count;
    for (auto at = begin; at != end; ++at) squares += (*at - average) * (*at - average);
    const double factor = 1 / std::sqrt(squares / count + static_cast<double>(epsilon));
    for (auto at = begin; at != end; ++at) {
      const auto i = static_cast<size_t>(at - begin);
      *at = (*at - average) * factor * scale[i] + shift[i];
    }
  });
  add_work("layer_norm/" + std::to_string(rows) + "x" + std::to_string(length),
           2 * rows * length + 2 * length, norm, expected);
}

}  // namespace

int main(int argc, char** argv) {
  add_sum_of_squares(4'000'000);
  add_column_sum(2048, 2048);
  add_softmax("1024x1024", {1024, 1024}, 1024);
  add_softmax("12x128x128", {12, 128, 128}, 128);
  add_layer_norm(1024, 768);
  return bench::run(argc, argv);
}
