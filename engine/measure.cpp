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
#include "onepass/engine/verdict.h"
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

double bandwidth_of(const MachinePeaks& peaks) {
  return threads() == 1 ? peaks.bandwidth_one_thread : peaks.bandwidth_all_threads;
}
double flops_of(const MachinePeaks& peaks) {
  return threads() == 1 ? peaks.flops_one_thread : peaks.flops_all_threads;
}

/// FLOP/s that this machine allows at an intensity, with the threads in use.
double roof(const MachinePeaks& peaks, double intensity) {
  return std::min(flops_of(peaks), bandwidth_of(peaks) * intensity);
}

/// "    1 phase, row by row, 3 loops: 8.389 MB more in L1"
std::string walk_line(const KernelSummary& kernel) {
  std::string line =
      fmt::format("    {} phase{}, {}", kernel.phases, kernel.phases == 1 ? "" : "s", kernel.walk);
  if (kernel.visits > 1) line += fmt::format(", {} loops", kernel.visits);
  if (kernel.bytes_again > 0) {
    line += fmt::format(": {:.3f} MB more in {}", static_cast<double>(kernel.bytes_again) / mega,
                        kernel.level);
  }
  return line + "\n";
}

std::string kernel_line(const KernelSummary& kernel) {
  std::string line = fmt::format(
      "  {:<20} {:<12} {:>3} operations, {:.3f} MB read, {:.3f} MB written", kernel.name,
      kernel.kind, kernel.operations, static_cast<double>(kernel.bytes_read) / mega,
      static_cast<double>(kernel.bytes_written) / mega);
  line += fmt::format(", {:.3f} MFLOP, {:.2f} FLOP per byte\n", kernel.flops / mega,
                      kernel.intensity());
  for (const std::string& range : kernel.validity) line += "    valid for " + range + "\n";
  if (!kernel.walk.empty()) line += walk_line(kernel);
  if (kernel.streamed) line += "    stores bypass the caches\n";
  return line;
}

std::string heaviest_operation(const std::vector<KernelSummary>& kernels) {
  const auto heaviest = std::max_element(kernels.begin(), kernels.end(),
                                         [](const KernelSummary& a, const KernelSummary& b) {
                                           return a.heaviest_cost < b.heaviest_cost;
                                         });
  return heaviest == kernels.end() ? "" : heaviest->heaviest;
}

double moved_between_kernels(const std::vector<EdgeSummary>& edges) {
  double bytes = 0;
  for (const EdgeSummary& edge : edges) {
    const bool inside = edge.reason == "fused" || edge.reason == "graph_input";
    if (!inside) bytes += static_cast<double>(edge.bytes);
  }
  return bytes;
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
  if (work == 0) return moved / state_->seconds / bandwidth_of(state_->peaks);
  return work / state_->seconds / roof(state_->peaks, work / moved);
}

std::string Explanation::verdict() const {
  if (state_->seconds == 0) return {};
  return verdict_on({static_cast<double>(bytes()) / state_->seconds / bandwidth_of(state_->peaks),
                     flops() / state_->seconds / flops_of(state_->peaks),
                     moved_between_kernels(edges()) / mega, heaviest_operation(kernels()),
                     state_->options.accuracy});
}

std::string to_string(const Explanation& explanation) {
  std::string text = explanation.graph();
  text += "\nkernels\n";
  for (const KernelSummary& kernel : explanation.kernels()) text += kernel_line(kernel);
  text += "edges\n";
  for (const EdgeSummary& edge : explanation.edges()) text += edge_line(edge);
  for (const PackedConstant& constant : explanation.packed_constants()) {
    text += fmt::format("constant {}: packed once as {}, {}, {:.3f} MB\n", constant.name,
                        constant.form, constant.type, static_cast<double>(constant.bytes) / mega);
  }
  if (explanation.seconds() == 0) return text;
  text += fmt::format("measured: {:.2f} us, {:.1f} GB/s, {:.1f} GFLOP/s, {:.0f} % of the roof\n",
                      explanation.seconds() * microseconds_per_second,
                      static_cast<double>(explanation.bytes()) / explanation.seconds() / giga,
                      explanation.flops() / explanation.seconds() / giga,
                      explanation.share_of_roof() * 100);
  return text + explanation.verdict() + "\n";
}

std::ostream& operator<<(std::ostream& stream, const Explanation& explanation) {
  return stream << to_string(explanation);
}

}  // namespace onepass
