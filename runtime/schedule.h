// SPDX-License-Identifier: Apache-2.0
// How a parallel loop is cut into tasks: the cost model of a launch.
#pragma once

#include <cstdint>
#include <limits>

#include "onepass/runtime/buffer.h"

namespace onepass::runtime {

/// What a task must be worth, in nanoseconds of one thread. A fork-join costs 0.2 us while the
/// workers spin (measured on 2 cores); whether it is worth waking one that sleeps, the team of
/// workers decides.
inline constexpr double minimum_task_nanoseconds = 4000;

/// A loop over [0, extent) in `tasks` ranges of whole chunks.
struct Cut {
  int64_t extent = 0;
  int64_t chunk = 1;
  int64_t chunks = 0;
  int64_t tasks = 1;
  double nanoseconds = 0;  // of one thread, all tasks together

  /// Where range `task` begins; begin(tasks) is the extent.
  int64_t begin(int64_t task) const {
    if (task == tasks) return extent;
    const int64_t whole = chunks / tasks;
    const int64_t longer = chunks % tasks;  // the first ranges have one chunk more
    return (task * whole + (task < longer ? task : longer)) * chunk;
  }
};

/// Cuts for the threads that the caller may use; fewer tasks where the loop is worth less than that
/// many.
Cut cut_loop(int64_t extent, int64_t chunk, double nanoseconds);

/// A loop and another one across it, for tasks that each have a range of both.
struct Grid {
  Cut along, across;
  int64_t tasks() const { return along.tasks * across.tasks; }
};

/// The same for two loops. The second is cut, in ranges of at least a chunk, where that leaves the
/// tasks clearly less to read or to do.
Grid cut_grid(int64_t extent, int64_t chunk, int64_t across, int64_t across_chunk,
              double nanoseconds);

/// `bytes` in whole cache lines, so that tasks do not share one.
constexpr int64_t aligned_bytes(int64_t bytes) {
  constexpr auto line = static_cast<int64_t>(buffer_alignment);
  return bytes > std::numeric_limits<int64_t>::max() - line ? std::numeric_limits<int64_t>::max()
                                                            : (bytes + line - 1) / line * line;
}

constexpr int64_t saturating_add(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<int64_t>::max() : sum;
}

/// Of numbers that are not negative.
constexpr int64_t saturating_multiply(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<int64_t>::max() : product;
}

}  // namespace onepass::runtime
