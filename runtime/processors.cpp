// SPDX-License-Identifier: Apache-2.0
// Counts processors: sched_getaffinity and the files of cgroup versions 1 and 2.
#include "onepass/runtime/processors.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace onepass::runtime {
namespace {

constexpr int max_processors = 1 << 16;

/// The mask may be longer than the 1024 processors of cpu_set_t; the kernel says so by refusing a
/// short one.
int affinity_processors() {
  for (int size = CPU_SETSIZE; size <= max_processors; size *= 2) {
    cpu_set_t* const set = CPU_ALLOC(static_cast<size_t>(size));
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(static_cast<size_t>(size));
    const bool known = sched_getaffinity(0, bytes, set) == 0;
    const int count = known ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (known) return std::max(count, 1);
  }
  return 1;
}

/// Quota and period in microseconds as processors; 0 if there is no quota.
int quota_processors(double quota, double period) {
  if (quota <= 0 || period <= 0) return 0;
  const double ratio = std::min(quota / period, double{max_processors});
  const int whole = static_cast<int>(ratio);
  return std::max(whole < ratio ? whole + 1 : whole, 1);
}

/// "max 100000" or "150000 100000".
int version_2_quota(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  double quota = 0;
  double period = 0;
  return file >> quota >> period ? quota_processors(quota, period) : 0;
}

int version_1_quota(const std::string& folder) {
  std::ifstream quota_file(folder + "/cpu.cfs_quota_us");
  std::ifstream period_file(folder + "/cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  return quota_file >> quota && period_file >> period ? quota_processors(quota, period) : 0;
}

/// The tightest quota of `path` under `root` and of every folder above it.
int tightest(const std::string& root, std::string path, int (*read)(const std::string&)) {
  int result = 0;
  for (;;) {
    while (path.ends_with('/')) path.pop_back();
    const int found = read(root + path);
    if (found > 0) result = result == 0 ? found : std::min(result, found);
    if (path.empty()) return result;
    path.erase(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
}

bool lists_cpu(std::string_view controllers) {
  while (!controllers.empty()) {
    const size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "cpu") return true;
    controllers = comma == std::string_view::npos ? "" : controllers.substr(comma + 1);
  }
  return false;
}

}  // namespace

int cgroup_processors(const std::string& cgroup_root, const std::string& membership) {
  int result = 0;
  const auto tighten = [&](int found) {
    if (found > 0) result = result == 0 ? found : std::min(result, found);
  };
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {
    // "hierarchy:controllers:path"; version 2 is hierarchy 0 without controllers.
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) tighten(tightest(cgroup_root, path, version_2_quota));
    if (!lists_cpu(controllers)) continue;
    for (const std::string& mount : {controllers, std::string("cpu")}) {
      tighten(tightest(cgroup_root + "/" + mount, path, version_1_quota));
    }
  }
  return result;
}

int count_processors() {
  std::ifstream file("/proc/self/cgroup");
  const std::string membership{std::istreambuf_iterator<char>(file), {}};
  const int allowed = affinity_processors();
  const int quota = cgroup_processors("/sys/fs/cgroup", membership);
  return quota == 0 ? allowed : std::min(allowed, quota);
}

}  // namespace onepass::runtime
