// SPDX-License-Identifier: Apache-2.0
// The arguments of a proof: all numbers of a type, or points that cover signs, exponents and
// specials.
#pragma once

#include <vector>

#include "grid.h"
#include "onepass/ir/op.h"

namespace onepass::prove {

/// One part of `count` into which the arguments are cut; all parts together are all arguments. Of
/// each `count` neighbours a part takes one, at a place that varies, so that no part is a fixed
/// stride. `count` is a power of two.
struct Stratum {
  uint64_t index = 0;
  uint64_t count = 1;
};

/// Unary functions of f32: all 2^32 numbers. Otherwise all combinations of special values, then
/// points of which one half spreads evenly over the signs and exponents of all operands, and the
/// other half lies where results are ordinary: within the row's dense range for one operand, else
/// with operands near each other's size, and for pow where the result is neither 0 nor infinite.
template <class T>
class Points {
 public:
  /// About `wanted` points, where there are more than can be visited.
  Points(ir::OpCode op, uint64_t wanted, Stratum stratum);

  bool has_all() const { return exhaustive_ && stratum_.count == 1; }
  bool is_part_of_all() const { return exhaustive_; }
  uint64_t count() const { return total_ / stratum_.count; }
  int arity() const { return arity_; }

  /// operands[k][i] = operand k of point first + i, for i in [0, count).
  void fill(uint64_t first, int64_t count, T* const* operands) const;

 private:
  uint64_t place_in_all(uint64_t point) const;
  void special(uint64_t point, T* arguments) const;
  void spread(uint64_t point, T* arguments) const;
  void aimed(uint64_t point, T* arguments) const;

  ir::OpCode op_;
  int arity_;
  Stratum stratum_;
  bool exhaustive_;
  std::vector<T> specials_;
  uint64_t special_count_ = 0;
  uint64_t total_ = 0;
};

/// A number without pattern for each x.
uint64_t scrambled(uint64_t x);

}  // namespace onepass::prove
