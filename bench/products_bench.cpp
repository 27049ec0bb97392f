// SPDX-License-Identifier: Apache-2.0
// Matrix products: onepass and the libraries, on all threads and on one; tiles of a chosen size.
#include <onepass/acceleration.h>

#include <string>
#include <thread>
#include <vector>

#include "contenders/contender.h"
#include "contenders/product_libraries.h"
#include "harness.h"
#include "product_reference.h"

namespace op = onepass;

namespace {

class Product {
 public:
  explicit Product(const bench::ProductSize& size)
      : size_(size),
        a_(op::random_normal({size.m, size.k}, {.seed = 1})),
        b_(op::random_normal({size.k, size.n}, {.seed = 2})),
        expected_(bench::product_reference(a_, b_, size)) {}

  /// Everybody on at most `threads` threads, under a kind of work of its own.
  void race(const std::string& kind, int threads, const op::EvaluateOptions& options) {
    const bench::Work work{kind + "/" + bench::text_of(size_), bench::product_bytes(size_),
                           bench::product_flops(size_)};
    add_onepass(work, options);
    for (const bench::Contender* contender : bench::contenders()) {
      if (contender->product == nullptr || work.flops > contender->most_flops) continue;
      const op::Tensor c = op::empty({size_.m, size_.n});
      const auto run = [a = a_, b = b_, c, size = size_, contender, threads] {
        contender->product(a.data<float>(), b.data<float>(), c.data<float>(), size, threads);
      };
      run();
      check(work, contender->name, c);
      bench::add(work, contender->name, run);
    }
  }

  void add_tiled(int64_t tile) {
    const bench::Work work{"tiled product " + std::to_string(size_.n) + "/" + std::to_string(tile),
                           bench::product_bytes(size_), bench::product_flops(size_)};
    check(work, "onepass", op::acceleration::tiled_matmul(a_, b_, tile));
    bench::add(work, "onepass",
               [a = a_, b = b_, tile] { op::acceleration::tiled_matmul(a, b, tile); });
  }

 private:
  void add_onepass(const bench::Work& work, const op::EvaluateOptions& options) {
    const auto expression = op::matmul(a_, b_);
    const op::Tensor c = op::evaluate(expression, options);
    check(work, "onepass", c);
    bench::add(work, "onepass", [=] { op::evaluate_into(c, expression, options); });
  }

  void check(const bench::Work& work, const std::string& name, const op::Tensor& result) const {
    bench::require_close(work.name + "/" + name, bench::elements(result), expected_,
                         bench::product_tolerance(size_));
  }

  bench::ProductSize size_;
  op::Tensor a_, b_;
  std::vector<double> expected_;
};

// Rows, columns, terms: cubes from tiny to far beyond the caches, few rows, layers, primes.
constexpr bench::ProductSize sizes[] = {
    {4, 4, 4},          {8, 8, 8},          {16, 16, 16},    {32, 32, 32},    {64, 64, 64},
    {100, 100, 100},    {128, 128, 128},    {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024},
    {2048, 2048, 2048}, {1, 1024, 1024},    {1, 4096, 4096}, {128, 256, 512}, {32, 768, 3072},
    {512, 3072, 768},   {1023, 1021, 1019}, {8, 4096, 64},   {1000, 1, 1000}, {31, 4097, 65},
};

}  // namespace

int main(int argc, char** argv) {
  bench::add_product_libraries();
  const int all_threads = static_cast<int>(std::thread::hardware_concurrency());
  for (const bench::ProductSize& size : sizes) {
    Product product(size);
    product.race("product", all_threads, {});
    product.race("product 1 thread", 1, {.threads = 1});
  }
  for (const int64_t n : {256, 512, 1024}) {
    Product product({n, n, n});
    for (int64_t tile = 4; tile <= n; tile *= 2) product.add_tiled(tile);
  }
  return bench::run(argc, argv);
}
