// SPDX-License-Identifier: Apache-2.0
// Random valid graphs with inputs to run them on.
#pragma once

#include "random_case.h"

namespace onepass::ir {

struct RandomGraphOptions {
  int operations = 16;
  int inputs = 3;
  bool products = true;
  bool halves = true;
  bool algebra = false;  // also what the passes of Accuracy::fast look for
  /// Every second operation is a reduction or made around one; extents from 2 to thousands.
  bool reductions = false;
};

/// The same seed gives the same case. Covers every op, dtype, layout, and extents of 0 and 1.
RandomCase make_random_case(uint64_t seed, const RandomGraphOptions& options = {});

}  // namespace onepass::ir
