// SPDX-License-Identifier: Apache-2.0
// What each structural function becomes in the graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "onepass/engine/tape.h"
#include "onepass/ir/builder.h"

namespace onepass {

struct StructuralCapture {
  ir::Builder& builder;
  std::span<const ir::Expr> inputs;
  std::span<const int64_t> words;
  std::span<const int64_t> extents;
  /// Which of `extents` became given extents of the graph, in order.
  mutable std::vector<uint32_t> used_extents = {};
};

ir::Expr capture_structural(StructuralFunction function, const StructuralCapture& request);

}  // namespace onepass
