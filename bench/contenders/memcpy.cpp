// SPDX-License-Identifier: Apache-2.0
// Not a computation: the time that moving the bytes takes at least, with the C library's copy on
// one thread.
#include <cstring>

#include "contenders/contender.h"

namespace bench {
namespace {

void copy(const float* x, float* y, int64_t n) {
  std::memcpy(y, x, static_cast<size_t>(n) * sizeof(float));
}

}  // namespace

extern const Contender memcpy_contender;
const Contender memcpy_contender = {.name = "memcpy",
                                    .computes = false,
                                    .gelu = copy,
                                    .relu_fma = nullptr,
                                    .product = nullptr,
                                    .layer = nullptr,
                                    .largest_product = 0};

}  // namespace bench
