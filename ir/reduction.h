// SPDX-License-Identifier: Apache-2.0
// What is known of each reduction, stamped from reductions.def, and the constants of their order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "onepass/ir/op.h"
#include "onepass/runtime/dtype.h"

namespace onepass::ir {

/// Which dtypes a reduction accepts and what it gives.
enum class ReductionRule : uint8_t {
  widening,  // any dtype; integers and booleans are carried in 64 bits
  ordering,  // integers and floats; result like the elements
  truth,     // any dtype, as booleans; result boolean
  counting,  // any dtype, as booleans; result i64
};

struct ReductionInfo {
  OpCode combine;               // the element-wise op that joins two accumulators, older first
  double identity;              // leaves every accumulator unchanged; integers saturate
  std::optional<double> empty;  // the result over no elements; none: an error
  ReductionRule rule;
};

constexpr bool is_reduction(OpCode op) {
  constexpr int count = 0
#define ONEPASS_REDUCTION(name, ...) +1
#include "onepass/ir/reductions.def"
      ;
  const int index = static_cast<int>(op) - static_cast<int>(OpCode::sum);
  return index >= 0 && index < count;
}

/// The row of a reduction.
const ReductionInfo& reduction_info(OpCode op);

/// The rows of reductions.def, in their order.
std::span<const OpCode> reductions();

/// The dtypes on the way through a reduction: elements are converted to `element` by the meaning of
/// cast, carried in `accumulator`, which a boolean enters as 0 or 1, and rounded to `result`.
struct ReductionDtypes {
  DType element, accumulator, result;
};
/// Nothing if the reduction does not accept elements of `dtype`.
std::optional<ReductionDtypes> reduction_dtypes(OpCode op, DType dtype);

/// The order: see ir/interpret.h. Bytes of all lanes of an inner reduction together, at most how
/// many lanes, and rows of lanes in a block, which is also the length of a run of an outer one.
inline constexpr int64_t lane_bytes = 256;
inline constexpr int64_t most_lanes = 64;
inline constexpr int64_t rows_per_block = 16;

constexpr int64_t inner_lanes(DType accumulator) {
  return std::min(most_lanes, lane_bytes / byte_size(accumulator));
}

}  // namespace onepass::ir
