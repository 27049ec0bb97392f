// SPDX-License-Identifier: Apache-2.0
// One layer of a network: gelu(x @ w + b).
#include <cmath>
#include <string>
#include <vector>

#include "contenders/contender.h"
#include "harness.h"
#include "onepass_modes.h"
#include "product_reference.h"

namespace op = onepass;

namespace {

std::vector<double> reference(const op::Tensor& x, const op::Tensor& w, const op::Tensor& b,
                              const bench::ProductSize& size) {
  std::vector<double> y = bench::product_reference(x, w, size);
  const std::vector<double> bias = b.to_vector<double>();
  for (size_t i = 0; i < y.size(); ++i) {
    const double v = y[i] + bias[i % bias.size()];
    y[i] = 0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * std::pow(v, 3))));
  }
  return y;
}

void add_size(const bench::ProductSize& size) {
  const op::Tensor x = op::random_normal({size.m, size.k}, {.seed = 1});
  const op::Tensor w = op::random_normal({size.k, size.n}, {.seed = 2});
  const op::Tensor b = op::random_normal({size.n}, {.seed = 3});
  const auto expression = op::gelu(op::matmul(x, w) + b);
  const std::vector<double> expected = reference(x, w, b, size);
  const double tolerance = bench::product_tolerance(size);
  const bench::Work work{"layer/" + std::to_string(size.m) + "x" + std::to_string(size.k) + "->" +
                             std::to_string(size.n),
                         bench::product_bytes(size) + size.n * static_cast<int64_t>(sizeof(float)),
                         op::explain(expression).flops()};
  bench::add_modes(work, expression, expected, tolerance);
  for (const bench::Contender* contender : bench::contenders()) {
    if (contender->layer == nullptr) continue;
    const op::Tensor y = op::empty({size.m, size.n});
    const auto run = [=] {
      contender->layer(x.data<float>(), w.data<float>(), b.data<float>(), y.data<float>(), size);
    };
    run();
    bench::require_close(work.name + "/" + contender->name, bench::elements(y), expected,
                         tolerance);
    bench::add(work, contender->name, run);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const bench::ProductSize& size :
       {bench::ProductSize{128, 256, 512}, bench::ProductSize{1, 3072, 768},
        bench::ProductSize{32, 3072, 768}}) {
    add_size(size);
  }
  return bench::run(argc, argv);
}
