// SPDX-License-Identifier: Apache-2.0
// Measures the roofs: how long to run, on how many threads, over how much memory.
#include "onepass/engine/roofline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "onepass/engine/peak_loops.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/system_memory.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {
namespace {

constexpr double budget_seconds = 0.3;  // for one roof on one number of threads
constexpr size_t min_repetitions = 3;
constexpr int64_t min_footprint = int64_t{96} << 20, max_footprint = int64_t{768} << 20;
constexpr int64_t caches_beyond = 4;  // the arrays together, in last-level caches
constexpr int64_t memory_share = 4;   // at most this part of the free memory
constexpr int array_count = 3;

template <class Function>
double seconds(Function function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The shortest time of `function` within the budget.
template <class Function>
double best_seconds(Function function) {
  double best = seconds(function);
  double spent = best;
  for (size_t i = 1; i < min_repetitions || spent < budget_seconds; ++i) {
    const double time = seconds(function);
    best = std::min(best, time);
    spent += time;
  }
  return best;
}

/// Calls function(task) for each of `tasks` tasks, one on each thread.
template <class Function>
void on_threads(int tasks, Function& function) {
  runtime::parallel_tasks(
      tasks, [](void* context, int64_t task) { (*static_cast<Function*>(context))(task); },
      &function);
}

/// The time of a fast one among many runs of `function` within the budget: neither one that a pause
/// fell into nor one that had the core to itself while its sibling paused.
template <class Function>
double fast_seconds(Function function) {
  constexpr size_t one_in = 10;
  std::vector<double> times;
  for (double spent = 0; times.size() < min_repetitions || spent < budget_seconds;) {
    times.push_back(seconds(function));
    spent += times.back();
  }
  const auto fast = times.begin() + static_cast<std::ptrdiff_t>(times.size() / one_in);
  std::nth_element(times.begin(), fast, times.end());
  return *fast;
}

/// Each thread times runs of its own, so that one that is paused, or wakes late, does not count
/// against the others.
double measure_flops(int threads) {
  const FlopsLoop loop = flops_loop();
  constexpr double enough_seconds = 0.001;  // shorter than the turns of a busy machine
  int64_t iterations = 1 << 12;
  std::atomic<float> sink = 0;  // where results go, so that they are computed
  auto run = [&] { sink.store(loop.run(iterations), std::memory_order_relaxed); };
  while (seconds(run) < enough_seconds) iterations *= 2;
  std::vector<double> times(static_cast<size_t>(threads));
  std::atomic<int> at_once = 0, most_at_once = 0;  // fewer than asked for if the pool is busy
  auto measure = [&](int64_t task) {
    const int now = ++at_once;
    for (int most = most_at_once; most < now && !most_at_once.compare_exchange_weak(most, now);) {
    }
    times[static_cast<size_t>(task)] = fast_seconds(run);
    --at_once;
  };
  on_threads(threads, measure);
  double runs_per_second = 0;
  for (const double time : times) runs_per_second += 1 / time;
  return loop.flops_per_iteration * static_cast<double>(iterations) * runs_per_second *
         most_at_once / threads;
}

/// Three equally long arrays, given back to the system at the end.
class StreamArrays {
 public:
  StreamArrays() : bytes_(footprint() / array_count / granule * granule) {
    for (auto& array : arrays_) {
      array = Block(runtime::system_allocate(bytes_), Free{bytes_});
      if (array == nullptr) {
        throw SystemError(fmt::format("measure_peaks: cannot allocate {} bytes.", bytes_));
      }
    }
  }

  float* operator[](int i) const { return reinterpret_cast<float*>(arrays_[i].get()); }
  int64_t count() const { return bytes_ / static_cast<int64_t>(sizeof(float)); }
  double bytes() const { return static_cast<double>(bytes_); }

 private:
  struct Free {
    int64_t bytes;
    void operator()(std::byte* data) const { runtime::system_free(data, bytes); }
  };
  using Block = std::unique_ptr<std::byte, Free>;
  static constexpr int64_t granule = int64_t{2} << 20;

  static int64_t footprint() {
    const runtime::CpuInfo& cpu = runtime::cpu_info();
    const int64_t cache = std::max(cpu.level3.bytes, cpu.level2.bytes);
    const int64_t free = int64_t{sysconf(_SC_AVPHYS_PAGES)} * sysconf(_SC_PAGESIZE);
    const int64_t wanted = std::clamp(caches_beyond * cache, min_footprint, max_footprint);
    return std::clamp(wanted, granule * array_count,
                      std::max(free / memory_share, granule * array_count));
  }

  int64_t bytes_;
  Block arrays_[array_count] = {Block(nullptr, Free{0}), Block(nullptr, Free{0}),
                                Block(nullptr, Free{0})};
};

/// Part `task` of `tasks` of the arrays, in whole cache lines.
struct Part {
  int64_t begin, count;
  Part(int64_t total, int64_t task, int tasks) {
    constexpr int64_t line = 16;
    begin = total / line * task / tasks * line;
    count = total / line * (task + 1) / tasks * line - begin;
  }
};

double measure_bandwidth(const StreamArrays& arrays, int threads) {
  auto copy = [&](int64_t task) {
    const Part part(arrays.count(), task, threads);
    stream_copy(arrays[0] + part.begin, arrays[1] + part.begin, part.count);
  };
  auto triad = [&](int64_t task) {
    constexpr float factor = 0.5f;
    const Part part(arrays.count(), task, threads);
    stream_triad(arrays[0] + part.begin, arrays[1] + part.begin, arrays[2] + part.begin, factor,
                 part.count);
  };
  const double copy_time = best_seconds([&] { on_threads(threads, copy); });
  const double triad_time = best_seconds([&] { on_threads(threads, triad); });
  return std::max(2 * arrays.bytes() / copy_time, 3 * arrays.bytes() / triad_time);
}

/// Touches every page, on the threads that will use it.
void fill_arrays(const StreamArrays& arrays, int threads) {
  auto fill = [&](int64_t task) {
    const Part part(arrays.count(), task, threads);
    for (int i = 0; i < array_count; ++i) std::fill_n(arrays[i] + part.begin, part.count, 1.f);
  };
  on_threads(threads, fill);
}

}  // namespace

MachinePeaks measure_peaks() {
  const runtime::CpuInfo& cpu = runtime::cpu_info();
  if (!cpu.x86_64_v3) {
    throw UserError(fmt::format(
        "measure_peaks: this CPU is {}; onepass needs AVX2 and FMA (x86-64-v3).", cpu.name));
  }
  MachinePeaks peaks;
  peaks.cpu = cpu.name;
  peaks.threads = runtime::available_processors();
  const ThreadScope all(0);
  peaks.flops_one_thread = measure_flops(1);
  peaks.flops_all_threads = measure_flops(peaks.threads);
  const StreamArrays arrays;
  fill_arrays(arrays, peaks.threads);
  peaks.bandwidth_one_thread = measure_bandwidth(arrays, 1);
  peaks.bandwidth_all_threads = measure_bandwidth(arrays, peaks.threads);
  return peaks;
}

}  // namespace onepass
