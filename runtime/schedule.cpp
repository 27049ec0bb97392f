// SPDX-License-Identifier: Apache-2.0
// The number of tasks of a loop.
#include "onepass/runtime/schedule.h"

#include <algorithm>

#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {

namespace {

/// How many tasks a loop is worth.
int64_t worthy_tasks(double nanoseconds) {
  // Below two tasks' worth the cut cannot pay.
  const double worth = nanoseconds / minimum_task_nanoseconds;
  if (worth < 2) return 1;
  const int64_t limit = threads();
  return worth < static_cast<double>(limit) ? static_cast<int64_t>(worth) : limit;
}

int64_t divided_up(int64_t a, int64_t b) { return a / b + (a % b != 0 ? 1 : 0); }

int64_t longest_range(const Cut& cut) {
  return std::max(cut.begin(1), cut.extent - cut.begin(cut.tasks - 1));
}

/// What the largest task of a grid takes: its elements, and the lines that it reads for them.
double largest_task(const Grid& grid) {
  constexpr double elements_per_line = 40;
  const auto along = static_cast<double>(longest_range(grid.along));
  const auto across = static_cast<double>(longest_range(grid.across));
  return along * across + elements_per_line * (along + across);
}

}  // namespace

Cut cut_loop(int64_t extent, int64_t chunk, double nanoseconds) {
  Cut cut{extent, chunk, divided_up(extent, chunk), 1, nanoseconds};
  if (cut.chunks > 1) cut.tasks = std::min(worthy_tasks(nanoseconds), cut.chunks);
  return cut;
}

Grid cut_grid(int64_t extent, int64_t chunk, int64_t across, int64_t across_chunk,
              double nanoseconds) {
  // The cut across must leave less than this much of what would be without it.
  constexpr double worth_it = 0.875;
  // The last range has the rest, so that none is shorter than a chunk.
  const Cut uncut{across, across_chunk, std::max<int64_t>(across / across_chunk, 1), 1,
                  nanoseconds};
  Grid best{cut_loop(extent, chunk, nanoseconds), uncut};
  const int64_t tasks = worthy_tasks(nanoseconds);
  double least = worth_it * largest_task(best);
  for (int64_t ranges = 2; ranges <= std::min(tasks, uncut.chunks); ++ranges) {
    Grid grid = best;
    grid.across.tasks = ranges;
    grid.along.tasks =
        std::clamp<int64_t>(tasks / ranges, 1, std::max<int64_t>(grid.along.chunks, 1));
    const double largest = largest_task(grid);
    if (largest >= least) continue;
    least = largest;
    best = grid;
  }
  return best;
}

}  // namespace onepass::runtime
