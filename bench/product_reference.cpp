// SPDX-License-Identifier: Apache-2.0
// Products in double, and the numbers that go with a size.
#include "product_reference.h"

#include <algorithm>

#include "contenders/thread_team.h"

namespace bench {
namespace {

constexpr int64_t rows_at_once = 8;

void reference_rows(const std::vector<double>& x, const std::vector<double>& y,
                    const ProductSize& size, int64_t begin, int64_t end, double* result) {
  for (int64_t k = 0; k < size.k; ++k) {
    const double* row = &y[static_cast<size_t>(k * size.n)];
    for (int64_t i = begin; i < end; ++i) {
      const double scale = x[static_cast<size_t>(i * size.k + k)];
      double* sums = result + i * size.n;
      for (int64_t j = 0; j < size.n; ++j) sums[j] += scale * row[j];
    }
  }
}

}  // namespace

std::vector<double> product_reference(const onepass::Tensor& a, const onepass::Tensor& b,
                                      const ProductSize& size) {
  const std::vector<double> x = a.to_vector<double>(), y = b.to_vector<double>();
  std::vector<double> result(static_cast<size_t>(size.m * size.n));
  run_on_all_threads([&](int part, int parts) {
    for (int64_t i = part * rows_at_once; i < size.m; i += parts * rows_at_once) {
      reference_rows(x, y, size, i, std::min(size.m, i + rows_at_once), result.data());
    }
  });
  return result;
}

std::string text_of(const ProductSize& size) {
  return std::to_string(size.m) + "x" + std::to_string(size.n) + "x" + std::to_string(size.k);
}

int64_t product_bytes(const ProductSize& size) {
  return (size.m * size.k + size.k * size.n + size.m * size.n) *
         static_cast<int64_t>(sizeof(float));
}

double product_flops(const ProductSize& size) {
  return 2.0 * static_cast<double>(size.m) * static_cast<double>(size.n) *
         static_cast<double>(size.k);
}

double product_tolerance(const ProductSize& size) {
  constexpr double per_term = 2e-7;
  return per_term * static_cast<double>(size.k);
}

}  // namespace bench
