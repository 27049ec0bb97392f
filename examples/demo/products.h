// SPDX-License-Identifier: Apache-2.0
// Square matrix products: the BLAS library, generated tiles of several sizes, and three plain
// loops.
#pragma once

#include <onepass/engine/roofline.h>

#include <vector>

#include "demo/roofline_chart.h"

/// Prints GFLOP/s for N = 128 to 1024 and returns points for the largest.
std::vector<ChartPoint> race_products(const onepass::MachinePeaks& peaks);
