// SPDX-License-Identifier: Apache-2.0
// One row per mode.
#include "race_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "expression_options.h"
#include "units.h"

namespace onepass::tool {
namespace {

constexpr double giga = 1e9, percent = 100;

/// The median of the unfused mode, against which the others are measured; 0 if it does not run.
double unfused_median(std::span<const RaceResult> results) {
  const auto found = std::find_if(results.begin(), results.end(), [](const RaceResult& result) {
    return result.mode == Mode::unfused;
  });
  return found == results.end() ? 0 : found->median_ns;
}

std::string row(const RaceResult& result, const Roof& roof, double baseline) {
  const std::string speed_up =
      baseline > 0 ? fmt::format("{:.2f}x", baseline / result.median_ns) : std::string("-");
  return fmt::format(
      "{:<12}{:>10}{:>10}{:>7.1f} %{:>9.2f}{:>9.2f}{:>7.1f} %{:>9}{:>9}{:>10}{:>10}\n",
      to_string(result.mode), time_text(result.median_ns), time_text(result.min_ns),
      percent * result.spread, result.bytes_per_second() / giga, result.flops_per_second() / giga,
      percent * roof.share(result), speed_up, result.kernels,
      bytes_text(static_cast<double>(result.bytes)),
      time_text(static_cast<double>(result.compile_ns)));
}

}  // namespace

Roof roof_for(const MachinePeaks& peaks, int threads) {
  if (threads == 1) return {peaks.flops_one_thread, peaks.bandwidth_one_thread};
  return {peaks.flops_all_threads, peaks.bandwidth_all_threads};
}

double Roof::share(const RaceResult& result) const {
  const double by_memory = static_cast<double>(result.bytes) / bandwidth;
  const double by_arithmetic = result.flops / flops;
  return std::max(by_memory, by_arithmetic) / (result.median_ns / giga);
}

void print_table(std::ostream& stream, std::span<const RaceResult> results, const Roof& roof) {
  stream << fmt::format("{:<12}{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>10}\n", "mode",
                        "median", "min", "spread", "GB/s", "GFLOP/s", "of roof", "speed-up",
                        "kernels", "moved", "compile");
  const double baseline = unfused_median(results);
  double difference = 0;
  for (const RaceResult& result : results) {
    stream << row(result, roof, baseline);
    difference = std::max(difference, result.max_abs_diff);
  }
  stream << fmt::format("roof: {:.1f} GB/s, {:.1f} GFLOP/s; largest difference between modes: {}\n",
                        roof.bandwidth / giga, roof.flops / giga, difference);
}

std::string to_json(std::span<const RaceResult> results) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const RaceResult& result : results) {
    list.push_back({{"mode", to_string(result.mode)},
                    {"median_ns", result.median_ns},
                    {"min_ns", result.min_ns},
                    {"bytes", result.bytes},
                    {"flops", result.flops},
                    {"compile_ns", result.compile_ns},
                    {"kernels", result.kernels},
                    {"max_abs_diff", result.max_abs_diff}});
  }
  return list.dump(2) + "\n";
}

}  // namespace onepass::tool
