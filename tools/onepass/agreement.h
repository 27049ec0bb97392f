// SPDX-License-Identifier: Apache-2.0
// Whether two results are the same: equal bits where not NaN, and NaN where NaN.
#pragma once

#include <cstdint>

#include "onepass/engine/tensor.h"

namespace onepass::tool {

struct Agreement {
  int64_t differing = 0;    // elements that are not the same
  int64_t first = -1;       // the first of them, in row-major order
  double max_abs_diff = 0;  // over elements that are numbers in both
};

/// Compares two tensors of one shape and dtype.
Agreement compare(const Tensor& a, const Tensor& b);

}  // namespace onepass::tool
