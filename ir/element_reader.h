// SPDX-License-Identifier: Apache-2.0
// Elements on their way into a reduction of the interpreter.
#pragma once

#include "onepass/ir/accumulators.h"
#include "onepass/ir/convert_elements.h"
#include "onepass/ir/strided_cursor.h"

namespace onepass::ir {

/// Reads elements as accumulators; the longest read is `longest_row`.
class ElementReader {
 public:
  ElementReader(const runtime::ArrayView& view, const ReductionDtypes& dtypes)
      : from_(view.dtype), dtypes_(dtypes), cursor_(view) {}

  const void* next(int64_t count) {
    cursor_.read(stored_, count);
    return converted(dtypes_.element, dtypes_.accumulator,
                     converted(from_, dtypes_.element, stored_, element_, count), wide_, count);
  }

 private:
  static const void* converted(DType from, DType to, const void* x, void* buffer, int64_t count) {
    if (from == to) return x;
    convert_elements(from, x, to, buffer, count);
    return buffer;
  }

  DType from_;
  ReductionDtypes dtypes_;
  StridedCursor cursor_;
  alignas(64) std::byte stored_[longest_row * max_accumulator_bytes];
  alignas(64) std::byte element_[longest_row * max_accumulator_bytes];
  alignas(64) std::byte wide_[longest_row * max_accumulator_bytes];
};

}  // namespace onepass::ir
