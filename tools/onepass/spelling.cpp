// SPDX-License-Identifier: Apache-2.0
// Nearness of names: insertions, deletions, replacements and exchanges of neighbours.
#include "spelling.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace onepass::tool {
namespace {

size_t distance(std::string_view a, std::string_view b) {
  const size_t columns = b.size() + 1;
  std::vector<size_t> table((a.size() + 1) * columns);
  const auto at = [&](size_t i, size_t j) -> size_t& { return table[i * columns + j]; };
  for (size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replaced});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(a.size(), b.size());
}

/// Short names are near to everything, so they allow fewer mistakes.
size_t allowed_mistakes(size_t length) {
  constexpr size_t shortest = 3, long_name = 6;
  if (length < shortest) return 0;
  return length < long_name ? 1 : 2;
}

}  // namespace

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates) {
  constexpr size_t longest_name = 64;
  if (name.size() > longest_name) return {};
  std::string_view best;
  size_t fewest = allowed_mistakes(name.size()) + 1;
  for (const std::string_view candidate : candidates) {
    const size_t mistakes = distance(name, candidate);
    if (mistakes < fewest) {
      fewest = mistakes;
      best = candidate;
    }
  }
  return best.empty() ? std::string() : fmt::format("; did you mean '{}'?", best);
}

}  // namespace onepass::tool
