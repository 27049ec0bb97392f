// SPDX-License-Identifier: Apache-2.0
// A redrawn line of text.
#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace onepass::prove {

Progress::Progress() : shown_(isatty(STDERR_FILENO) == 1) {}

void Progress::begin(std::string label, uint64_t total) {
  const std::lock_guard lock(mutex_);
  label_ = std::move(label);
  total_ = total;
  done_ = 0;
  if (shown_) draw();
}

void Progress::advance(uint64_t steps) {
  constexpr std::chrono::milliseconds between_drawings(200);
  const std::lock_guard lock(mutex_);
  done_ += steps;
  if (shown_ && std::chrono::steady_clock::now() - drawn_ > between_drawings) draw();
}

void Progress::clear() {
  const std::lock_guard lock(mutex_);
  if (shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::draw() {
  constexpr uint64_t width = 40;
  const uint64_t filled = total_ == 0 ? 0 : done_ * width / total_;
  const uint64_t percent = total_ == 0 ? 0 : done_ * 100 / total_;
  fmt::print(stderr, "\r{:<24} [{:<{}}] {:3}%", label_, std::string(filled, '#'), width, percent);
  std::fflush(stderr);
  drawn_ = std::chrono::steady_clock::now();
}

}  // namespace onepass::prove
