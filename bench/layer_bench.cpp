// SPDX-License-Identifier: Apache-2.0
// One layer of a network: gelu(x @ w + b), and gelu(x @ w).
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "contenders/contender.h"
#include "contenders/product_libraries.h"
#include "harness.h"
#include "onepass_modes.h"
#include "product_reference.h"

namespace op = onepass;

namespace {

double gelu(double v) {
  return 0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
}

class Layer {
 public:
  explicit Layer(const bench::ProductSize& size)
      : size_(size),
        x_(op::random_normal({size.m, size.k}, {.seed = 1})),
        w_(op::random_normal({size.k, size.n}, {.seed = 2})),
        b_(op::random_normal({size.n}, {.seed = 3})) {}

  void add_with_bias() { add("layer", op::gelu(op::matmul(x_, w_) + b_), true); }
  void add_without_bias() { add("layer without bias", op::gelu(op::matmul(x_, w_)), false); }

 private:
  template <class E>
  void add(const std::string& kind, const E& expression, bool has_bias) {
    std::vector<double> expected = bench::product_reference(x_, w_, size_);
    const std::vector<double> bias = b_.to_vector<double>();
    for (size_t i = 0; i < expected.size(); ++i) {
      expected[i] = gelu(expected[i] + (has_bias ? bias[i % bias.size()] : 0.0));
    }
    const double tolerance = bench::product_tolerance(size_);
    const bench::Work work{kind + "/" + std::to_string(size_.m) + "x" + std::to_string(size_.k) +
                               "->" + std::to_string(size_.n),
                           bench::product_bytes(size_), op::explain(expression).flops()};
    bench::add_modes(work, expression, expected, tolerance);
    const int threads = static_cast<int>(std::thread::hardware_concurrency());
    for (const bench::Contender* contender : bench::contenders()) {
      if (contender->layer == nullptr || work.flops > contender->most_flops) continue;
      const op::Tensor y = op::empty({size_.m, size_.n});
      const auto run = [=, x = x_, w = w_, b = b_, size = size_] {
        contender->layer(x.data<float>(), w.data<float>(), has_bias ? b.data<float>() : nullptr,
                         y.data<float>(), size, threads);
      };
      run();
      bench::require_close(work.name + "/" + contender->name, bench::elements(y), expected,
                           tolerance);
      bench::add(work, contender->name, run);
    }
  }

  bench::ProductSize size_;
  op::Tensor x_, w_, b_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::add_product_libraries();
  for (const int64_t rows : {1, 32, 128, 512}) {
    Layer({.m = rows, .n = 3072, .k = 768}).add_with_bias();
  }
  Layer({.m = 128, .n = 256, .k = 512}).add_without_bias();
  return bench::run(argc, argv);
}
