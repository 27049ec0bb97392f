// SPDX-License-Identifier: Apache-2.0
// Measuring an explained expression, and the summary that is printed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <ostream>

#include "onepass/engine/entry.h"
#include "onepass/engine/explain_state.h"
#include "onepass/engine/run.h"
#include "onepass/runtime/small_array.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {

namespace {

constexpr double giga = 1e9, mega = 1e6;
constexpr double microseconds_per_second = 1e6;

/// Seconds of one evaluation: the median of enough runs to fill a short while.
double median_seconds(const Entry& entry, const Explanation::State& state) {
  using Clock = std::chrono::steady_clock;
  constexpr auto budget = std::chrono::milliseconds(200);
  constexpr size_t least_runs = 5, most_runs = 1000;
  runtime::SmallArray<int64_t, 16> values(entry.symbols.size());
  internal_check(entry.resolve(state.arguments(), {values.data(), values.size()}),
                 "measure: an entry does not serve the call it was made for");
  std::vector<Tensor> results(entry.outputs.size());
  run_into_new(entry, state.arguments(), values.span(), results);  // warms caches and pages
  std::vector<double> seconds;
  const Clock::time_point start = Clock::now();
  while (seconds.size() < least_runs ||
         (Clock::now() - start < budget && seconds.size() < most_runs)) {
    const Clock::time_point begin = Clock::now();
    run_into(entry, state.arguments(), values.span(), results);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + static_cast<long>(seconds.size() / 2),
                   seconds.end());
  return seconds[seconds.size() / 2];
}

/// FLOP/s that this machine allows at an intensity, with the threads in use.
double roof(const MachinePeaks& peaks, double intensity) {
  const bool one = threads() == 1;
  const double flops = one ? peaks.flops_one_thread : peaks.flops_all_threads;
  const double bandwidth = one ? peaks.bandwidth_one_thread : peaks.bandwidth_all_threads;
  return std::min(flops, bandwidth * intensity);
}

std::string kernel_line(const KernelSummary& kernel) {
  std::string line = fmt::format(
      "  {:<20} {:<12} {:>3} operations, {:.3f} MB read, {:.3f} MB written", kernel.name,
      kernel.kind, kernel.operations, static_cast<double>(kernel.bytes_read) / mega,
      static_cast<double>(kernel.bytes_written) / mega);
  line += fmt::format(", {:.3f} MFLOP, {:.2f} FLOP per byte\n", kernel.flops / mega,
                      kernel.intensity());
  for (const std::string& range : kernel.validity) line += "    valid for " + range + "\n";
  if (kernel.streamed) line += "    stores bypass the caches\n";
  return line;
}

std::string edge_line(const EdgeSummary& edge) {
  return fmt::format("  {} -> {}: {}, {:.3f} MB {}\n", edge.producer, edge.consumer, edge.reason,
                     static_cast<double>(edge.bytes) / mega,
                     edge.reason == "fused" ? "saved" : "moved");
}

}  // namespace

Explanation& Explanation::measure() {
  std::optional<ThreadScope> scope;
  if (state_->options.threads > 0) scope.emplace(state_->options.threads);
  const std::shared_ptr<const Entry> entry =
      find_or_make_entry(state_->tape, state_->arguments(), state_->options, {});
  state_->seconds = median_seconds(*entry, *state_);
  static const MachinePeaks peaks = measure_peaks();
  state_->peaks = peaks;
  return *this;
}

double Explanation::seconds() const { return state_->seconds; }

double Explanation::share_of_roof() const {
  if (state_->seconds == 0) return 0;
  const double moved = static_cast<double>(bytes()), work = flops();
  if (work == 0) {
    const double bandwidth =
        threads() == 1 ? state_->peaks.bandwidth_one_thread : state_->peaks.bandwidth_all_threads;
    return moved / state_->seconds / bandwidth;
  }
  return work / state_->seconds / roof(state_->peaks, work / moved);
}

std::string to_string(const Explanation& explanation) {
  std::string text = explanation.graph();
  text += "\nkernels\n";
  for (const KernelSummary& kernel : explanation.kernels()) text += kernel_line(kernel);
  text += "edges\n";
  for (const EdgeSummary& edge : explanation.edges()) text += edge_line(edge);
  if (explanation.seconds() == 0) return text;
  text += fmt::format("measured: {:.2f} us, {:.1f} GB/s, {:.1f} GFLOP/s, {:.0f} % of the roof\n",
                      explanation.seconds() * microseconds_per_second,
                      static_cast<double>(explanation.bytes()) / explanation.seconds() / giga,
                      explanation.flops() / explanation.seconds() / giga,
                      explanation.share_of_roof() * 100);
  return text;
}

std::ostream& operator<<(std::ostream& stream, const Explanation& explanation) {
  return stream << to_string(explanation);
}

}  // namespace onepass
