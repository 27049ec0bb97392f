// SPDX-License-Identifier: Apache-2.0
// Random tensors. Element i depends on the seed, the distribution and i alone: the same bits on
// every machine and for every number of threads, and a longer tensor begins like a shorter one.
#pragma once

#include <cstdint>

#include "onepass/engine/tensor.h"

namespace onepass {

struct UniformOptions {
  double low = 0;   // included
  double high = 1;  // not included
  uint64_t seed = 0;
  DType dtype = f32;  // or f64
};
/// Uniformly distributed in [low, high), on 2^24 (f32) or 2^53 (f64) equally spaced places.
Tensor random_uniform(const Shape& shape, const UniformOptions& options = {});

struct NormalOptions {
  double mean = 0;
  double stddev = 1;
  uint64_t seed = 0;
  DType dtype = f32;  // or f64
};
/// Normally distributed: mean + stddev * (the normal quantile of a uniform variable), computed in
/// double. For one seed the f32 elements are the f64 ones, rounded.
Tensor random_normal(const Shape& shape, const NormalOptions& options = {});

/// The x for which a standard normal variable is below x with probability `p` in (0, 1). Uses + - *
/// / and sqrt only, so that its bits depend on no library; relative error below 1e-15.
double normal_quantile(double p);

}  // namespace onepass
