// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/thread_pool.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "onepass/runtime/mxcsr.h"

namespace onepass::runtime {
namespace {

using onepass::testing::expect_error;

class ThreadPool : public ::testing::Test {
 protected:
  ~ThreadPool() override { set_threads(0); }
};

template <class Body>
void for_tasks(int64_t count, Body body) {
  parallel_tasks(count, [](void* context, int64_t i) { (*static_cast<Body*>(context))(i); }, &body);
}

TEST_F(ThreadPool, RunsEveryTaskOnceForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 5, 16, 3}) {
    set_threads(threads);
    for (const int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(count));
      for_tasks(count, [&](int64_t i) { ++runs[static_cast<size_t>(i)]; });
      for (const auto& run : runs) ASSERT_EQ(run, 1);
    }
  }
}

/// How many tasks of `wanted` are inside at once when all wait for one another, up to a patience.
int concurrent_tasks(int wanted) {
  // Workers who could not come in time are left alone for a while.
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::mutex mutex;
  std::condition_variable arrival;
  int inside = 0;
  int most = 0;
  for_tasks(wanted, [&](int64_t) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++inside);
    arrival.notify_all();
    arrival.wait_for(lock, std::chrono::seconds(20), [&] { return most == wanted; });
    --inside;
  });
  return most;
}

TEST_F(ThreadPool, RunsAsManyTasksAtOnceAsThreadsAreSetBeyondTheProcessorsToo) {
  for (const int threads : {2, 5, 16}) {
    set_threads(threads);
    EXPECT_EQ(onepass::threads(), threads);
    EXPECT_EQ(concurrent_tasks(threads), threads);
  }
}

TEST_F(ThreadPool, AScopeNarrowsAndWidensForItsThreadOnly) {
  set_threads(5);
  {
    const ThreadScope two(2);
    EXPECT_EQ(threads(), 2);
    std::mutex mutex;
    std::set<std::thread::id> seen;
    for_tasks(200, [&](int64_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
    EXPECT_LE(seen.size(), 2u);
    {
      const ThreadScope seven(7);
      EXPECT_EQ(threads(), 7);
      EXPECT_EQ(concurrent_tasks(7), 7);
    }
    EXPECT_EQ(threads(), 2);
    int elsewhere = 0;
    std::thread([&] { elsewhere = threads(); }).join();
    EXPECT_EQ(elsewhere, 5);
  }
  EXPECT_EQ(threads(), 5);
}

TEST_F(ThreadPool, ScopeZeroIsAllProcessors) {
  set_threads(3);
  const ThreadScope all(0);
  EXPECT_EQ(threads(), available_processors());
}

TEST_F(ThreadPool, RefusesCountsOutOfRangeAndChangesNothing) {
  set_threads(3);
  expect_error<UserError>(
      "set_threads: -1 threads; the number must be between 0 (as many as this process may run on) "
      "and 1024.",
      [] { set_threads(-1); });
  expect_error<UserError>(
      "ThreadScope: 1025 threads; the number must be between 0 (as many as this process may run "
      "on) and 1024.",
      [] { ThreadScope scope(1025); });
  EXPECT_EQ(threads(), 3);
}

TEST_F(ThreadPool, ATaskThatStartsTasksRunsThemItself) {
  set_threads(4);
  std::atomic<int> inner_runs = 0;
  std::atomic<int> strangers = 0;
  std::atomic<int> wide = 0;
  for_tasks(8, [&](int64_t) {
    const std::thread::id self = std::this_thread::get_id();
    if (threads() != 1) ++wide;
    for_tasks(10, [&](int64_t) {
      ++inner_runs;
      if (std::this_thread::get_id() != self) ++strangers;
    });
    if (threads() != 1) ++wide;  // still inside the outer task
  });
  EXPECT_EQ(inner_runs, 80);
  EXPECT_EQ(strangers, 0);
  EXPECT_EQ(wide, 0);
  EXPECT_EQ(threads(), 4);
}

TEST_F(ThreadPool, ManyThreadsMayUseItAtOnce) {
  set_threads(3);
  std::atomic<int64_t> sum = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 6; ++t) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) for_tasks(20, [&](int64_t i) { sum += i; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 6 * 50 * 190);
}

TEST_F(ThreadPool, TheNumberMayChangeWhileOthersWork) {
  std::atomic<bool> stop = false;
  std::thread changer([&] {
    for (int i = 0; !stop; ++i) set_threads(1 + i % 4);
  });
  std::atomic<int64_t> runs = 0;
  for (int round = 0; round < 200; ++round) for_tasks(16, [&](int64_t) { ++runs; });
  stop = true;
  changer.join();
  EXPECT_EQ(runs, 200 * 16);
}

TEST_F(ThreadPool, AForkedChildRunsTasksItself) {
  set_threads(4);
  for_tasks(8, [](int64_t) {});  // the parent's pool exists and its threads do not survive
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    int runs = 0;
    for_tasks(100, [&](int64_t) { ++runs; });
    _exit(runs == 100 && threads() == 1 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(threads(), 4);
}

TEST_F(ThreadPool, EveryTaskHasTheDefaultModeAndTheCallerKeepsItsOwn) {
  constexpr uint32_t flush_and_zero = 0x8040, towards_zero = 0x6000, unmask_divide = 0x0200;
  const uint32_t original = _mm_getcsr();
  for (const int threads : {1, 2, 5}) {
    set_threads(threads);
    for (const uint32_t mode :
         {0x1F80u | flush_and_zero, 0x1F80u | towards_zero, 0x1F80u & ~unmask_divide,
          0x1F80u | flush_and_zero | towards_zero}) {
      _mm_setcsr(mode);
      std::atomic<int> wrong = 0;
      for_tasks(20, [&](int64_t) {
        if ((_mm_getcsr() & mxcsr_control_mask) != default_mxcsr) ++wrong;
      });
      const uint32_t after = _mm_getcsr();
      _mm_setcsr(original);
      EXPECT_EQ(wrong, 0);
      EXPECT_EQ(after & mxcsr_control_mask, mode & mxcsr_control_mask);
    }
  }
}

TEST_F(ThreadPool, AvailableProcessorsFollowTheAffinityMask) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof(set), &set), 0);
  EXPECT_GE(available_processors(), 1);
  EXPECT_LE(available_processors(), CPU_COUNT(&set));
}

}  // namespace
}  // namespace onepass::runtime
