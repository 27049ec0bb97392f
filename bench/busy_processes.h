// SPDX-License-Identifier: Apache-2.0
// Other people's work on this machine: processes that never sleep, one on each of some processors.
#pragma once

#include <sys/types.h>

#include <vector>

namespace bench {

class BusyProcesses {
 public:
  /// On the last `count` of the processors that this process may use.
  explicit BusyProcesses(int count);
  ~BusyProcesses();
  BusyProcesses(const BusyProcesses&) = delete;
  BusyProcesses& operator=(const BusyProcesses&) = delete;

 private:
  std::vector<pid_t> processes_;
};

}  // namespace bench
