// SPDX-License-Identifier: Apache-2.0
// tanh(a[:, None] * b + c): a column, a matrix and a row; the broadcast ones cost no traffic.
#include <cmath>
#include <string>
#include <vector>

#include "contenders/contender.h"
#include "harness.h"
#include "onepass_modes.h"

namespace op = onepass;

namespace {

constexpr double tolerance = 1e-6;

std::vector<double> reference(const op::Tensor& a, const op::Tensor& b, const op::Tensor& c) {
  const std::vector<double> column = a.to_vector<double>(), row = c.to_vector<double>();
  std::vector<double> y = b.to_vector<double>();
  for (size_t i = 0; i < y.size(); ++i) {
    y[i] = std::tanh(column[i / row.size()] * y[i] + row[i % row.size()]);
  }
  return y;
}

void add_size(int64_t rows, int64_t columns) {
  const op::Tensor a = op::random_normal({rows}, {.seed = 1});
  const op::Tensor b = op::random_normal({rows, columns}, {.seed = 2});
  const op::Tensor c = op::random_normal({columns}, {.seed = 3});
  const std::vector<double> expected = reference(a, b, c);
  const op::Tensor column = a[{op::all, op::newaxis}];
  const auto expression = op::tanh(column * b + c);
  const bench::Work work{
      "tanh_broadcast/" + std::to_string(rows) + "x" + std::to_string(columns),
      (2 * rows * columns + rows + columns) * static_cast<int64_t>(sizeof(float)),
      op::explain(expression).flops()};
  bench::add_modes(work, expression, expected, tolerance);
  for (const bench::Contender* contender : bench::contenders()) {
    if (contender->tanh_broadcast == nullptr) continue;
    const op::Tensor y = op::empty({rows, columns});
    const auto run = [=] {
      contender->tanh_broadcast(a.data<float>(), b.data<float>(), c.data<float>(), y.data<float>(),
                                rows, columns);
    };
    run();
    bench::require_close(work.name + "/" + contender->name, bench::elements(y), expected,
                         tolerance);
    bench::add(work, contender->name, run);
  }
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int64_t extent = 2048;
  add_size(extent, extent);
  return bench::run(argc, argv);
}
