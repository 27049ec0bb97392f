// SPDX-License-Identifier: Apache-2.0
// The thread settings, and which threads run the tasks. Owns the thread pool service.
#include "onepass/runtime/thread_pool.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>

#include "onepass/runtime/error.h"
#include "onepass/runtime/processors.h"
#include "onepass/runtime/settings.h"
#include "onepass/runtime/worker_team.h"

namespace onepass {
namespace {

constexpr int max_threads = runtime::WorkerTeam::most_participants;

thread_local int scope_threads = 0;  // 0: no ThreadScope

void check_count(const char* what, int64_t count) {
  if (count < 0 || count > max_threads) {
    throw UserError(
        fmt::format("{}: {} threads; the number must be between 0 (as many as this process may "
                    "run on) and {}.",
                    what, count, max_threads));
  }
}

int processors_if_zero(int64_t count) {
  return count == 0 ? runtime::available_processors() : static_cast<int>(count);
}

int threads_of_environment() {
  const int64_t count = runtime::settings().threads;
  check_count("ONEPASS_THREADS", count);
  return processors_if_zero(count);
}

/// The team and how many of it to use. Its threads do not survive a fork, hence `forked`.
class ThreadPool {
 public:
  ThreadPool() : setting_(threads_of_environment()) {
    pthread_atfork(nullptr, nullptr, [] { service().forked_.store(true); });
  }

  static ThreadPool& service() {
    static ThreadPool* const pool = new ThreadPool;
    return *pool;
  }

  int setting() const { return setting_.load(std::memory_order_relaxed); }
  void set(int count) { setting_.store(count, std::memory_order_relaxed); }
  bool forked() const { return forked_.load(std::memory_order_relaxed); }
  runtime::WorkerTeam& team() { return team_; }

 private:
  std::atomic<int> setting_;
  std::atomic<bool> forked_ = false;
  runtime::WorkerTeam team_;
};

}  // namespace

void set_threads(int count) {
  check_count("set_threads", count);
  ThreadPool::service().set(processors_if_zero(count));
}

int threads() {
  const ThreadPool& pool = ThreadPool::service();
  if (runtime::inside_task() || pool.forked()) return 1;
  return scope_threads != 0 ? scope_threads : pool.setting();
}

ThreadScope::ThreadScope(int count) : previous_(scope_threads) {
  check_count("ThreadScope", count);
  scope_threads = processors_if_zero(count);
}

ThreadScope::~ThreadScope() { scope_threads = previous_; }

namespace runtime {

int available_processors() {
  static const int count = count_processors();
  return count;
}

void parallel_tasks(int64_t count, Task task, void* context, double nanoseconds) {
  if (count <= 0) return;
  const Region region{count, task, context, nanoseconds};
  const int width = static_cast<int>(std::min<int64_t>(count, threads()));
  if (width > 1 && ThreadPool::service().team().run(region, width)) return;
  run_alone(region);
}

}  // namespace runtime
}  // namespace onepass
