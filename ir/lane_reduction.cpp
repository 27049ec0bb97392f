// SPDX-License-Identifier: Apache-2.0
// Rows go to lanes, full blocks to the pending ones, the total is halved lane by lane.
#include "onepass/ir/lane_reduction.h"

#include <cstring>

namespace onepass::ir {

LaneReduction::LaneReduction(OpCode reduction, DType dtype)
    : accumulators_(reduction, dtype),
      finished_(finds_position(reduction) ? i64 : dtype),
      lanes_(inner_lanes(reduction, dtype)),
      multiply_add_(host_multiply_add(dtype)),
      pending_(accumulators_, lanes_) {
  begin_block();
}

void LaneReduction::add_row(const void* x, int64_t count) {
  accumulators_.take(memory_.row(), x, position_, 1, count);
  end_row();
}

void LaneReduction::add_products(const void* x, const void* y, int64_t count) {
  std::byte* const lanes = memory_.row().values;
  const void* const operands[] = {x, y, lanes};
  multiply_add_(operands, lanes, count);
  end_row();
}

void LaneReduction::begin_block() {
  accumulators_.clear(memory_.row(), lanes_);
  rows_ = 0;
}

void LaneReduction::end_row() {
  position_ += lanes_;
  if (++rows_ < rows_per_block) return;
  pending_.push(memory_.row());
  begin_block();
}

void LaneReduction::finish(void* to) {
  if (position_ == 0) return accumulators_.fill_empty(to, 1);
  const AccumulatorRow row = memory_.row();
  if (rows_ > 0) pending_.push(row);
  pending_.finish(row);
  for (int64_t half = lanes_ / 2; half > 0; half /= 2) {
    accumulators_.join(row, accumulators_.after(row, half), row, half);
  }
  std::memcpy(to, accumulators_.finished(row), static_cast<size_t>(byte_size(finished_)));
  begin_block();
  position_ = 0;
}

}  // namespace onepass::ir
