// SPDX-License-Identifier: Apache-2.0
// relu(a * b + c): three arrays in, one out, and almost no arithmetic.
#include <algorithm>
#include <vector>

#include "contenders/contender.h"
#include "harness.h"
#include "onepass_modes.h"

namespace op = onepass;

namespace {

constexpr double tolerance = 1e-6;

void add_size(int64_t n) {
  const op::Tensor a = op::random_normal({n}, {.seed = 1}), b = op::random_normal({n}, {.seed = 2}),
                   c = op::random_normal({n}, {.seed = 3});
  std::vector<double> expected = a.to_vector<double>();
  const std::vector<double> factor = b.to_vector<double>(), summand = c.to_vector<double>();
  for (size_t i = 0; i < expected.size(); ++i) {
    expected[i] = std::max(expected[i] * factor[i] + summand[i], 0.0);
  }
  const auto expression = op::relu(a * b + c);
  constexpr int64_t arrays = 4;
  const bench::Work work{"relu_fma/" + std::to_string(n),
                         arrays * n * static_cast<int64_t>(sizeof(float)),
                         op::explain(expression).flops()};
  bench::add_modes(work, expression, expected, tolerance);
  for (const bench::Contender* contender : bench::contenders()) {
    if (contender->relu_fma == nullptr) continue;
    const op::Tensor y = op::empty({n});
    const auto run = [=] {
      contender->relu_fma(a.data<float>(), b.data<float>(), c.data<float>(), y.data<float>(), n);
    };
    run();
    bench::require_close(work.name + "/" + contender->name, bench::elements(y), expected,
                         tolerance);
    bench::add(work, contender->name, run);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const int64_t n : {64, 4'096, 1'000'000, 16'000'000}) add_size(n);
  return bench::run(argc, argv);
}
