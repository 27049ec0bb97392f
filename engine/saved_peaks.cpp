// SPDX-License-Identifier: Apache-2.0
// Measured peaks as a small file in the user's cache folder.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>

#include "onepass/engine/roofline.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/thread_pool.h"
#include "onepass/runtime/user_file.h"

namespace onepass {
namespace {

constexpr std::string_view first_line = "onepass peaks 1";
constexpr int most_threads = 1 << 16;
constexpr double highest_peak = 1e18;  // per second; more is a broken file

template <class Number>
bool take_number(std::string_view& text, std::string_view key, double highest, Number& number) {
  const auto value = runtime::take_line(text, key);
  if (!value) return false;
  const auto [end, error] = std::from_chars(value->begin(), value->end(), number);
  return error == std::errc{} && end == value->end() && number > 0 &&
         static_cast<double>(number) <= highest;
}

}  // namespace

std::string saved_peaks_path() { return runtime::user_file_path("peaks.txt"); }

std::string peaks_text(const MachinePeaks& peaks) {
  return fmt::format(
      "{}\ncpu {}\nthreads {}\nflops_one_thread {}\nflops_all_threads {}\n"
      "bandwidth_one_thread {}\nbandwidth_all_threads {}\n",
      first_line, peaks.cpu, peaks.threads, peaks.flops_one_thread, peaks.flops_all_threads,
      peaks.bandwidth_one_thread, peaks.bandwidth_all_threads);
}

std::optional<MachinePeaks> parse_peaks(const std::string& text) {
  std::string_view rest = text;
  const size_t head = first_line.size() + 1;
  if (!rest.starts_with(first_line) || rest.size() < head || rest[head - 1] != '\n') {
    return std::nullopt;
  }
  rest.remove_prefix(head);
  const auto cpu = runtime::take_line(rest, "cpu");
  if (!cpu) return std::nullopt;
  MachinePeaks peaks;
  peaks.cpu = *cpu;
  const bool complete =
      take_number(rest, "threads", most_threads, peaks.threads) &&
      take_number(rest, "flops_one_thread", highest_peak, peaks.flops_one_thread) &&
      take_number(rest, "flops_all_threads", highest_peak, peaks.flops_all_threads) &&
      take_number(rest, "bandwidth_one_thread", highest_peak, peaks.bandwidth_one_thread) &&
      take_number(rest, "bandwidth_all_threads", highest_peak, peaks.bandwidth_all_threads) &&
      rest.empty();
  return complete ? std::optional(peaks) : std::nullopt;
}

std::optional<MachinePeaks> saved_peaks() {
  const auto text = runtime::read_user_file(saved_peaks_path());
  const auto peaks = text ? parse_peaks(*text) : std::nullopt;
  const bool current = peaks && peaks->cpu == runtime::cpu_info().name &&
                       peaks->threads == runtime::available_processors();
  return current ? peaks : std::nullopt;
}

void save_peaks(const MachinePeaks& peaks) {
  const std::string text = peaks_text(peaks);
  if (text.size() > runtime::longest_user_file || parse_peaks(text) != peaks) {
    throw UserError(
        "save_peaks: the peaks are not those of a machine; every number must be positive and "
        "finite.");
  }
  runtime::write_user_file("save_peaks", saved_peaks_path(), text);
}

}  // namespace onepass
