// SPDX-License-Identifier: Apache-2.0
// How many processors this process may use.
#pragma once

#include <string>

namespace onepass::runtime {

/// The affinity mask, cut by the CPU quota of the cgroup (version 1 or 2), at least 1. Reads files
/// at each call.
int count_processors();

/// The CPU quota in processors, rounded up, as found under `cgroup_root` for a process whose
/// /proc/self/cgroup reads `membership`; 0 if there is none. The tightest of the process's group
/// and its parents counts.
int cgroup_processors(const std::string& cgroup_root, const std::string& membership);

}  // namespace onepass::runtime
