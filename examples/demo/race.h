// SPDX-License-Identifier: Apache-2.0
// Times contenders against each other: warmed up, interleaved, median and spread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

struct Timing {
  double median = 0;   // seconds
  double minimum = 0;  // seconds
  double spread = 0;   // distance of the quartiles as a share of the median
};

/// Runs every contender in turn, so that a change of the machine's speed meets all of them, until
/// each has had its share of time.
std::vector<Timing> race(std::span<const std::function<void()>> contenders);

/// Throws std::runtime_error naming `what` unless `holds`: nothing wrong is ever timed.
void require(bool holds, const std::string& what);
