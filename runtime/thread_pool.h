// SPDX-License-Identifier: Apache-2.0
// The thread pool, the thread settings, and the guarantees around them: safe to re-enter, safe
// after fork, default rounding and subnormal handling on every thread that computes.
#pragma once

#include <cstdint>
#include <limits>

namespace onepass {

/// Sets how many threads later evaluations may use, for the whole process. 0: as many as this
/// process may run on (affinity mask and cgroup limit). UserError if negative or above 1024.
void set_threads(int count);

/// The number of threads that an evaluation on the calling thread may use.
int threads();

/// Within its lifetime, evaluations started on this thread use at most `count` threads. Nests.
class ThreadScope {
 public:
  explicit ThreadScope(int count);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int previous_;
};

namespace runtime {

/// Processors this process may use: the affinity mask, cut by the cgroup's CPU quota (rounded up).
int available_processors();

/// A task body: plain function and context, so that no closure is allocated on the launch path.
using Task = void (*)(void* context, int64_t index);

/// Calls task(context, i) for i in [0, count), concurrently if the pool is free; on the caller
/// alone if the pool is busy, the caller is itself inside a task, or the process was forked.
/// Returns after the last. `nanoseconds`: what all tasks together are worth on one thread, which
/// decides whether sleeping threads are woken for them. MXCSR is the default in every task and
/// restored afterwards. Tasks must not throw.
void parallel_tasks(int64_t count, Task task, void* context,
                    double nanoseconds = std::numeric_limits<double>::infinity());

}  // namespace runtime
}  // namespace onepass
