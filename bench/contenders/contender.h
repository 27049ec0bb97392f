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
  const char* name;
  bool computes;  // false: only moves the same bytes, as a floor for the time
  void (*gelu)(const float* x, float* y, int64_t n);
  void (*relu_fma)(const float* a, const float* b, const float* c, float* y, int64_t n);
  void (*product)(const float* a, const float* b, float* c, ProductSize size);
  void (*layer)(const float* x, const float* w, const float* b, float* y, ProductSize size);
  int64_t largest_product;  // extent beyond which it would take too long to wait for
};

std::span<const Contender* const> contenders();

}  // namespace bench
