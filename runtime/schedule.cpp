// SPDX-License-Identifier: Apache-2.0
// The number of tasks of a loop.
#include "onepass/runtime/schedule.h"

#include <algorithm>

#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {

Cut cut_loop(int64_t extent, int64_t chunk, double nanoseconds) {
  Cut cut{extent, chunk, extent / chunk + (extent % chunk != 0 ? 1 : 0), 1, nanoseconds};
  // Below two tasks' worth the cut cannot pay.
  const double worth = nanoseconds / minimum_task_nanoseconds;
  if (worth < 2 || cut.chunks < 2) return cut;
  const int64_t limit = std::min<int64_t>(threads(), cut.chunks);
  cut.tasks = worth < static_cast<double>(limit) ? static_cast<int64_t>(worth) : limit;
  return cut;
}

}  // namespace onepass::runtime
