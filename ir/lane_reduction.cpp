// SPDX-License-Identifier: Apache-2.0
// Rows go to lanes, full blocks to the pending ones, the total is halved lane by lane.
#include "onepass/ir/lane_reduction.h"

#include "onepass/ir/convert_elements.h"

namespace onepass::ir {
namespace {

void fill(double number, DType dtype, void* to, int64_t count) {
  const auto bytes = static_cast<size_t>(byte_size(dtype));
  auto* const target = static_cast<std::byte*>(to);
  for (int64_t i = 0; i < count; ++i) {
    store_number(number, dtype, target + static_cast<size_t>(i) * bytes);
  }
}

}  // namespace

void fill_identity(OpCode reduction, DType dtype, void* to, int64_t count) {
  fill(reduction_info(reduction).identity, dtype, to, count);
}

void fill_empty(OpCode reduction, DType dtype, void* to, int64_t count) {
  fill(reduction_info(reduction).empty.value(), dtype, to, count);
}

LaneReduction::LaneReduction(OpCode reduction, DType dtype)
    : reduction_(reduction),
      dtype_(dtype),
      lanes_(inner_lanes(dtype)),
      combine_(host_kernel(reduction_info(reduction).combine, dtype, Accuracy::strict)),
      multiply_add_(host_multiply_add(dtype)),
      pending_(reduction, dtype, lanes_) {
  fill_identity(reduction_, dtype_, row_, lanes_);
}

void LaneReduction::add_row(const void* x, int64_t count) {
  const void* const operands[] = {row_, x};
  combine_(operands, row_, count);
  end_row();
}

void LaneReduction::add_products(const void* x, const void* y, int64_t count) {
  const void* const operands[] = {x, y, row_};
  multiply_add_(operands, row_, count);
  end_row();
}

void LaneReduction::end_row() {
  empty_ = false;
  if (++rows_ < rows_per_block) return;
  pending_.push(row_);
  fill_identity(reduction_, dtype_, row_, lanes_);
  rows_ = 0;
}

void LaneReduction::finish(void* to) {
  if (empty_) return fill_empty(reduction_, dtype_, to, 1);
  if (rows_ > 0) pending_.push(row_);
  pending_.finish(row_);
  for (int64_t half = lanes_ / 2; half > 0; half /= 2) {
    const void* const operands[] = {row_, row_ + half * byte_size(dtype_)};
    combine_(operands, row_, half);
  }
  std::memcpy(to, row_, static_cast<size_t>(byte_size(dtype_)));
  fill_identity(reduction_, dtype_, row_, lanes_);
  rows_ = 0;
  empty_ = true;
}

}  // namespace onepass::ir
