// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/launch.h"

#include <xmmintrin.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "expect_error.h"
#include "onepass/runtime/buffer.h"
#include "onepass/runtime/symbol.h"
#include "onepass/runtime/thread_pool.h"
#include "sample_kernels.h"

namespace onepass::runtime {
namespace {

using onepass::testing::extent;
using onepass::testing::operand;
using onepass::testing::scalar_slot;
using onepass::testing::scaled_add_kernel;
using onepass::testing::stride;
using Floats = std::vector<float>;

Floats counted(int64_t count) {
  Floats values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

TEST(Launch, FollowsTheStridesOfItsArrays) {
  const Kernel kernel = scaled_add_kernel();
  Floats a = counted(6), b = counted(6), out(24, -1.0f);
  const ArrayView transposed =
      permuted(dense_view(b.data(), f32, {3, 2}), std::vector<int64_t>{1, 0});
  const ArrayView target =
      sliced(sliced(dense_view(out.data(), f32, {4, 6}), 0, 3, 2, -2), 1, 1, 3, 2);
  const std::vector<ArrayView> arrays = {dense_view(a.data(), f32, {2, 3}), transposed, target};
  launch(kernel, arrays, std::vector<int64_t>{2, 3}, std::vector<uint64_t>{scalar_slot(10)});
  // Rows 3 and 1 of the target, every second column from 1.
  const Floats expected = {-1, -1, -1, -1, -1, -1, -1, 13, -1, 34, -1, 55,
                           -1, -1, -1, -1, -1, -1, -1, 0,  -1, 21, -1, 42};
  EXPECT_EQ(out, expected);
}

TEST(Launch, CutsTheLoopForAnyNumberOfThreadsWithTheSameResult) {
  Kernel kernel = scaled_add_kernel();
  kernel.interface.phases[0].nanoseconds_per_element = 1e6;
  kernel.interface.phases[0].chunk = 4;
  const int64_t rows = 103, columns = 7;
  Floats a = counted(rows * columns), b = counted(rows * columns), expected;
  for (const int threads : {1, 2, 5, 16}) {
    const ThreadScope scope(threads);
    Floats out(a.size(), -1.0f);
    const Shape shape = {rows, columns};
    const std::vector<ArrayView> arrays = {dense_view(a.data(), f32, shape),
                                           dense_view(b.data(), f32, shape),
                                           dense_view(out.data(), f32, shape)};
    launch(kernel, arrays, std::vector<int64_t>{rows, columns},
           std::vector<uint64_t>{scalar_slot(0.3f)});
    if (expected.empty()) expected = out;
    EXPECT_EQ(out, expected);
    EXPECT_EQ(out.back(), a.back() + 0.3f * b.back());
  }
}

TEST(Launch, CountsWhatResultsCostBesideElements) {
  Kernel kernel = scaled_add_kernel();
  Phase& phase = kernel.interface.phases[0];
  phase.scratch_bytes = 64;
  phase.nanoseconds_per_element = 1e-9;
  Floats a(40 * 3);
  const ArrayView view = dense_view(a.data(), f32, {40, 3});
  const std::vector<const ArrayView*> arrays(3, &view);
  const std::vector<int64_t> sizes{40, 3};
  const std::vector<uint64_t> scalars{scalar_slot(1)};
  const auto tasks = [&] {
    const ThreadScope scope(4);
    return launch_bytes({kernel.interface, arrays, sizes, scalars}) / phase.scratch_bytes;
  };
  EXPECT_EQ(tasks(), 1);
  phase.result_dimensions = 1;
  phase.nanoseconds_per_result = 400;  // 40 rows: four tasks
  EXPECT_EQ(tasks(), 4);
  phase.result_dimensions = 0;
  EXPECT_EQ(tasks(), 1);
}

TEST(Launch, GivesTasksARangeAcrossTheLoop) {
  // Adds 1 to each element of its rows and columns.
  Kernel kernel;
  kernel.interface.iteration_symbols = {0, 1};
  kernel.interface.operands = {operand(0, f32, true, {0, 1})};
  kernel.interface.integers = {extent(1),
                               stride(0, 0),
                               {IntegerParameter::Kind::begin, -1, 0},
                               {IntegerParameter::Kind::end, -1, 0}};
  Phase phase;
  phase.extent = 0;
  phase.chunk = 16;
  phase.nanoseconds_per_element = 1e6;
  phase.run = [](const Arguments* arguments, int64_t begin, int64_t end) {
    const int64_t* n = arguments->integers;
    auto* out = reinterpret_cast<float*>(arguments->buffers[0]);
    for (int64_t i = n[2]; i < n[3]; ++i) {
      for (int64_t j = begin; j < end; ++j)
        out[i * n[1] + j] += 1 + static_cast<float>(n[3] - n[2]);
    }
  };
  for (const int64_t chunk : {30, 1000}) {
    phase.across = {2, 3, chunk};
    kernel.interface.phases = {phase};
    for (const int threads : {1, 16}) {
      const ThreadScope scope(threads);
      Floats out(130 * 100);
      launch(kernel, std::vector<ArrayView>{dense_view(out.data(), f32, {130, 100})},
             std::vector<int64_t>{130, 100}, {});
      const bool is_cut = threads > 1 && chunk == 30;
      EXPECT_EQ(out[0] < 131, is_cut);
      EXPECT_TRUE(std::all_of(out.begin(), out.end(),
                              [&](float x) { return is_cut ? x >= 31 && x < 131 : x == 131; }));
    }
  }
}

TEST(Launch, BindsOffsetsStepsAndStretchedOperands) {
  // out[i] = x[start + 2 i] + y over i in [0, n), the base moved by slices.
  Kernel kernel;
  kernel.interface.iteration_symbols = {0};
  Operand x = operand(0, f64, false, {1});
  x.axes[0].step = -2;
  x.offsets = {{0, -1, 1}, {1, -1, -2}};
  Operand y = operand(1, f64, false, {-1});
  kernel.interface.operands = {x, y, operand(2, f64, true, {0})};
  kernel.interface.integers = {extent(0), stride(0, 0), stride(1, 0), stride(2, 0)};
  Phase phase;
  phase.run = [](const Arguments* arguments, int64_t begin, int64_t end) {
    const int64_t* n = arguments->integers;
    const auto* const* buffers = reinterpret_cast<double* const*>(arguments->buffers);
    auto* out = reinterpret_cast<double*>(arguments->buffers[2]);
    for (int64_t i = begin; i < end; ++i)
      out[i * n[3]] = buffers[0][i * n[1]] + buffers[1][i * n[2]];
  };
  kernel.interface.phases = {phase};
  std::vector<double> data(10), out(3), one = {0.5};
  std::iota(data.begin(), data.end(), 0.0);
  const std::vector<ArrayView> arrays = {dense_view(data.data(), f64, {2, 5}),
                                         dense_view(one.data(), f64, {1}),
                                         dense_view(out.data(), f64, {3})};
  launch(kernel, arrays, std::vector<int64_t>{3}, {});
  EXPECT_EQ(out, (std::vector<double>{9.5, 7.5, 5.5}));
}

/// What one phase saw of its integers and of where its first operand begins.
struct Seen {
  std::vector<int64_t> integers;
  const std::byte* base = nullptr;
};

TEST(Launch, BindsSlicesOfSlicesBySymbols) {
  // x[1::2][::-1] of 10 elements begins at 1 + 2 * 4 = 9; the inner slice has 5 elements, which is
  // symbol 1.
  Kernel kernel;
  kernel.interface.iteration_symbols = {1, -1};
  Operand x = operand(0, i32, false, {0, -1});
  x.axes[0].step = -2;
  x.offsets = {{0, 1, 2}, {0, slice_end, -1, 1, 2}};
  Operand seen = operand(1, i64, true, {-1, -1});
  kernel.interface.operands = {x, seen};
  IntegerParameter first{IntegerParameter::Kind::first, -1, 0};
  first.start = -3;
  IntegerParameter of_one = first;
  of_one.dimension = -1;
  kernel.interface.integers = {extent(0, 2), stride(0, 0), stride(0, 1), first, of_one};
  Phase phase;
  phase.extent = -1;
  phase.run = [](const Arguments* arguments, int64_t, int64_t) {
    auto& result = *reinterpret_cast<Seen*>(arguments->buffers[1]);
    result.integers.assign(arguments->integers, arguments->integers + 5);
    result.base = arguments->buffers[0];
  };
  kernel.interface.phases = {phase};
  std::vector<int32_t> data(10);
  Seen result;
  const std::vector<ArrayView> arrays = {dense_view(data.data(), i32, {10}),
                                         dense_view(&result, i64, {})};
  launch(kernel, arrays, std::vector<int64_t>{10, 5}, {});
  EXPECT_EQ(result.integers, (std::vector<int64_t>{5, -2, 0, 7, 0}));
  EXPECT_EQ(result.base, reinterpret_cast<const std::byte*>(&data[9]));
}

/// Counts the iterations of its phases.
Kernel counting_kernel(std::vector<IntegerParameter> integers, std::vector<int> phase_extents) {
  Kernel kernel;
  kernel.interface.iteration_symbols = {0, 1};
  kernel.interface.operands = {operand(0, i64, true, {-1, -1})};
  kernel.interface.integers = std::move(integers);
  for (const int phase_extent : phase_extents) {
    Phase phase;
    phase.extent = phase_extent;
    phase.run = [](const Arguments* arguments, int64_t begin, int64_t end) {
      *reinterpret_cast<int64_t*>(arguments->buffers[0]) += end - begin;
    };
    kernel.interface.phases.push_back(phase);
  }
  return kernel;
}

int64_t iterations(const Kernel& kernel, int64_t rows, int64_t columns) {
  int64_t count = 0;
  const std::vector<ArrayView> arrays = {dense_view(&count, i64, {})};
  launch(kernel, arrays, std::vector<int64_t>{rows, columns}, {});
  return count;
}

TEST(Launch, RunsAPhaseIfItsOwnExtentIsNotZero) {
  const Kernel rows = counting_kernel({extent(0), extent(1), extent(0, 2)}, {0});
  const Kernel all = counting_kernel({extent(0), extent(1), extent(0, 2)}, {2});
  const Kernel once = counting_kernel({extent(0), extent(1), extent(0, 2)}, {-1});
  EXPECT_EQ(iterations(rows, 5, 3), 5);
  EXPECT_EQ(iterations(all, 5, 3), 15);
  EXPECT_EQ(iterations(once, 5, 3), 1);
  EXPECT_EQ(iterations(rows, 5, 0), 5) << "a sum over an empty axis still has results";
  EXPECT_EQ(iterations(rows, 0, 5), 0);
  EXPECT_EQ(iterations(all, 5, 0), 0);
  EXPECT_EQ(iterations(once, 0, 0), 1);
  EXPECT_EQ(iterations(all, 0, INT64_MAX), 0);
}

/// Two phases over a workspace: partial sums per chunk of 16, then their total, through scratch.
Kernel workspace_kernel(int64_t scratch_bytes) {
  Kernel kernel;
  kernel.interface.iteration_symbols = {0};
  kernel.interface.operands = {operand(0, i64, false, {0}), operand(1, i64, true, {-1})};
  kernel.interface.integers = {extent(0)};
  kernel.interface.workspaces = {{8, 0, 1, 16}};
  Phase partial;
  partial.chunk = 16;
  partial.scratch_bytes = scratch_bytes;
  partial.nanoseconds_per_element = 1e6;
  partial.run = [](const Arguments* arguments, int64_t begin, int64_t end) {
    const auto* x = reinterpret_cast<const int64_t*>(arguments->buffers[0]);
    auto* sums = reinterpret_cast<int64_t*>(arguments->buffers[2]);
    auto* scratch = reinterpret_cast<int64_t*>(arguments->scratch);
    for (int64_t i = begin; i < end; i += 16) {
      scratch[0] = 0;
      for (int64_t j = i; j < std::min(i + 16, end); ++j) scratch[0] += x[j];
      sums[i / 16] = scratch[0];
    }
  };
  Phase total;
  total.extent = -1;
  total.run = [](const Arguments* arguments, int64_t, int64_t) {
    const auto* sums = reinterpret_cast<const int64_t*>(arguments->buffers[2]);
    const int64_t chunks = (arguments->integers[0] + 15) / 16;
    *reinterpret_cast<int64_t*>(arguments->buffers[1]) =
        std::accumulate(sums, sums + chunks, int64_t{0});
  };
  kernel.interface.phases = {partial, total};
  return kernel;
}

TEST(Launch, GivesPhasesAWorkspaceAndTasksScratch) {
  for (const int64_t scratch : {8, 4096, 1 << 20}) {
    const Kernel kernel = workspace_kernel(scratch);
    for (const int threads : {1, 2, 5}) {
      const ThreadScope scope(threads);
      for (const int64_t n : {0, 1, 15, 16, 17, 1000, 100000}) {
        std::vector<int64_t> x(static_cast<size_t>(n));
        std::iota(x.begin(), x.end(), 1);
        int64_t sum = -1;
        const std::vector<ArrayView> arrays = {dense_view(x.data(), i64, {n}),
                                               dense_view(&sum, i64, {})};
        launch(kernel, arrays, std::vector<int64_t>{n}, {});
        ASSERT_EQ(sum, n * (n + 1) / 2) << n << " elements, " << threads << " threads";
      }
    }
  }
}

TEST(Launch, StoresNothingIfItsMemoryIsRefused) {
  const Kernel kernel = workspace_kernel(8);
  const ThreadScope one(1);  // one task: the text is about one scratch
  int64_t sum = -1;
  const std::vector<ArrayView> arrays = {dense_view(nullptr, i64, {0}), dense_view(&sum, i64, {})};
  onepass::testing::expect_error<SystemError>(
      "buffer: cannot allocate 4611686018427387968 bytes.",
      [&] { launch(kernel, arrays, std::vector<int64_t>{INT64_MAX}, {}); });
  EXPECT_EQ(sum, -1);
}

TEST(Launch, TakesFourHundredOperands) {
  constexpr int inputs = 399;
  Kernel kernel;
  kernel.interface.iteration_symbols = {0};
  for (int i = 0; i <= inputs; ++i) {
    kernel.interface.operands.push_back(operand(i, i32, i == inputs, {0}));
    kernel.interface.integers.push_back(stride(i, 0));
  }
  for (int i = 0; i < 100; ++i) kernel.interface.scalars.push_back(99 - i);
  kernel.interface.integers.push_back(extent(0));
  Phase phase;
  phase.extent = inputs + 1;
  phase.run = [](const Arguments* arguments, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int32_t sum = static_cast<int32_t>(arguments->scalars[99]);
      for (int k = 0; k < inputs; ++k) {
        sum += reinterpret_cast<const int32_t*>(arguments->buffers[k])[i * arguments->integers[k]];
      }
      reinterpret_cast<int32_t*>(arguments->buffers[inputs])[i] = sum;
    }
  };
  kernel.interface.phases = {phase};
  std::vector<std::vector<int32_t>> data(inputs + 1);
  std::vector<ArrayView> arrays;
  for (int k = 0; k <= inputs; ++k) {
    data[static_cast<size_t>(k)] = {k, 2 * k, 3 * k};
    arrays.push_back(dense_view(data[static_cast<size_t>(k)].data(), i32, {3}));
  }
  std::vector<uint64_t> scalars(100);
  std::iota(scalars.begin(), scalars.end(), 7);
  const int32_t total = inputs * (inputs - 1) / 2;
  launch(kernel, arrays, std::vector<int64_t>{3}, scalars);
  EXPECT_EQ(data[inputs], (std::vector<int32_t>{total + 7, 2 * total + 7, 3 * total + 7}));
  // Even this many ask the system for memory only once.
  const PoolStatistics before = pool_statistics();
  launch(kernel, arrays, std::vector<int64_t>{3}, scalars);
  EXPECT_EQ(pool_statistics().allocations, before.allocations);
}

TEST(Launch, UsesNoPoolWhenWarmAndSmall) {
  const Kernel kernel = workspace_kernel(64);
  const ThreadScope one(1);
  std::vector<int64_t> x(100, 1);
  int64_t sum = 0;
  const std::vector<ArrayView> arrays = {dense_view(x.data(), i64, {100}),
                                         dense_view(&sum, i64, {})};
  const std::vector<int64_t> symbols = {100};
  launch(kernel, arrays, symbols, {});
  const PoolStatistics before = pool_statistics();
  for (int i = 0; i < 10; ++i) launch(kernel, arrays, symbols, {});
  EXPECT_EQ(pool_statistics().reuses, before.reuses);
  EXPECT_EQ(pool_statistics().allocations, before.allocations);
  EXPECT_EQ(sum, 100);
}

TEST(Launch, ComputesInTheDefaultModeWhateverTheCallersIs) {
  // out = a + 1 * b at the edge of the subnormals and of rounding, on every thread.
  const float tiny = std::numeric_limits<float>::denorm_min();
  const int64_t rows = 64;
  Floats a(static_cast<size_t>(rows), tiny), b(a.size(), tiny), out(a.size());
  a[1] = 1.0f;
  b[1] = 0x1p-24f * 1.5f;
  Kernel kernel = scaled_add_kernel();
  kernel.interface.phases[0].nanoseconds_per_element = 1e6;
  const Shape shape = {rows, 1};
  const std::vector<ArrayView> arrays = {dense_view(a.data(), f32, shape),
                                         dense_view(b.data(), f32, shape),
                                         dense_view(out.data(), f32, shape)};
  for (const int threads : {1, 2, 5}) {
    const ThreadScope scope(threads);
    std::fill(out.begin(), out.end(), -1.0f);
    const uint32_t mode = _mm_getcsr();
    _mm_setcsr(0x1F80 | 0x8040 | 0x6000);  // FTZ, DAZ, towards zero
    launch(kernel, arrays, std::vector<int64_t>{rows, 1}, std::vector<uint64_t>{scalar_slot(1)});
    const uint32_t after = _mm_getcsr();
    _mm_setcsr(mode);
    EXPECT_EQ(after & 0xFFC0, 0x1F80u | 0x8040 | 0x6000);
    EXPECT_EQ(out[1], 1.0f + 0x1p-23f);
    for (size_t i = 2; i < out.size(); ++i) ASSERT_EQ(out[i], 2 * tiny);
  }
}

}  // namespace
}  // namespace onepass::runtime
