// SPDX-License-Identifier: Apache-2.0
// Rows go to lanes, full blocks to the pending sums, the total is halved lane by lane.
#include "onepass/ir/lane_sum.h"

#include "onepass/ir/convert_elements.h"

namespace onepass::ir {

void fill_identity(DType dtype, void* to, int64_t count) {
  const auto bytes = static_cast<size_t>(byte_size(dtype));
  auto* const target = static_cast<std::byte*>(to);
  for (int64_t i = 0; i < count; ++i) {
    store_number(-0.0, dtype, target + static_cast<size_t>(i) * bytes);
  }
}

LaneSum::LaneSum(DType dtype)
    : dtype_(dtype),
      lanes_(lane_bytes / byte_size(dtype)),
      add_(host_kernel(OpCode::add, dtype, Accuracy::strict)),
      multiply_add_(host_multiply_add(dtype)),
      pending_(dtype, lanes_) {
  fill_identity(dtype_, row_, lanes_);
}

void LaneSum::add_row(const void* x, int64_t count) {
  const void* const operands[] = {row_, x};
  add_(operands, row_, count);
  end_row();
}

void LaneSum::add_products(const void* x, const void* y, int64_t count) {
  const void* const operands[] = {x, y, row_};
  multiply_add_(operands, row_, count);
  end_row();
}

void LaneSum::end_row() {
  empty_ = false;
  if (++rows_ < rows_per_block) return;
  pending_.push(row_);
  fill_identity(dtype_, row_, lanes_);
  rows_ = 0;
}

void LaneSum::finish(void* to) {
  if (empty_) return store_number(0, dtype_, to);
  if (rows_ > 0) pending_.push(row_);
  pending_.finish(row_);
  for (int64_t half = lanes_ / 2; half > 0; half /= 2) {
    const void* const operands[] = {row_, row_ + half * byte_size(dtype_)};
    add_(operands, row_, half);
  }
  std::memcpy(to, row_, static_cast<size_t>(byte_size(dtype_)));
  fill_identity(dtype_, row_, lanes_);
  rows_ = 0;
  empty_ = true;
}

}  // namespace onepass::ir
