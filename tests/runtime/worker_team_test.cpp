// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/worker_team.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <random>
#include <thread>
#include <vector>

namespace onepass::runtime {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr double long_enough_to_wake = std::numeric_limits<double>::infinity();
/// Longer than any wait that is not for ever, also under a sanitizer on a busy machine.
constexpr auto patience = 20s;
/// After which a worker sleeps.
constexpr auto long_pause = 50ms;

/// Never destroyed, as its threads use it.
WorkerTeam& team() {
  static WorkerTeam* const team = new WorkerTeam;
  return *team;
}

template <class Body>
bool run(int64_t count, int width, double nanoseconds, Body body) {
  const Task task = [](void* context, int64_t i) { (*static_cast<Body*>(context))(i); };
  return team().run({count, task, &body, nanoseconds}, width);
}

template <class Condition>
bool wait_until(Clock::duration time, const Condition& condition) {
  const Clock::time_point end = Clock::now() + time;
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(1us);
  }
  return true;
}

/// Runs two tasks; true if both were inside at once.
bool meet(double nanoseconds, Clock::duration time) {
  std::atomic<int> inside = 0;
  std::atomic<int> met = 0;
  run(2, 2, nanoseconds, [&](int64_t) {
    ++inside;
    met += wait_until(time, [&] { return inside == 2; });
  });
  return met == 2 && inside == 2;
}

/// Every test finds all asleep, and no call in vain that still keeps the caller from others.
class WorkerTeamTest : public ::testing::Test {
 protected:
  WorkerTeamTest() { std::this_thread::sleep_for(long_pause); }
};

TEST_F(WorkerTeamTest, TheCallerTakesOverWhatNobodyHasBegun) {
  constexpr int64_t count = 30;
  std::atomic<int64_t> finished = 0;
  std::atomic<int64_t> stuck = 0;
  std::atomic<bool> others_done = true;
  const auto caller = std::this_thread::get_id();
  ASSERT_TRUE(run(count, 3, long_enough_to_wake, [&](int64_t) {
    if (std::this_thread::get_id() != caller) {
      ++stuck;  // as if this worker had lost its processor
      if (!wait_until(patience, [&] { return finished + stuck == count; })) others_done = false;
      return;
    }
    // Until both are there.
    if (!wait_until(patience, [&] { return stuck == 2; })) others_done = false;
    ++finished;
  }));
  EXPECT_TRUE(others_done);
  EXPECT_EQ(stuck, 2);
  EXPECT_EQ(finished, count - 2);
}

TEST_F(WorkerTeamTest, TheCallerWaitsForWhatAnotherHasBegun) {
  std::vector<int> results(2, 0);  // not atomic: ThreadSanitizer sees whether they are handed over
  std::atomic<bool> begun = false;
  const auto caller = std::this_thread::get_id();
  ASSERT_TRUE(run(2, 2, long_enough_to_wake, [&](int64_t i) {
    if (std::this_thread::get_id() == caller) {
      EXPECT_TRUE(wait_until(patience, [&] { return begun.load(); }));
    } else {
      begun = true;
      std::this_thread::sleep_for(30ms);  // longer than the caller spins
    }
    results[static_cast<size_t>(i)] = 1;
  }));
  EXPECT_EQ(results, std::vector<int>(2, 1));
}

TEST_F(WorkerTeamTest, MoreTasksThanOneRegionHolds) {
  constexpr int64_t count = (int64_t{1} << 20) + 7;
  std::vector<std::atomic<uint8_t>> runs(count);
  ASSERT_TRUE(
      run(count, 3, long_enough_to_wake, [&](int64_t i) { ++runs[static_cast<size_t>(i)]; }));
  for (const auto& times : runs) ASSERT_EQ(times, 1);
}

TEST_F(WorkerTeamTest, NoCallIsMissedAroundTheTimeWhereWorkersFallAsleep) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> microseconds(150, 300);
  for (int round = 0; round < 200; ++round) {
    const Clock::time_point end = Clock::now() + std::chrono::microseconds(microseconds(random));
    while (Clock::now() < end) {
    }
    ASSERT_TRUE(meet(long_enough_to_wake, patience)) << "round " << round;
  }
}

TEST_F(WorkerTeamTest, LittleWorkOnceInAWhileWakesNobody) {
  ASSERT_TRUE(meet(long_enough_to_wake, patience));
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(long_pause);
    EXPECT_FALSE(meet(1000, 20ms));
  }
}

TEST_F(WorkerTeamTest, LittleWorkAgainAndAgainWakesThem) {
  // The first finds them asleep; so many follow at once that one of them meets a worker.
  bool met = false;
  for (int round = 0; round < 1000 && !met; ++round) met = meet(1000, 50us);
  EXPECT_TRUE(met);
}

TEST_F(WorkerTeamTest, RefusesASecondRegion) {
  std::atomic<int> refused = 0;
  ASSERT_TRUE(run(4, 2, long_enough_to_wake, [&](int64_t) {
    EXPECT_TRUE(inside_task());
    refused += !run(2, 2, long_enough_to_wake, [](int64_t) { ADD_FAILURE(); });
  }));
  EXPECT_EQ(refused, 4);
  EXPECT_FALSE(inside_task());
}

}  // namespace
}  // namespace onepass::runtime
