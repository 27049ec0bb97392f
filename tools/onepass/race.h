// SPDX-License-Identifier: Apache-2.0
// Modes of one expression against each other: first whether they agree, then how long each takes.
#pragma once

#include <cstdint>
#include <vector>

#include "onepass/engine/onepass.h"

namespace onepass::tool {

struct RaceOptions {
  std::vector<Mode> modes;
  EvaluateOptions evaluation;  // its mode is replaced by each of `modes`
  double seconds = 0.5;        // of measuring for each mode, at least
};

struct RaceResult {
  Mode mode = Mode::fused;
  int samples = 0;
  double median_ns = 0, min_ns = 0;
  double spread = 0;  // distance of the quartiles, as a share of the median
  int64_t bytes = 0;  // moved by one evaluation
  double flops = 0;
  int64_t compile_ns = 0;
  int kernels = 0;          // compiled ones and library calls: none in interpreted mode
  double max_abs_diff = 0;  // from the first mode

  double bytes_per_second() const { return static_cast<double>(bytes) / median_ns * 1e9; }
  double flops_per_second() const { return flops / median_ns * 1e9; }
};

/// One result per mode. InternalError if the modes do not agree: a wrong answer is not timed.
std::vector<RaceResult> race(const Value& value, const RaceOptions& options);

}  // namespace onepass::tool
