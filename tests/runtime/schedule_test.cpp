// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {
namespace {

constexpr double worth_much = 1e12;

TEST(CutLoop, RangesAreWholeChunksThatCoverTheLoopEvenly) {
  for (const int threads : {1, 2, 5, 16}) {
    const ThreadScope scope(threads);
    for (const int64_t extent : {1, 2, 15, 16, 17, 100, 1000, 1001}) {
      for (const int64_t chunk : {1, 4, 16, 1000}) {
        const Cut cut = cut_loop(extent, chunk, worth_much);
        ASSERT_GE(cut.tasks, 1);
        ASSERT_LE(cut.tasks, threads);
        ASSERT_EQ(cut.begin(0), 0);
        ASSERT_EQ(cut.begin(cut.tasks), extent);
        int64_t longest = 0;
        for (int64_t t = 0; t < cut.tasks; ++t) {
          ASSERT_EQ(cut.begin(t) % chunk, 0);
          ASSERT_LT(cut.begin(t), cut.begin(t + 1)) << "an empty range";
          longest = std::max(longest, cut.begin(t + 1) - cut.begin(t));
        }
        ASSERT_LE(longest, (extent / chunk / cut.tasks + 1) * chunk);
      }
    }
  }
}

TEST(CutLoop, StaysWholeUntilEveryTaskIsWorthAForkJoin) {
  const ThreadScope scope(16);
  EXPECT_EQ(cut_loop(1000, 1, 0).tasks, 1);
  EXPECT_EQ(cut_loop(1000, 1, 1.99 * minimum_task_nanoseconds).tasks, 1);
  EXPECT_EQ(cut_loop(1000, 1, 2 * minimum_task_nanoseconds).tasks, 2);
  EXPECT_EQ(cut_loop(1000, 1, 7.5 * minimum_task_nanoseconds).tasks, 7);
  EXPECT_EQ(cut_loop(1000, 1, worth_much).tasks, 16);
  EXPECT_EQ(cut_loop(3, 1, worth_much).tasks, 3);
  EXPECT_EQ(cut_loop(1000, 600, worth_much).tasks, 2);
}

/// "4 x 4": tasks along the loop and across it.
std::string grid_of(int64_t extent, int64_t across, double nanoseconds = worth_much) {
  const Grid grid = cut_grid(extent, 16, across, 66, nanoseconds);
  return std::to_string(grid.along.tasks) + " x " + std::to_string(grid.across.tasks);
}

TEST(CutGrid, GivesManyTasksAShareOfBothLoops) {
  const ThreadScope scope(16);
  EXPECT_EQ(grid_of(512, 512), "4 x 4");
  EXPECT_EQ(grid_of(256, 256), "8 x 2");
  EXPECT_EQ(grid_of(64, 4096), "1 x 16");
  EXPECT_EQ(grid_of(4096, 131), "16 x 1") << "the second loop has one chunk";
  EXPECT_EQ(grid_of(512, 512, 1.5 * minimum_task_nanoseconds), "1 x 1");
}

TEST(CutGrid, LeavesTheSecondLoopWholeWhereThatIsAboutAsGood) {
  for (const int threads : {1, 2}) {
    const ThreadScope scope(threads);
    const std::string whole = std::to_string(threads) + " x 1";
    for (const int64_t extent : {512, 1021, 2048, 3072}) {
      for (const int64_t across : {140, 512, 1023, 2048}) EXPECT_EQ(grid_of(extent, across), whole);
    }
  }
}

TEST(CutGrid, CutsTheSecondLoopAtChunksIntoRangesThatAreNoShorter) {
  for (const int threads : {3, 7, 16, 64}) {
    const ThreadScope scope(threads);
    for (const int64_t extent : {256, 300, 512, 1021}) {
      for (const int64_t across : {0, 1, 66, 132, 197, 198, 500, 1023, 4096}) {
        const Grid grid = cut_grid(extent, 16, across, 66, worth_much);
        ASSERT_LE(grid.tasks(), threads);
        ASSERT_EQ(grid.across.begin(0), 0);
        ASSERT_EQ(grid.across.begin(grid.across.tasks), across);
        for (int64_t t = 0; t < grid.across.tasks && grid.across.tasks > 1; ++t) {
          ASSERT_EQ(grid.across.begin(t) % 66, 0);
          ASSERT_GE(grid.across.begin(t + 1) - grid.across.begin(t), 66);
        }
      }
    }
  }
}

TEST(CutLoop, TakesHugeLoops) {
  const ThreadScope scope(3);
  const Cut cut = cut_loop(INT64_MAX, 16, worth_much);
  EXPECT_EQ(cut.tasks, 3);
  EXPECT_EQ(cut.begin(3), INT64_MAX);
  EXPECT_GT(cut.begin(2), cut.begin(1));
}

}  // namespace
}  // namespace onepass::runtime
