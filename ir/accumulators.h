// SPDX-License-Identifier: Apache-2.0
// Rows of accumulators of one reduction on the host: how they begin, take elements and combine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "onepass/ir/host_kernels.h"
#include "onepass/ir/reduction.h"

namespace onepass::ir {

inline constexpr size_t max_accumulator_bytes = 8;

/// The longest row.
inline constexpr int64_t longest_row = 256;

/// Where a row lies: one number for each accumulator, and its position if the reduction finds one.
struct AccumulatorRow {
  std::byte* values;
  int64_t* positions;
};

/// Memory of a row.
class RowMemory {
 public:
  AccumulatorRow row() { return {values_, positions_}; }

 private:
  alignas(64) std::byte values_[longest_row * max_accumulator_bytes];
  alignas(64) int64_t positions_[longest_row];
};

class Accumulators {
 public:
  /// `dtype` is that of the accumulators and of the elements.
  Accumulators(OpCode reduction, DType dtype);

  DType dtype() const { return dtype_; }
  /// Each accumulator is the identity.
  void clear(AccumulatorRow row, int64_t count) const;
  /// row[i] = combine(row[i], x[i]). Element i is at `position` + i * `step`.
  void take(AccumulatorRow row, const void* x, int64_t position, int64_t step, int64_t count) const;
  /// out[i] = combine(older[i], newer[i]); `out` may be either.
  void join(AccumulatorRow older, AccumulatorRow newer, AccumulatorRow out, int64_t count) const;
  void copy(AccumulatorRow from, AccumulatorRow to, int64_t count) const;
  AccumulatorRow after(AccumulatorRow row, int64_t count) const {
    return {row.values + count * byte_size(dtype_), row.positions + count};
  }
  /// What comes out of a row, in the dtype `finished` of the reduction.
  const void* finished(AccumulatorRow row) const;
  /// Stores the result over no elements, which there must be, `count` times.
  void fill_empty(void* to, int64_t count) const;

 private:
  void fill(double number, void* to, int64_t count) const;
  void join_positions(AccumulatorRow older, AccumulatorRow newer, AccumulatorRow out,
                      int64_t count) const;

  OpCode reduction_;
  DType dtype_;
  bool finds_position_;
  HostKernel combine_;
};

}  // namespace onepass::ir
