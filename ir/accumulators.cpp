// SPDX-License-Identifier: Apache-2.0
// Rows of accumulators, by the kernels of the op table.
#include "onepass/ir/accumulators.h"

#include <algorithm>
#include <cstring>

#include "onepass/ir/convert_elements.h"
#include "onepass/ir/extreme_position.h"

namespace onepass::ir {

Accumulators::Accumulators(OpCode reduction, DType dtype)
    : reduction_(reduction),
      dtype_(dtype),
      finds_position_(finds_position(reduction)),
      combine_(host_kernel(reduction_info(reduction).combine, dtype, Accuracy::strict)) {}

void Accumulators::fill(double number, void* to, int64_t count) const {
  const auto bytes = static_cast<size_t>(byte_size(dtype_));
  auto* const target = static_cast<std::byte*>(to);
  for (int64_t i = 0; i < count; ++i) {
    store_number(number, dtype_, target + static_cast<size_t>(i) * bytes);
  }
}

void Accumulators::clear(AccumulatorRow row, int64_t count) const {
  fill(reduction_info(reduction_).identity, row.values, count);
  if (finds_position_) std::fill_n(row.positions, count, no_position);
}

void Accumulators::fill_empty(void* to, int64_t count) const {
  fill(reduction_info(reduction_).empty.value(), to, count);
}

void Accumulators::take(AccumulatorRow row, const void* x, int64_t position, int64_t step,
                        int64_t count) const {
  if (!finds_position_) {
    const void* const operands[] = {row.values, x};
    return combine_(operands, row.values, count);
  }
  RowMemory elements;
  const AccumulatorRow newer = elements.row();
  std::memcpy(newer.values, x, static_cast<size_t>(count * byte_size(dtype_)));
  for (int64_t i = 0; i < count; ++i) newer.positions[i] = position + i * step;
  join_positions(row, newer, row, count);
}

void Accumulators::join(AccumulatorRow older, AccumulatorRow newer, AccumulatorRow out,
                        int64_t count) const {
  if (finds_position_) return join_positions(older, newer, out, count);
  const void* const operands[] = {older.values, newer.values};
  combine_(operands, out.values, count);
}

void Accumulators::join_positions(AccumulatorRow older, AccumulatorRow newer, AccumulatorRow out,
                                  int64_t count) const {
  constexpr int most_steps = 12;  // of takes_place
  bool results[most_steps][longest_row];
  int steps = 0;
  const auto apply = [&](OpCode op, DType dtype, auto... operands) -> const void* {
    const void* const list[] = {operands...};
    bool* const result = results[steps++];
    host_kernel(op, dtype, Accuracy::strict)(list, result, count);
    return result;
  };
  const PositionedValue<const void*> before{older.values, older.positions};
  const PositionedValue<const void*> after{newer.values, newer.positions};
  const void* const takes =
      takes_place(reduction_info(reduction_).combine, dtype_, before, after, apply);
  const void* const values[] = {takes, newer.values, older.values};
  const void* const positions[] = {takes, newer.positions, older.positions};
  host_kernel(OpCode::where, dtype_, Accuracy::strict)(values, out.values, count);
  host_kernel(OpCode::where, i64, Accuracy::strict)(positions, out.positions, count);
}

void Accumulators::copy(AccumulatorRow from, AccumulatorRow to, int64_t count) const {
  std::memcpy(to.values, from.values, static_cast<size_t>(count * byte_size(dtype_)));
  if (finds_position_) std::copy_n(from.positions, count, to.positions);
}

const void* Accumulators::finished(AccumulatorRow row) const {
  return finds_position_ ? static_cast<const void*>(row.positions) : row.values;
}

}  // namespace onepass::ir
