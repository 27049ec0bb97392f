// SPDX-License-Identifier: Apache-2.0
// One sentence per bound.
#include "onepass/engine/verdict.h"

#include <fmt/format.h>

#include <algorithm>

namespace onepass {

std::string verdict_on(const MeasuredShares& shares) {
  constexpr double nearly_all = 0.85, too_little = 0.05, percent = 100;
  if (std::max(shares.bandwidth, shares.arithmetic) < too_little) {
    return "latency-bound: too little work at a time for this machine: evaluate more at once";
  }
  if (shares.bandwidth >= shares.arithmetic) {
    const std::string text =
        fmt::format("memory-bound: {:.0f} % of bandwidth", shares.bandwidth * percent);
    if (shares.bandwidth > 1) return text + ": the caches hold the data";
    if (shares.megabytes_between_kernels > 0) {
      return text + fmt::format(": {:.3f} MB move between kernels, see edges",
                                shares.megabytes_between_kernels);
    }
    return text + (shares.bandwidth >= nearly_all ? ", nothing left" : "");
  }
  const std::string text = fmt::format("compute-bound{}: {:.0f} % of peak",
                                       shares.heaviest.empty() ? "" : " on " + shares.heaviest,
                                       shares.arithmetic * percent);
  const bool may_be_faster = shares.accuracy == Accuracy::strict && !shares.heaviest.empty();
  return text + (may_be_faster ? ": try Accuracy::fast" : "");
}

}  // namespace onepass
