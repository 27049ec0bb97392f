// SPDX-License-Identifier: Apache-2.0
// What reductions and products share: the dtype they are carried in, the rows of the inner order,
// and the way of finished accumulators into the result.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "onepass/ir/convert_elements.h"
#include "onepass/ir/lane_reduction.h"
#include "onepass/ir/strided_cursor.h"

namespace onepass::ir {

/// What products of `dtype` are carried in.
inline DType accumulator_of(DType dtype) { return is_half(dtype) ? f32 : dtype; }

/// Stores finished accumulators in the result, in logical order.
class AccumulatorWriter {
 public:
  static constexpr int64_t max_count = 512;

  AccumulatorWriter(const runtime::ArrayView& result, DType accumulator)
      : accumulator_(accumulator), to_(result.dtype), cursor_(result) {}

  /// From here on accumulators are divided by `divisor`, an element of their dtype, first.
  void divide_by(const void* divisor) { divisor_ = divisor; }

  /// The next `count` elements, at most `max_count`.
  void store(const void* accumulators, int64_t count) {
    if (divisor_ != nullptr) accumulators = divided(accumulators, count);
    convert_elements(accumulator_, accumulators, to_, stored_, count);
    cursor_.write(stored_, count);
  }

 private:
  const void* divided(const void* accumulators, int64_t count) {
    const HostKernel divide = host_kernel(OpCode::divide, accumulator_, Accuracy::strict);
    const auto bytes = byte_size(accumulator_);
    for (int64_t i = 0; i < count; ++i) {
      const void* const operands[] = {static_cast<const std::byte*>(accumulators) + i * bytes,
                                      divisor_};
      divide(operands, divided_ + i * bytes, 1);
    }
    return divided_;
  }

  DType accumulator_, to_;
  StridedCursor cursor_;
  const void* divisor_ = nullptr;
  alignas(64) std::byte divided_[max_count * max_accumulator_bytes];
  alignas(64) std::byte stored_[max_count * max_accumulator_bytes];
};

/// Rows of terms, each reduced in the inner order and stored as one element.
struct InnerRows {
  int64_t rows, terms;
  OpCode reduction;
  DType accumulator;
};

/// add(lanes, row, first, count) adds the next `count` terms of a row to `lanes`.
template <class Add>
void reduce_rows(const InnerRows& inner, AccumulatorWriter& writer, Add add) {
  LaneReduction lanes(inner.reduction, inner.accumulator);
  for (int64_t row = 0; row < inner.rows; ++row) {
    for (int64_t first = 0; first < inner.terms; first += lanes.lanes()) {
      add(lanes, row, first, std::min(lanes.lanes(), inner.terms - first));
    }
    alignas(max_accumulator_bytes) std::byte total[max_accumulator_bytes];
    lanes.finish(total);
    writer.store(total, 1);
  }
}

}  // namespace onepass::ir
