// SPDX-License-Identifier: Apache-2.0
// onepass as a contender: one expression in several modes and on one or all threads.
#pragma once

#include <onepass/onepass.h>

#include <string>
#include <utility>

#include "harness.h"

namespace bench {

struct NamedOptions {
  const char* name;
  onepass::EvaluateOptions options;
};

inline constexpr NamedOptions onepass_modes[] = {
    {"onepass", {}},
    {"onepass 1 thread", {.threads = 1}},
    {"onepass fast", {.accuracy = onepass::Accuracy::fast}},
    {"onepass unfused", {.mode = onepass::Mode::unfused}},
    {"onepass interpreted", {.mode = onepass::Mode::interpreted}},
};

/// Passes every mode through the gate against `reference` and each other, and registers it.
template <class E>
void add_modes(const Work& work, const E& expression, std::span<const double> reference,
               double tolerance) {
  const onepass::Tensor expected = onepass::evaluate(expression);
  for (const NamedOptions& mode : onepass_modes) {
    const std::string what = work.name + "/" + mode.name;
    const onepass::Tensor target = onepass::evaluate(expression, mode.options);
    require_close(what, target, reference, tolerance);
    // Products by BLAS may differ between thread counts, and the fast accuracy from the strict one.
    if (mode.options.accuracy == onepass::Accuracy::strict && mode.options.threads == 0) {
      require_same_bits(what, target, expected);
    }
    add(work, mode.name, [expression, target, options = mode.options] {
      onepass::evaluate_into(target, expression, options);
    });
  }
}

}  // namespace bench
