// SPDX-License-Identifier: Apache-2.0
// Two tasks on two threads: what the fork and the join cost, on a quiet machine and where other
// processes keep its processors busy.
#include <benchmark/benchmark.h>
#include <onepass/onepass.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "busy_processes.h"
#include "contenders/fork_join.h"
#include "harness.h"

namespace op = onepass;

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

void work_for(Microseconds time) {
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
  while (Clock::now() < end) {
  }
}

/// About `microseconds` on a quiet machine, and no less work on a busy one.
struct Arithmetic {
  int64_t steps;
  double microseconds;

  static Arithmetic of(double microseconds) {
    constexpr int64_t trial = 2'000'000;
    const Clock::time_point begin = Clock::now();
    Arithmetic{trial, 0}();
    const Microseconds time = Clock::now() - begin;
    return {static_cast<int64_t>(trial * microseconds / time.count()), microseconds};
  }

  void operator()() const {
    double x = 1;
    for (int64_t i = 0; i < steps; ++i) {
      x = x * 0.5 + 1;
      benchmark::DoNotOptimize(x);
    }
  }
};

/// What surrounds the timed calls.
struct Scene {
  std::string name;
  int busy_processes;
  Microseconds pause;  // of serial work before each
};

void add(const std::string& what, const Scene& scene, const std::string& contender,
         const std::function<void()>& run) {
  const auto body = [=](benchmark::State& state) {
    const bench::BusyProcesses others(scene.busy_processes);
    std::vector<double> times;
    for (auto iteration : state) {
      if (scene.pause.count() > 0) work_for(scene.pause);
      const Clock::time_point begin = Clock::now();
      run();
      const std::chrono::duration<double> time = Clock::now() - begin;
      state.SetIterationTime(time.count());
      times.push_back(time.count());
    }
    const auto quantile = [&](double share) {
      const auto at =
          times.begin() + static_cast<int64_t>(share * static_cast<double>(times.size() - 1));
      std::nth_element(times.begin(), at, times.end());
      return benchmark::Counter(*at * 1e6);
    };
    state.counters["median_us"] = quantile(0.5);
    state.counters["p99_us"] = quantile(0.99);
    state.counters["max_us"] = quantile(1);
  };
  auto* const registered =
      benchmark::RegisterBenchmark((what + "/" + scene.name + "/" + contender).c_str(), body)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
  // Left to itself it would repeat until the timed part alone has taken its time.
  constexpr Microseconds pauses{200'000};
  if (scene.pause.count() > 0) registered->Iterations(static_cast<int64_t>(pauses / scene.pause));
}

void add_tasks(const std::string& what, const Scene& scene, Arithmetic arithmetic) {
  add(what, scene, "in turn", [=] {
    arithmetic();
    arithmetic();
  });
  for (const bench::ForkJoin& contender : bench::fork_joins()) {
    add(what, scene, contender.name,
        [=] { contender.run([=](int) { arithmetic(); }, 2000 * arithmetic.microseconds); });
  }
}

void add_gelu(const Scene& scene) {
  const op::Tensor x = op::random_normal({16'384}), y = op::empty({16'384});
  for (const int threads : {1, 2}) {
    add("gelu of 16384", scene, "onepass, " + std::to_string(threads) + " threads",
        [=] { op::evaluate_into(y, op::gelu(x), {.threads = threads}); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  const Arithmetic nothing{0, 0}, little = Arithmetic::of(5), some = Arithmetic::of(100);
  for (const Scene& scene : {Scene{"at once", 0, 0us}, Scene{"after 20 us", 0, 20us},
                             Scene{"after 200 us", 0, 200us}, Scene{"after 5 ms", 0, 5ms}}) {
    add_tasks("two of nothing", scene, nothing);
    add_tasks("two of 5 us", scene, little);
  }
  const int processors = onepass::runtime::available_processors();
  for (const Scene& scene : {Scene{"quiet", 0, 0us}, Scene{"one busy process", 1, 0us},
                             Scene{"a busy process each", processors, 0us}}) {
    add_tasks("two of 5 us", scene, little);
    add_tasks("two of 100 us", scene, some);
    add_gelu(scene);
  }
  return bench::run(argc, argv);
}
