// SPDX-License-Identifier: Apache-2.0
// Three significant digits and a unit.
#include "units.h"

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <string_view>

namespace onepass::tool {
namespace {

constexpr double thousand = 1000;

/// `value` in the largest of the units, each a thousand times the one before, in which it is at
/// least 1.
std::string scaled(double value, std::span<const std::string_view> units) {
  size_t unit = 0;
  while (unit + 1 < units.size() && std::abs(value) >= thousand) {
    value /= thousand;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f} {}", value, units[unit]);
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, units[unit]);
}

}  // namespace

std::string time_text(double nanoseconds) {
  constexpr std::string_view units[] = {"ns", "us", "ms", "s"};
  return scaled(nanoseconds, units);
}

std::string bytes_text(double bytes) {
  constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB"};
  return scaled(bytes, units);
}

std::string cache_size_text(int64_t bytes) {
  constexpr int64_t kibi = 1024, mebi = kibi * kibi;
  if (bytes >= mebi && bytes % mebi == 0) return fmt::format("{} MiB", bytes / mebi);
  if (bytes >= kibi) return fmt::format("{} KiB", bytes / kibi);
  return fmt::format("{} B", bytes);
}

}  // namespace onepass::tool
