// SPDX-License-Identifier: Apache-2.0
// permute_dims(x) + y beside x + y: what it costs to read one operand against its layout.
#include <string>
#include <vector>

#include "contenders/contender.h"
#include "harness.h"
#include "onepass_modes.h"

namespace op = onepass;

namespace {

constexpr double tolerance = 1e-7;

using Add = void (*)(const float* x, const float* y, float* z, int64_t extent);

/// `x_in_order` is x as the workload reads it: x itself or its transpose.
void add_workload(const std::string& name, const op::Tensor& x, const op::Tensor& x_in_order,
                  Add bench::Contender::* member) {
  const int64_t extent = x.shape()[0];
  const op::Tensor y = op::random_normal({extent, extent}, {.seed = 2});
  std::vector<double> expected = x_in_order.to_vector<double>();
  const std::vector<double> summand = y.to_vector<double>();
  for (size_t i = 0; i < expected.size(); ++i) expected[i] += summand[i];

  const auto expression = x_in_order + y;
  constexpr int64_t arrays = 3;
  const std::string size = std::to_string(extent);
  const bench::Work work{name + "/" + size + "x" + size,
                         arrays * extent * extent * static_cast<int64_t>(sizeof(float)),
                         op::explain(expression).flops()};
  bench::add_modes(work, expression, expected, tolerance);
  for (const bench::Contender* contender : bench::contenders()) {
    const Add add = contender->*member;
    if (add == nullptr) continue;
    const op::Tensor z = op::empty({extent, extent});
    const auto run = [=] { add(x.data<float>(), y.data<float>(), z.data<float>(), extent); };
    run();
    bench::require_close(work.name + "/" + contender->name, bench::elements(z), expected,
                         tolerance);
    bench::add(work, contender->name, run);
  }
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int64_t extent = 2048;
  const op::Tensor x = op::random_normal({extent, extent}, {.seed = 1});
  add_workload("add", x, x, &bench::Contender::add);
  add_workload("transposed_add", x, op::permute_dims(x, {1, 0}), &bench::Contender::transposed_add);
  return bench::run(argc, argv);
}
