// SPDX-License-Identifier: Apache-2.0
// The options of one evaluation.
#pragma once

#include <cstdint>
#include <optional>

#include "onepass/ir/modes.h"

namespace onepass {

/// How an expression is executed. All modes give the same bits.
///   fused        as few passes over memory as possible (default)
///   unfused      one compiled kernel per operation, every intermediate stored
///   interpreted  node by node on the host, without compiled code
using Mode = ir::Mode;

/// strict: the bounds of docs/ops.md, no contraction (default). fast: up to 8 units in the last
/// place.
using Accuracy = ir::Accuracy;

/// Who computes matrix products.
///   generated  code that fuses with what surrounds it (default)
///   openblas   the library: f32 and f64 only, bits may differ
///   tuned      whom 'onepass tune --provider' found faster for sizes like these, else generated
using Provider = ir::Provider;

struct EvaluateOptions {
  Mode mode = Mode::fused;
  int threads = 0;  // at most this many; 0: as set_threads and ThreadScope say
  Accuracy accuracy = Accuracy::strict;
  std::optional<Provider> provider = std::nullopt;
};

}  // namespace onepass
