// SPDX-License-Identifier: Apache-2.0
// The results of a race as a table and as JSON.
#pragma once

#include <ostream>
#include <span>
#include <string>

#include "onepass/engine/roofline.h"
#include "race.h"

namespace onepass::tool {

/// What the machine can do at best, at the number of threads of the race.
struct Roof {
  double flops = 0, bandwidth = 0;  // per second

  /// The share of it that a result reaches, at the intensity of its work.
  double share(const RaceResult& result) const;
};
Roof roof_for(const MachinePeaks& peaks, int threads);

void print_table(std::ostream& stream, std::span<const RaceResult> results, const Roof& roof);

/// A list of objects with the keys mode median_ns min_ns bytes flops compile_ns kernels
/// max_abs_diff: those of RaceResult. In interpreted mode bytes are what its steps move, one op
/// after the other, and compile_ns and kernels are 0.
std::string to_json(std::span<const RaceResult> results);

}  // namespace onepass::tool
