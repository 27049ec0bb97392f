// SPDX-License-Identifier: Apache-2.0
// Children that spin until they are killed, at the latest when their parent ends.
#include "busy_processes.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {
namespace {

std::vector<int> allowed_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<int> processors;
  for (int i = CPU_SETSIZE - 1; i >= 0; --i) {
    if (CPU_ISSET(i, &allowed)) processors.push_back(i);
  }
  return processors;
}

[[noreturn]] void spin_on(int processor) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  sched_setaffinity(0, sizeof one, &one);
  for (unsigned turns = 0;; ++turns) {
    asm volatile("" : : "r"(turns));
  }
}

}  // namespace

BusyProcesses::BusyProcesses(int count) {
  for (const int processor : allowed_processors()) {
    if (static_cast<int>(processes_.size()) == count) break;
    const pid_t child = fork();
    if (child == 0) spin_on(processor);
    if (child > 0) processes_.push_back(child);
  }
}

BusyProcesses::~BusyProcesses() {
  for (const pid_t process : processes_) {
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  }
}

}  // namespace bench
