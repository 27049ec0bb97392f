// SPDX-License-Identifier: Apache-2.0
// Measured peaks: plausible, and the loops behind them do what they claim.
#include "onepass/engine/roofline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "onepass/engine/peak_loops.h"
#include "onepass/runtime/buffer.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {
namespace {

TEST(PeakLoops, ChainsConvergeToTheirFixedPoint) {
  const FlopsLoop loop = flops_loop();
  // Chain c starts at c and halves its distance to 1: the sum over the chains converges to their
  // number.
  constexpr int chains = 12;
  const int lanes = runtime::cpu_info().x86_64_v4 ? 16 : 8;
  EXPECT_EQ(loop.run(0), static_cast<float>(chains * (chains - 1) / 2));
  EXPECT_EQ(loop.run(1), static_cast<float>(chains * (chains - 1) / 2 + chains) / 2);
  EXPECT_EQ(loop.run(1000), static_cast<float>(chains));
  EXPECT_EQ(loop.flops_per_iteration, 2.0 * chains * lanes);
}

TEST(PeakLoops, StreamsComputeCopyAndTriad) {
  constexpr int64_t count = 1000 * 8;
  runtime::Buffer memory(3 * count * static_cast<int64_t>(sizeof(float)));
  auto* const a = reinterpret_cast<float*>(memory.data());
  float* const b = a + count;
  float* const c = b + count;
  for (int64_t i = 0; i < count; ++i) {
    b[i] = static_cast<float>(i);
    c[i] = static_cast<float>(2 * i + 1);
  }
  stream_copy(a, b, count);
  for (int64_t i = 0; i < count; ++i) ASSERT_EQ(a[i], b[i]);
  stream_triad(a, b, c, 0.5f, count);
  for (int64_t i = 0; i < count; ++i) ASSERT_EQ(a[i], b[i] + 0.5f * c[i]);
}

TEST(MachinePeaks, AreMeasuredOnEveryThreadAndFreeTheirMemory) {
  const int64_t before = runtime::pool_statistics().bytes_in_use;
  const int64_t idle = runtime::pool_statistics().bytes_idle;
  const MachinePeaks peaks = measure_peaks();
  EXPECT_GT(peaks.flops_one_thread, 1e8);
  EXPECT_GT(peaks.flops_all_threads, 1e8);
  EXPECT_GT(peaks.bandwidth_one_thread, 1e7);
  EXPECT_GT(peaks.bandwidth_all_threads, 1e7);
  EXPECT_EQ(peaks.threads, runtime::available_processors());
  EXPECT_EQ(peaks.cpu, runtime::cpu_info().name);
  EXPECT_EQ(runtime::pool_statistics().bytes_in_use, before);
  EXPECT_EQ(runtime::pool_statistics().bytes_idle, idle);
}

}  // namespace
}  // namespace onepass
