// SPDX-License-Identifier: Apache-2.0
// What is known of each reduction, stamped from reductions.def, and the constants of their order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "onepass/ir/op.h"
#include "onepass/runtime/dtype.h"

namespace onepass::ir {

/// Which dtypes a reduction accepts and what it gives.
enum class ReductionRule : uint8_t {
  widening,   // any dtype; integers and booleans are carried in 64 bits
  averaging,  // floats; the sum is divided by the number of elements
  ordering,   // integers and floats; result like the elements
  truth,      // any dtype, as booleans; result boolean
  counting,   // any dtype, as booleans; result i64
  position,   // integers and floats, each carried with its position; result i64, the position
};

struct ReductionInfo {
  OpCode combine;   // the element-wise op that joins two accumulators, older first; of a position:
                    // the comparison that says whether one element beats another
  double identity;  // leaves every accumulator unchanged; integers saturate
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

/// True for argmax and argmin: an accumulator is an element and its position, an i64.
inline bool finds_position(OpCode op) { return reduction_info(op).rule == ReductionRule::position; }

/// True for mean: what the accumulators hold is divided by maximum(n - correction, 0) at the end,
/// in the dtype of the accumulators.
inline bool averages(OpCode op) { return reduction_info(op).rule == ReductionRule::averaging; }

/// True if the reduction of a single element of the dtype of the result is that element.
inline bool gives_elements(OpCode op) {
  const ReductionRule rule = reduction_info(op).rule;
  return rule != ReductionRule::counting && rule != ReductionRule::position &&
         rule != ReductionRule::averaging;
}

/// True if the bits do not depend on the order in which elements are combined.
inline bool is_free_of_order(OpCode op, DType accumulator) {
  switch (reduction_info(op).rule) {
    case ReductionRule::ordering:
    case ReductionRule::truth:
    case ReductionRule::counting:
      return true;
    case ReductionRule::widening:
      return !is_floating(accumulator);
    default:
      return false;
  }
}

/// The position of the identity: after every other.
inline constexpr int64_t no_position = std::numeric_limits<int64_t>::max();

/// The dtypes on the way through a reduction: elements are converted to `element` by the meaning of
/// cast, carried in `accumulator`, which a boolean enters as 0 or 1; `finished` comes out, and is
/// rounded to `result`.
struct ReductionDtypes {
  DType element, accumulator, finished, result;
};
/// Nothing if the reduction does not accept elements of `dtype`.
std::optional<ReductionDtypes> reduction_dtypes(OpCode op, DType dtype);

/// The order: see ir/interpret.h. Bytes of all lanes of an inner reduction together, at most how
/// many lanes, and rows of lanes in a block, which is also the length of a run of an outer one.
inline constexpr int64_t lane_bytes = 256;
inline constexpr int64_t most_lanes = 64;
inline constexpr int64_t rows_per_block = 16;

/// How many lanes an inner reduction has; that of positions counts those.
inline int64_t inner_lanes(OpCode op, DType accumulator) {
  const int bytes = finds_position(op) ? byte_size(i64) : byte_size(accumulator);
  return std::min(most_lanes, lane_bytes / bytes);
}

}  // namespace onepass::ir
