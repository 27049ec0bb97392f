// SPDX-License-Identifier: Apache-2.0
// The method: every mode is compiled, warmed and compared before the first measurement; then rounds
// go through the modes in turn, so that what the machine does meanwhile happens to all of them
// alike.
#include "race.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "agreement.h"
#include "compile_time.h"
#include "expression_options.h"
#include "onepass/engine/explain.h"

namespace onepass::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int rounds = 9;
constexpr double shortest_sample_ns = 20'000;  // far above what reading the clock costs

double nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

class Contender {
 public:
  Contender(const Value& value, const RaceOptions& options, Mode mode)
      : value_(value), options_(options.evaluation) {
    options_.mode = mode;
    result_ = evaluate(value_, options_);
    target_ = empty_like(result_);
  }

  Mode mode() const { return options_.mode; }
  const Tensor& result() const { return result_; }

  /// Runs until nothing is done for the first time, and finds how many evaluations make one sample.
  void warm_up() {
    constexpr int runs = 3;
    double fastest = time_of(1);
    for (int i = 1; i < runs; ++i) fastest = std::min(fastest, time_of(1));
    batch_ = std::max(1, static_cast<int>(std::ceil(shortest_sample_ns / std::max(fastest, 1.0))));
  }

  /// Samples for at least `seconds`, at least one.
  void run_round(double seconds) {
    const Clock::time_point start = Clock::now();
    do {
      samples_.push_back(time_of(batch_) / batch_);
    } while (nanoseconds_since(start) < seconds * 1e9);
  }

  RaceResult statistics() {
    std::sort(samples_.begin(), samples_.end());
    const auto quantile = [&](double q) {
      return samples_[static_cast<size_t>(q * static_cast<double>(samples_.size() - 1))];
    };
    RaceResult result;
    result.mode = mode();
    result.samples = static_cast<int>(samples_.size());
    result.median_ns = quantile(0.5);
    result.min_ns = samples_.front();
    result.spread = (quantile(0.75) - quantile(0.25)) / result.median_ns;
    add_costs(result);
    return result;
  }

 private:
  double time_of(int evaluations) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < evaluations; ++i) evaluate_into(target_, value_, options_);
    return nanoseconds_since(start);
  }

  void add_costs(RaceResult& result) const {
    const Explanation explanation = explain(value_, options_);
    result.bytes = explanation.bytes();
    result.flops = explanation.flops();
    if (mode() == Mode::interpreted) return;
    result.kernels = static_cast<int>(explanation.kernels().size());
    result.compile_ns = compile_nanoseconds(value_, options_);
  }

  const Value& value_;
  EvaluateOptions options_;
  Tensor result_, target_;
  int batch_ = 1;
  std::vector<double> samples_;
};

double checked_difference(const Contender& first, const Contender& other) {
  const Agreement agreement = compare(first.result(), other.result());
  if (agreement.differing == 0) return agreement.max_abs_diff;
  throw InternalError(
      fmt::format("bench: modes {} and {} differ in {} of {} elements, first at {}, by up to {}; "
                  "modes must agree, so nothing is timed",
                  to_string(first.mode()), to_string(other.mode()), agreement.differing,
                  first.result().size(), agreement.first, agreement.max_abs_diff));
}

}  // namespace

std::vector<RaceResult> race(const Value& value, const RaceOptions& options) {
  std::vector<Contender> contenders;
  contenders.reserve(options.modes.size());
  std::vector<double> differences;
  for (const Mode mode : options.modes) {
    contenders.emplace_back(value, options, mode);
    differences.push_back(checked_difference(contenders.front(), contenders.back()));
  }
  for (Contender& contender : contenders) contender.warm_up();
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders) contender.run_round(options.seconds / rounds);
  }
  std::vector<RaceResult> results;
  for (size_t i = 0; i < contenders.size(); ++i) {
    results.push_back(contenders[i].statistics());
    results.back().max_abs_diff = differences[i];
  }
  return results;
}

}  // namespace onepass::tool
