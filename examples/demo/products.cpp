// SPDX-License-Identifier: Apache-2.0
#include "demo/products.h"

#include <onepass/acceleration.h>
#include <onepass/onepass.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>

#include "demo/race.h"
#include "digits/agreement.h"

namespace op = onepass;

namespace {

constexpr std::array<int64_t, 4> sizes = {128, 256, 512, 1024};
constexpr std::array<int64_t, 5> tiles = {16, 32, 64, 128, 256};

/// What everybody writes first.
void multiply_naively(const float* a, const float* b, float* c, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      float sum = 0;
      for (int64_t k = 0; k < n; ++k) sum += a[i * n + k] * b[k * n + j];
      c[i * n + j] = sum;
    }
  }
}

/// With elements in [0, 1) nothing cancels: any order of summation is within n half units of the
/// exact result.
bool close(const op::Tensor& x, const op::Tensor& y, int64_t n) {
  const std::vector<float> left = x.to_vector<float>(), right = y.to_vector<float>();
  const double bound = static_cast<double>(n + 1) * std::numeric_limits<float>::epsilon();
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](double l, double r) {
    return std::abs(l - r) <= bound * std::max(std::abs(l), std::abs(r));
  });
}

struct Contender {
  std::string name;
  std::function<void()> run;
};

/// All ways to multiply a and b, each checked against the naive one.
std::vector<Contender> checked_contenders(const op::Tensor& a, const op::Tensor& b,
                                          const op::Tensor& c) {
  const int64_t n = a.shape()[0];
  std::vector<Contender> contenders;
  contenders.push_back(
      {"naive", [=] { multiply_naively(a.data<float>(), b.data<float>(), c.data<float>(), n); }});
  contenders.front().run();
  contenders.push_back({"vectorized", [=] { op::acceleration::vectorized_matmul(a, b); }});
  require(close(c, op::acceleration::vectorized_matmul(a, b), n), "vectorized_matmul");
  const op::Tensor first = op::acceleration::tiled_matmul(a, b, tiles.front());
  require(close(c, first, n), "tiled_matmul");
  for (const int64_t tile : tiles) {
    contenders.push_back(
        {"tiled " + std::to_string(tile), [=] { op::acceleration::tiled_matmul(a, b, tile); }});
    require(same_bits(first, op::acceleration::tiled_matmul(a, b, tile)),
            "tiled_matmul, tile " + std::to_string(tile));
  }
  return contenders;
}

std::vector<Timing> race(const std::vector<Contender>& contenders) {
  std::vector<std::function<void()>> runs;
  for (const Contender& contender : contenders) runs.push_back(contender.run);
  return ::race(runs);
}

}  // namespace

std::vector<ChartPoint> race_products(const op::MachinePeaks& peaks) {
  std::printf(
      "\nsquare products, GFLOP/s (tile sizes agree bit for bit, all agree within rounding)\n");
  std::printf("  %5s %10s %12s", "N", "naive", "vectorized");
  for (const int64_t tile : tiles) std::printf("  tiled %-4lld", static_cast<long long>(tile));
  std::printf("  best of peak\n");
  std::vector<ChartPoint> points;
  for (const int64_t n : sizes) {
    const op::Tensor a = op::random_uniform({n, n}, {.seed = 1});
    const op::Tensor b = op::random_uniform({n, n}, {.seed = 2});
    const std::vector<Contender> contenders = checked_contenders(a, b, op::empty({n, n}));
    const std::vector<Timing> timings = race(contenders);
    const double side = static_cast<double>(n);
    const double flops = 2 * side * side * side, bytes = 3 * side * side * sizeof(float);
    std::printf("  %5lld", static_cast<long long>(n));
    double best = 0;
    for (size_t i = 0; i < contenders.size(); ++i) {
      const double rate = flops / timings[i].median;
      best = std::max(best, rate);
      std::printf(" %11.1f", rate / 1e9);
      if (n == sizes.back() && (i < 2 || contenders[i].name == "tiled 64")) {
        points.push_back(
            {contenders[i].name + " product, N = " + std::to_string(n), flops / bytes, rate});
      }
    }
    std::printf(" %11.1f %%\n", 100 * best / peaks.flops_all_threads);
  }
  return points;
}
