// SPDX-License-Identifier: Apache-2.0
// The inner order of reductions (ir/interpret.h): lanes over the flattened index, blocks, halving.
#pragma once

#include <cstdint>

#include "onepass/ir/pending_blocks.h"

namespace onepass::ir {

/// Combines up to `lanes()` elements a row, in order.
class LaneReduction {
 public:
  /// `dtype` is that of the accumulators and of the elements.
  LaneReduction(OpCode reduction, DType dtype);

  int64_t lanes() const { return lanes_; }
  /// lane[i] = combine(lane[i], x[i]) for a row of `count` elements; only the last row of a
  /// reduction may be short.
  void add_row(const void* x, int64_t count);
  /// lane[i] = fma(x[i], y[i], lane[i]) likewise; of a sum.
  void add_products(const void* x, const void* y, int64_t count);
  /// Stores the result as one element of the dtype `finished`. Ready for the next reduction
  /// afterwards.
  void finish(void* to);

 private:
  void end_row();
  void begin_block();

  Accumulators accumulators_;
  DType finished_;
  int64_t lanes_;
  HostKernel multiply_add_;
  PendingBlocks pending_;
  int64_t rows_ = 0;      // in the current block
  int64_t position_ = 0;  // of the next row; 0: nothing since the last finish
  RowMemory memory_;
};

}  // namespace onepass::ir
