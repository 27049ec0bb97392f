// SPDX-License-Identifier: Apache-2.0
// Who races against onepass. All arrays are dense, row-major f32.
#pragma once

#include <cstdint>
#include <span>

namespace bench {

struct ProductSize {
  int64_t m = 0, n = 0, k = 0;
};

/// A function that is null: the contender does not take part in that workload.
struct Contender {
  const char* name = "";
  const char* version = "";  // what it was built from, empty for parts of this folder
  bool computes = true;      // false: only moves the same bytes, as a floor for the time
  void (*gelu)(const float* x, float* y, int64_t n) = nullptr;
  void (*relu_fma)(const float* a, const float* b, const float* c, float* y, int64_t n) = nullptr;
  /// y = tanh(a[:, None] * b + c) with b of rows x columns, c a row.
  void (*tanh_broadcast)(const float* a, const float* b, const float* c, float* y, int64_t rows,
                         int64_t columns) = nullptr;
  /// z = x + y, and z = transposed x + y, of extent x extent.
  void (*add)(const float* x, const float* y, float* z, int64_t extent) = nullptr;
  void (*transposed_add)(const float* x, const float* y, float* z, int64_t extent) = nullptr;
  /// The chains of chain_formulas.h, and integers under a mask; f16 as its bits.
  void (*polynomial)(const float* x, float* y, int64_t n) = nullptr;
  void (*option_price)(const float* stock, const float* strike, const float* years, float* y,
                       int64_t n) = nullptr;
  void (*great_circle)(const float* latitude1, const float* longitude1, const float* latitude2,
                       const float* longitude2, float* y, int64_t n) = nullptr;
  void (*mask)(const int32_t* x, const int32_t* y, int32_t* z, int64_t n) = nullptr;
  void (*gelu_f64)(const double* x, double* y, int64_t n) = nullptr;
  void (*gelu_f16)(const uint16_t* x, uint16_t* y, int64_t n) = nullptr;
  /// c = a @ b on at most `threads` threads.
  void (*product)(const float* a, const float* b, float* c, ProductSize size,
                  int threads) = nullptr;
  /// y = gelu(x @ w + b); b may be null, for gelu(x @ w).
  void (*layer)(const float* x, const float* w, const float* b, float* y, ProductSize size,
                int threads) = nullptr;
  double most_flops =
      1e12;  // of a product or layer, beyond which it would take too long to wait for
};

std::span<const Contender* const> contenders();
void add_contender(const Contender& contender);

}  // namespace bench
