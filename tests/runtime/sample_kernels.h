// SPDX-License-Identifier: Apache-2.0
// Kernels written by hand, with the interface that a planner would give them.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "onepass/runtime/kernel.h"

namespace onepass::testing {

using runtime::Arguments;
using runtime::IntegerParameter;
using runtime::Kernel;
using runtime::Operand;
using runtime::Phase;

inline IntegerParameter extent(int dimension, int count = 1) {
  return {IntegerParameter::Kind::extent, -1, dimension, count};
}
inline IntegerParameter stride(int operand, int dimension) {
  return {IntegerParameter::Kind::stride, operand, dimension};
}

/// An operand that moves along the array's own dimensions, in order.
inline Operand operand(int array, DType dtype, bool written, std::vector<int> dimensions) {
  Operand result;
  result.array = array;
  result.dtype = dtype;
  result.written = written;
  for (const int d : dimensions) result.axes.push_back({d, 1});
  return result;
}

/// out[i][j] = a[i][j] + scale * b[i][j] over f32, parallel over i in rows of any strides. Symbols
/// 0 and 1 are the extents.
inline Kernel scaled_add_kernel() {
  Kernel kernel;
  kernel.interface.name = "scaled_add";
  kernel.interface.iteration_symbols = {0, 1};
  kernel.interface.operands = {operand(0, f32, false, {0, 1}), operand(1, f32, false, {0, 1}),
                               operand(2, f32, true, {0, 1})};
  kernel.interface.integers = {extent(0),    extent(1),    stride(0, 0), stride(0, 1),
                               stride(1, 0), stride(1, 1), stride(2, 0), stride(2, 1)};
  kernel.interface.scalars = {0};
  Phase phase;
  phase.run = [](const Arguments* arguments, int64_t begin, int64_t end) {
    const int64_t* n = arguments->integers;
    const auto* a = reinterpret_cast<const float*>(arguments->buffers[0]);
    const auto* b = reinterpret_cast<const float*>(arguments->buffers[1]);
    auto* out = reinterpret_cast<float*>(arguments->buffers[2]);
    const float scale = *reinterpret_cast<const float*>(&arguments->scalars[0]);
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < n[1]; ++j) {
        out[i * n[6] + j * n[7]] = a[i * n[2] + j * n[3]] + scale * b[i * n[4] + j * n[5]];
      }
    }
  };
  kernel.interface.phases = {phase};
  return kernel;
}

/// The scalar slot of an f32.
inline uint64_t scalar_slot(float value) {
  uint64_t slot = 0;
  __builtin_memcpy(&slot, &value, sizeof(value));
  return slot;
}

}  // namespace onepass::testing
