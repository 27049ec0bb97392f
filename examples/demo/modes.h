// SPDX-License-Identifier: Apache-2.0
// One expression raced in its three modes: fused, unfused, interpreted.
#pragma once

#include <onepass/engine/roofline.h>
#include <onepass/onepass.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "demo/race.h"
#include "demo/roofline_chart.h"
#include "digits/agreement.h"

struct ModeName {
  onepass::Mode mode;
  const char* name;
};
inline constexpr std::array<ModeName, 3> mode_names = {
    {{onepass::Mode::fused, "fused"},
     {onepass::Mode::unfused, "unfused"},
     {onepass::Mode::interpreted, "interpreted"}}};

/// What one mode of an expression moves and computes.
struct Work {
  double bytes = 0, flops = 0;
  size_t kernels = 0;
};

/// Prints one line per mode and returns a point of the roofline for each.
std::vector<ChartPoint> print_modes(const std::string& name, std::span<const Work> work,
                                    std::span<const Timing> timings,
                                    const onepass::MachinePeaks& peaks);

/// The interpreter has no kernels: what explain lists are its steps.
template <class E>
Work work_of(const E& expression, onepass::Mode mode) {
  const onepass::Explanation explanation = onepass::explain(expression, {.mode = mode});
  return {static_cast<double>(explanation.bytes()), explanation.flops(),
          mode == onepass::Mode::interpreted ? 0 : explanation.kernels().size()};
}

/// Checks that the modes agree bit for bit, then races them.
template <class E>
std::vector<ChartPoint> race_modes(const std::string& name, const E& expression,
                                   const onepass::MachinePeaks& peaks) {
  const onepass::Tensor expected = onepass::evaluate(expression);
  std::vector<std::function<void()>> contenders;
  std::vector<Work> work;
  for (const ModeName& m : mode_names) {
    const onepass::EvaluateOptions options{.mode = m.mode};
    const onepass::Tensor result = onepass::evaluate(expression, options);
    require(same_bits(expected, result), name + " " + m.name);
    work.push_back(work_of(expression, m.mode));
    contenders.push_back(
        [result, &expression, options] { onepass::evaluate_into(result, expression, options); });
  }
  return print_modes(name, work, race(contenders), peaks);
}
