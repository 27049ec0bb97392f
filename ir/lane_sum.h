// SPDX-License-Identifier: Apache-2.0
// The inner order of sums (ir/interpret.h): lanes over the flattened index, blocks, halving.
#pragma once

#include <cstdint>

#include "onepass/ir/pending_sums.h"

namespace onepass::ir {

/// Bytes of all lanes together, and rows of lanes in a block.
inline constexpr int64_t lane_bytes = 256;
inline constexpr int64_t rows_per_block = 16;

/// Stores the identity of addition, -0.0 for floats, in `count` elements.
void fill_identity(DType dtype, void* to, int64_t count);

/// Adds up to `lanes()` elements a row, in order.
class LaneSum {
 public:
  explicit LaneSum(DType dtype);

  int64_t lanes() const { return lanes_; }
  /// lane[i] += x[i] for a row of `count` elements; only the last row of a sum may be short.
  void add_row(const void* x, int64_t count);
  /// lane[i] = fma(x[i], y[i], lane[i]) likewise.
  void add_products(const void* x, const void* y, int64_t count);
  /// Stores the sum as one element; +0 if there was no row. Ready for the next sum afterwards.
  void finish(void* to);

 private:
  void end_row();

  DType dtype_;
  int64_t lanes_;
  HostKernel add_, multiply_add_;
  PendingSums pending_;
  int64_t rows_ = 0;   // in the current block
  bool empty_ = true;  // nothing since the last finish
  alignas(64) std::byte row_[lane_bytes];
};

}  // namespace onepass::ir
