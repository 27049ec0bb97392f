// SPDX-License-Identifier: Apache-2.0
// GELU, tanh form: the composite and the formula as a user spells it.
#include <cmath>
#include <vector>

#include "contenders/contender.h"
#include "harness.h"
#include "onepass_modes.h"

namespace op = onepass;

namespace {

constexpr double tolerance = 1e-6;

std::vector<double> reference(const op::Tensor& x) {
  std::vector<double> y = x.to_vector<double>();
  for (double& value : y) {
    value = 0.5 * value *
            (1 + std::tanh(std::sqrt(2 / M_PI) * (value + 0.044715 * std::pow(value, 3))));
  }
  return y;
}

void add_size(int64_t n) {
  const op::Tensor x = op::random_normal({n});
  const std::vector<double> expected = reference(x);
  const auto composite = op::gelu(x);
  const auto spelled = 0.5f * x * (1.0f + op::tanh(0.79788456f * (x + 0.044715f * op::pow(x, 3))));

  const std::string size = std::to_string(n);
  const double flops = op::explain(spelled).flops();
  const bench::Work work{"gelu/" + size, 2 * n * static_cast<int64_t>(sizeof(float)), flops};
  bench::add_modes(work, composite, expected, tolerance);
  bench::add_modes({"gelu spelled out/" + size, work.bytes, flops}, spelled, expected, tolerance);

  for (const bench::Contender* contender : bench::contenders()) {
    if (contender->gelu == nullptr) continue;
    const op::Tensor y = op::empty({n});
    const auto run = [=] { contender->gelu(x.data<float>(), y.data<float>(), n); };
    run();
    if (contender->computes) {
      bench::require_close(work.name + "/" + contender->name, bench::elements(y), expected,
                           tolerance);
    }
    bench::add(work, contender->name, run);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const int64_t n : {1'024, 16'384, 262'144, 4'000'000, 16'000'000}) add_size(n);
  return bench::run(argc, argv);
}
