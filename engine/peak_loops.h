// SPDX-License-Identifier: Apache-2.0
// The loops behind the measured peaks, written with intrinsics so that what is measured does not
// depend on the compiler.
#pragma once

#include <cstdint>

namespace onepass {

/// A loop of fused multiply-adds in registers. Returns a value that depends on all of them.
struct FlopsLoop {
  float (*run)(int64_t iterations);
  double flops_per_iteration;
};

/// The widest one that this CPU runs; it must have at least AVX2 and FMA.
FlopsLoop flops_loop();

/// target = source, with stores that bypass the caches. Pointers are aligned to 32 bytes, count a
/// multiple of 8.
void stream_copy(float* target, const float* source, int64_t count);

/// target = lhs + factor * rhs, likewise.
void stream_triad(float* target, const float* lhs, const float* rhs, float factor, int64_t count);

}  // namespace onepass
