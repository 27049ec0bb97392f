// SPDX-License-Identifier: Apache-2.0
// Thread settings, and tasks on pthreadpool. Owns the thread pool service.
#include "onepass/runtime/thread_pool.h"

#include <fmt/format.h>
#include <pthread.h>
#include <pthreadpool.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "onepass/runtime/error.h"
#include "onepass/runtime/mxcsr.h"
#include "onepass/runtime/processors.h"
#include "onepass/runtime/settings.h"
#include "onepass/runtime/tsan.h"

namespace onepass {
namespace {

constexpr int max_threads = 1024;

thread_local int scope_threads = 0;  // 0: no ThreadScope
thread_local bool inside_task = false;

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

/// pthreadpool deadlocks when it is entered twice and its threads do not survive a fork, hence
/// `busy` and `forked`.
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

  /// False if the pool cannot be used now; then nothing has run.
  bool run(int64_t count, runtime::Task task, void* context, int width);

 private:
  bool resize(int width);

  std::atomic<int> setting_;
  std::atomic<bool> forked_ = false;
  std::mutex busy_;
  pthreadpool_t pool_ = nullptr;  // guarded by busy_, like the two below
  int size_ = 0;
  int size_setting_ = 0;  // the setting when the pool was made
};

/// Makes the pool wide enough, and no wider than the setting once that has changed: idle workers
/// cost wake-ups.
bool ThreadPool::resize(int width) {
  const int wanted = std::max(width, setting());
  const bool fits = size_ >= width && (size_setting_ == setting() || size_ == wanted);
  if (pool_ != nullptr && fits) return true;
  if (pool_ != nullptr) pthreadpool_destroy(pool_);
  pool_ = pthreadpool_create(static_cast<size_t>(wanted));
  size_ = pool_ == nullptr ? 0 : wanted;
  size_setting_ = setting();
  return pool_ != nullptr;
}

/// `width` workers share the tasks by a counter, so that a ThreadScope narrower than the pool is
/// kept to.
struct Region {
  int64_t count;
  runtime::Task task;
  void* context;
  std::atomic<int64_t> next = 0;
};

void run_tasks(Region& region) {
  const runtime::FloatingPointDefaults defaults;
  const bool was_inside = inside_task;
  inside_task = true;
  for (;;) {
    const int64_t index = region.next.fetch_add(1, std::memory_order_relaxed);
    if (index >= region.count) break;
    region.task(region.context, index);
  }
  inside_task = was_inside;
}

void run_worker(void* context, size_t) {
  Region& region = *static_cast<Region*>(context);
  runtime::tsan_acquire(&region);
  run_tasks(region);
  runtime::tsan_release(&region);
}

bool ThreadPool::run(int64_t count, runtime::Task task, void* context, int width) {
  const std::unique_lock lock(busy_, std::try_to_lock);
  if (!lock.owns_lock() || !resize(width)) return false;
  Region region{count, task, context};
  runtime::tsan_release(&region);
  // Workers that spin for their next task are in the way where there are more of them than
  // processors.
  const uint32_t flags =
      size_ > runtime::available_processors() ? uint32_t{PTHREADPOOL_FLAG_YIELD_WORKERS} : 0;
  pthreadpool_parallelize_1d(pool_, run_worker, &region, static_cast<size_t>(width), flags);
  runtime::tsan_acquire(&region);
  return true;
}

}  // namespace

void set_threads(int count) {
  check_count("set_threads", count);
  ThreadPool::service().set(processors_if_zero(count));
}

int threads() {
  const ThreadPool& pool = ThreadPool::service();
  if (inside_task || pool.forked()) return 1;
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

void parallel_tasks(int64_t count, Task task, void* context) {
  if (count <= 0) return;
  const int width = static_cast<int>(std::min<int64_t>(count, threads()));
  if (width > 1 && ThreadPool::service().run(count, task, context, width)) return;
  Region region{count, task, context};
  run_tasks(region);
}

}  // namespace runtime
}  // namespace onepass
