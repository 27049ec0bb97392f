// SPDX-License-Identifier: Apache-2.0
#include "demo/modes.h"

#include <algorithm>
#include <cstdio>

namespace op = onepass;

std::vector<ChartPoint> print_modes(const std::string& name, std::span<const Work> work,
                                    std::span<const Timing> timings,
                                    const op::MachinePeaks& peaks) {
  std::printf("\n%s (all modes agree bit for bit)\n", name.c_str());
  std::printf("  %-12s %8s %10s %8s %10s %8s %10s %8s %11s\n", "mode", "kernels", "median",
              "spread", "moved", "GB/s", "GFLOP/s", "of roof", "vs unfused");
  const double unfused = timings[1].median;
  std::vector<ChartPoint> points;
  for (size_t i = 0; i < work.size(); ++i) {
    const double seconds = timings[i].median;
    const double intensity = work[i].flops / work[i].bytes;
    const double roof = std::min(peaks.flops_all_threads, peaks.bandwidth_all_threads * intensity);
    const double flops = work[i].flops / seconds;
    std::printf("  %-12s %8zu %7.3f ms %6.1f %% %7.1f MB %8.2f %10.2f %6.1f %% %10.1fx\n",
                mode_names[i].name, work[i].kernels, seconds * 1e3, timings[i].spread * 100,
                work[i].bytes / 1e6, work[i].bytes / seconds / 1e9, flops / 1e9, 100 * flops / roof,
                unfused / seconds);
    points.push_back(
        {name.substr(0, name.find(',')) + ", " + mode_names[i].name, intensity, flops});
  }
  return points;
}
