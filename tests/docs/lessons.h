// SPDX-License-Identifier: Apache-2.0
// The code that docs/acceleration.md shows, as functions that a test runs.
#pragma once

#include <onepass/onepass.h>

#include <cstdint>

namespace onepass::docs {

/// The GELU of the documents, written as an array programmer writes it.
inline auto gelu_of(const Tensor& x) {
  return 0.5f * x * (1.0f + tanh(0.7978845608f * (x + 0.044715f * pow(x, 3))));
}

void naive_matmul(const float* a, const float* b, float* c, int64_t n);

}  // namespace onepass::docs
