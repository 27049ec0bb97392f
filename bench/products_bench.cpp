// SPDX-License-Identifier: Apache-2.0
// Square matrix products: by the library, generated, by chosen tiles, and by the contenders.
#include <onepass/acceleration.h>

#include <string>
#include <vector>

#include "contenders/contender.h"
#include "harness.h"
#include "product_reference.h"

namespace op = onepass;

namespace {

class SquareProduct {
 public:
  explicit SquareProduct(int64_t n)
      : size_{n, n, n},
        a_(op::random_normal({n, n}, {.seed = 1})),
        b_(op::random_normal({n, n}, {.seed = 2})),
        expected_(bench::product_reference(a_, b_, size_)),
        work_{"product/" + std::to_string(n), bench::product_bytes(size_),
              bench::product_flops(size_)} {}

  void add_provider(const std::string& name, op::Provider provider) {
    const op::EvaluateOptions options{.provider = provider};
    const auto expression = op::matmul(a_, b_);
    const op::Tensor c = op::evaluate(expression, options);
    check(name, c);
    bench::add(work_, name, [=] { op::evaluate_into(c, expression, options); });
  }

  void add_tiled(int64_t tile) {
    const std::string name = "tiled_matmul " + std::to_string(tile);
    check(name, op::acceleration::tiled_matmul(a_, b_, tile));
    bench::add(work_, name, [a = a_, b = b_, tile] { op::acceleration::tiled_matmul(a, b, tile); });
  }

  void add_contender(const bench::Contender& contender) {
    if (contender.product == nullptr || size_.n > contender.largest_product) return;
    const op::Tensor c = op::empty({size_.m, size_.n});
    const auto run = [a = a_, b = b_, c, size = size_, product = contender.product] {
      product(a.data<float>(), b.data<float>(), c.data<float>(), size);
    };
    run();
    check(contender.name, c);
    bench::add(work_, contender.name, run);
  }

 private:
  void check(const std::string& name, const op::Tensor& result) const {
    bench::require_close(work_.name + "/" + name, bench::elements(result), expected_,
                         bench::product_tolerance(size_));
  }

  bench::ProductSize size_;
  op::Tensor a_, b_;
  std::vector<double> expected_;
  bench::Work work_;
};

}  // namespace

int main(int argc, char** argv) {
  for (const int64_t n : {16, 64, 128, 256, 512, 1024}) {
    SquareProduct product(n);
    product.add_provider("onepass openblas", op::Provider::openblas);
    product.add_provider("onepass generated", op::Provider::generated);
    for (const int64_t tile : {16, 64, 256}) {
      if (tile <= n) product.add_tiled(tile);
    }
    for (const bench::Contender* contender : bench::contenders()) product.add_contender(*contender);
  }
  return bench::run(argc, argv);
}
