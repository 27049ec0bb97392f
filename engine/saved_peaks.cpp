// SPDX-License-Identifier: Apache-2.0
// Measured peaks as a small file in the user's cache folder.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "onepass/engine/roofline.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {
namespace {

constexpr std::string_view first_line = "onepass peaks 1";
constexpr size_t longest_file = 4096;
constexpr int most_threads = 1 << 16;
constexpr double highest_peak = 1e18;  // per second; more is a broken file

/// `variable` if it is an absolute path; relative ones are to be ignored.
std::filesystem::path folder_of(const char* variable) {
  const char* const value = std::getenv(variable);
  const std::filesystem::path path = value == nullptr ? "" : value;
  return path.is_absolute() ? path : std::filesystem::path();
}

/// Takes the line "<key> <value>" off `text`: the value, or nothing if the line is another one.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(key) || text.size() <= key.size() ||
      text[key.size()] != ' ') {
    return std::nullopt;
  }
  const std::string_view value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

template <class Number>
bool take_number(std::string_view& text, std::string_view key, double highest, Number& number) {
  const auto value = take_line(text, key);
  if (!value) return false;
  const auto [end, error] = std::from_chars(value->begin(), value->end(), number);
  return error == std::errc{} && end == value->end() && number > 0 &&
         static_cast<double>(number) <= highest;
}

[[noreturn]] void throw_failed(const std::string& path, int error) {
  throw SystemError(fmt::format("save_peaks: cannot write '{}': {}.", path,
                                std::error_code(error, std::generic_category()).message()));
}

/// Makes the folder and those above it, private where they are new.
void make_folder(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder)) return;
  if (folder.has_parent_path() && folder.parent_path() != folder) make_folder(folder.parent_path());
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) throw_failed(folder, errno);
}

/// 0, or the error number.
int write_file(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

std::string saved_peaks_path() {
  std::filesystem::path folder = folder_of("XDG_CACHE_HOME");
  if (folder.empty()) {
    folder = folder_of("HOME");
    if (folder.empty()) return "";
    folder /= ".cache";
  }
  return folder / "onepass" / "peaks.txt";
}

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
  const auto cpu = take_line(rest, "cpu");
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
  const std::string path = saved_peaks_path();
  if (path.empty()) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string text(longest_file, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  const auto peaks = parse_peaks(text);
  const bool current = peaks && peaks->cpu == runtime::cpu_info().name &&
                       peaks->threads == runtime::available_processors();
  return current ? peaks : std::nullopt;
}

void save_peaks(const MachinePeaks& peaks) {
  const std::string text = peaks_text(peaks);
  if (text.size() > longest_file || parse_peaks(text) != peaks) {
    throw UserError(
        "save_peaks: the peaks are not those of a machine; every number must be positive and "
        "finite.");
  }
  const std::string path = saved_peaks_path();
  if (path.empty()) {
    throw UserError(
        "save_peaks: there is no cache folder; XDG_CACHE_HOME or HOME must be an absolute path.");
  }
  make_folder(std::filesystem::path(path).parent_path());
  std::string temporary = path + ".XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) throw_failed(path, errno);
  int error = write_file(file, text);
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    throw_failed(path, error);
  }
}

}  // namespace onepass
