// SPDX-License-Identifier: Apache-2.0
// What is known of running reductions, stamped from cumulative.def.
#pragma once

#include <cstdint>

#include "onepass/ir/reduction.h"

namespace onepass::ir {

/// Elements along the axis that are combined in index order before their result joins the offset of
/// the next ones.
inline constexpr int64_t cumulative_block = 256;

constexpr bool is_cumulative(OpCode op) {
  constexpr OpCode all[] = {
#define ONEPASS_CUMULATIVE(name, ...) OpCode::name,
#include "onepass/ir/cumulative.def"
  };
  for (const OpCode row : all) {
    if (row == op) return true;
  }
  return false;
}

/// The reduction whose op, identity and dtypes `op` has: itself, if it is one.
constexpr OpCode reduction_behind(OpCode op) {
#define ONEPASS_CUMULATIVE(name, reduction, doc) \
  if (op == OpCode::name) return OpCode::reduction;
#include "onepass/ir/cumulative.def"
  return op;
}

}  // namespace onepass::ir
