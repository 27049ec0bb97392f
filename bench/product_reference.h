// SPDX-License-Identifier: Apache-2.0
// Matrix products in double: what the gates of products and layers compare with.
#pragma once

#include <onepass/onepass.h>

#include <vector>

#include "contenders/contender.h"

namespace bench {

inline std::vector<double> product_reference(const onepass::Tensor& a, const onepass::Tensor& b,
                                             const ProductSize& size) {
  const std::vector<double> x = a.to_vector<double>(), y = b.to_vector<double>();
  std::vector<double> result(static_cast<size_t>(size.m * size.n));
  for (int64_t i = 0; i < size.m; ++i) {
    for (int64_t k = 0; k < size.k; ++k) {
      const double scale = x[static_cast<size_t>(i * size.k + k)];
      for (int64_t j = 0; j < size.n; ++j) {
        result[static_cast<size_t>(i * size.n + j)] +=
            scale * y[static_cast<size_t>(k * size.n + j)];
      }
    }
  }
  return result;
}

/// Bytes of the three matrices, each moved once.
inline int64_t product_bytes(const ProductSize& size) {
  return (size.m * size.k + size.k * size.n + size.m * size.n) *
         static_cast<int64_t>(sizeof(float));
}

inline double product_flops(const ProductSize& size) {
  return 2.0 * static_cast<double>(size.m) * static_cast<double>(size.n) *
         static_cast<double>(size.k);
}

/// f32 products of normally distributed numbers: the error grows with the length of the sum.
inline double product_tolerance(const ProductSize& size) {
  constexpr double per_term = 2e-7;
  return per_term * static_cast<double>(size.k);
}

}  // namespace bench
