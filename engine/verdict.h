// SPDX-License-Identifier: Apache-2.0
// What a measurement says about an expression, in words.
#pragma once

#include <string>

#include "onepass/engine/options.h"

namespace onepass {

/// A measurement as shares of what the machine can do.
struct MeasuredShares {
  double bandwidth = 0;   // of reading inputs and writing outputs once; above 1 caches helped
  double arithmetic = 0;  // of the peak
  double megabytes_between_kernels = 0;
  std::string heaviest{};  // operation; empty: there is none
  Accuracy accuracy = Accuracy::strict;
};

/// What bounds it, and what could be done.
std::string verdict_on(const MeasuredShares& shares);

}  // namespace onepass
