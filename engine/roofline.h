// SPDX-License-Identifier: Apache-2.0
// The roofs of this machine: the fastest arithmetic and the fastest memory traffic that a simple
// loop reaches.
#pragma once

#include <optional>
#include <string>

namespace onepass {

struct MachinePeaks {
  double flops_one_thread = 0;  // f32 operations per second; a fused multiply-add counts as two
  double flops_all_threads = 0;
  double bandwidth_one_thread =
      0;  // bytes per second that the program loads and stores, see measure_peaks
  double bandwidth_all_threads = 0;
  int threads = 0;  // what "all" means
  std::string cpu;

  friend bool operator==(const MachinePeaks&, const MachinePeaks&) = default;
};

/// Measures for less than 3 seconds. Arithmetic: independent chains of fused multiply-adds in
/// registers, of the widest vectors that the CPU has. Bandwidth: the better of copy (a = b) and
/// triad (a = b + s * c) over arrays well beyond the last-level cache, with stores that bypass the
/// caches; copy counts 2 arrays, triad 3. The best of several repetitions counts. "All threads" are
/// the processors that this process may use. Frees what it allocated.
MachinePeaks measure_peaks();

/// The peaks that save_peaks stored, if they are intact and belong to this CPU and number of
/// threads.
std::optional<MachinePeaks> saved_peaks();

/// Stores peaks in the user's cache folder ($XDG_CACHE_HOME or ~/.cache), in one step.
void save_peaks(const MachinePeaks& peaks);

/// Where they are stored; empty if neither XDG_CACHE_HOME nor HOME names an absolute folder.
std::string saved_peaks_path();

/// The text of the file, and its reading: nothing unless every field is there and plausible.
std::string peaks_text(const MachinePeaks& peaks);
std::optional<MachinePeaks> parse_peaks(const std::string& text);

}  // namespace onepass
