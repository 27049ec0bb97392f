// SPDX-License-Identifier: Apache-2.0
// The obvious loops, and what the compiler makes of them at -O3 for this processor. One thread.
#include <algorithm>
#include <cmath>

#include "chain_formulas.h"
#include "contenders/contender.h"

namespace bench {
namespace {

float gelu_of(float x) {
  return 0.5f * x * (1.0f + std::tanh(0.79788456f * (x + 0.044715f * x * x * x)));
}

void gelu(const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = gelu_of(x[i]);
}

void relu_fma(const float* a, const float* b, const float* c, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = std::max(a[i] * b[i] + c[i], 0.0f);
}

void tanh_broadcast(const float* a, const float* b, const float* c, float* y, int64_t rows,
                    int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      y[i * columns + j] = std::tanh(a[i] * b[i * columns + j] + c[j]);
    }
  }
}

void add(const float* x, const float* y, float* z, int64_t extent) {
  for (int64_t i = 0; i < extent * extent; ++i) z[i] = x[i] + y[i];
}

void transposed_add(const float* x, const float* y, float* z, int64_t extent) {
  for (int64_t i = 0; i < extent; ++i) {
    for (int64_t j = 0; j < extent; ++j) z[i * extent + j] = x[j * extent + i] + y[i * extent + j];
  }
}

void polynomial_of(const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = polynomial<float>(x[i]);
}

void option_price_of(const float* stock, const float* strike, const float* years, float* y,
                     int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = option_price<float>(stock[i], strike[i], years[i]);
}

void great_circle_of(const float* latitude1, const float* longitude1, const float* latitude2,
                     const float* longitude2, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    y[i] = great_circle<float>(latitude1[i], longitude1[i], latitude2[i], longitude2[i]);
  }
}

void mask(const int32_t* x, const int32_t* y, int32_t* z, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    z[i] = (x[i] & 7) == 3 && y[i] > 0 ? x[i] * 2 + y[i] : x[i] - y[i];
  }
}

void gelu_f64(const double* x, double* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = gelu_chain<double>(x[i]);
}

void gelu_f16(const uint16_t* x, uint16_t* y, int64_t n) {
  const auto* in = reinterpret_cast<const _Float16*>(x);
  auto* out = reinterpret_cast<_Float16*>(y);
  for (int64_t i = 0; i < n; ++i) {
    out[i] = static_cast<_Float16>(gelu_chain<float>(static_cast<float>(in[i])));
  }
}

void product(const float* a, const float* b, float* c, ProductSize size, int) {
  std::fill_n(c, size.m * size.n, 0.0f);
  for (int64_t i = 0; i < size.m; ++i) {
    for (int64_t k = 0; k < size.k; ++k) {
      const float scale = a[i * size.k + k];
      for (int64_t j = 0; j < size.n; ++j) c[i * size.n + j] += scale * b[k * size.n + j];
    }
  }
}

void layer(const float* x, const float* w, const float* b, float* y, ProductSize size,
           int threads) {
  product(x, w, y, size, threads);
  for (int64_t i = 0; i < size.m; ++i) {
    for (int64_t j = 0; j < size.n; ++j) {
      float& element = y[i * size.n + j];
      element = gelu_of(b == nullptr ? element : element + b[j]);
    }
  }
}

}  // namespace

extern const Contender plain_loop_contender;
const Contender plain_loop_contender = {.name = "plain loop",
                                        .gelu = gelu,
                                        .relu_fma = relu_fma,
                                        .tanh_broadcast = tanh_broadcast,
                                        .add = add,
                                        .transposed_add = transposed_add,
                                        .polynomial = polynomial_of,
                                        .option_price = option_price_of,
                                        .great_circle = great_circle_of,
                                        .mask = mask,
                                        .gelu_f64 = gelu_f64,
                                        .gelu_f16 = gelu_f16,
                                        .product = product,
                                        .layer = layer,
                                        .most_flops = 3e8};

}  // namespace bench
