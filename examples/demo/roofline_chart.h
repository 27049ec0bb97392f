// SPDX-License-Identifier: Apache-2.0
// The roofline picture: what this machine can do at each intensity, and where kernels stand below
// that.
#pragma once

#include <onepass/engine/roofline.h>

#include <string>
#include <vector>

struct ChartPoint {
  std::string label;
  double intensity = 0;  // floating-point operations per byte moved
  double flops = 0;      // per second
};

/// The picture as SVG text.
std::string draw_roofline(const onepass::MachinePeaks& peaks,
                          const std::vector<ChartPoint>& points);
