// SPDX-License-Identifier: Apache-2.0
#include "demo/race.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace {

constexpr double seconds_each = 0.7;
constexpr size_t least_runs = 5, most_runs = 500;
constexpr double too_long = 0.5;  // a run of this many seconds is steady enough alone

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Samples {
  std::vector<double> seconds;
  double total = 0;

  bool enough() const {
    if (seconds.size() >= most_runs) return true;
    if (!seconds.empty() && seconds.front() > too_long) return true;
    return seconds.size() >= least_runs && total > seconds_each;
  }
};

Timing timing_of(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const size_t n = seconds.size();
  const double median = seconds[n / 2];
  return {median, seconds.front(), (seconds[3 * n / 4] - seconds[n / 4]) / median};
}

}  // namespace

std::vector<Timing> race(std::span<const std::function<void()>> contenders) {
  for (const auto& contender : contenders) contender();
  std::vector<Samples> samples(contenders.size());
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < contenders.size(); ++i) {
      if (samples[i].enough()) continue;
      const double seconds = seconds_of(contenders[i]);
      samples[i].seconds.push_back(seconds);
      samples[i].total += seconds;
      more = true;
    }
  }
  std::vector<Timing> timings;
  for (const Samples& s : samples) timings.push_back(timing_of(s.seconds));
  return timings;
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("not timed, because it is wrong: " + what);
}
