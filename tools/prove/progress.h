// SPDX-License-Identifier: Apache-2.0
// A bar on stderr, where that is a terminal; nothing elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace onepass::prove {

class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin(std::string label, uint64_t total);
  /// Called by any thread.
  void advance(uint64_t steps);
  /// The line is free for other text.
  void clear();

 private:
  void draw();

  const bool shown_;
  std::mutex mutex_;
  std::string label_;
  uint64_t total_ = 0;
  uint64_t done_ = 0;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace onepass::prove
