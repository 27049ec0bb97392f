// SPDX-License-Identifier: Apache-2.0
// Packs what is known of an array's shape and strides into one word.
#include "onepass/runtime/layout.h"

#include <cstdlib>

namespace onepass::runtime {
namespace {

constexpr int rank_bit = 4, one_bit = 8, broadcast_bit = 16, joins_bit = 24, unit_bit = 32,
              order_bit = 36, order_width = 3;
constexpr uint64_t no_unit = 15;

/// The next dimension inside `dimension` whose extent is not 1, or the rank.
int next_dimension(const Shape& shape, int dimension) {
  do {
    ++dimension;
  } while (dimension < shape.rank() && shape[dimension] == 1);
  return dimension;
}

/// Dimensions by falling distance of neighbours; those of extent 1 first, so that the innermost
/// ones do the work.
uint64_t order_bits(const Shape& shape, const Strides& strides) {
  int order[max_rank];
  const auto before = [&](int a, int b) {
    if (shape[a] == 1 || shape[b] == 1) return shape[a] == 1 && shape[b] != 1;
    return std::abs(strides[a]) > std::abs(strides[b]);
  };
  for (int d = 0; d < shape.rank(); ++d) {
    int place = d;
    for (; place > 0 && before(d, order[place - 1]); --place) order[place] = order[place - 1];
    order[place] = d;
  }
  uint64_t bits = 0;
  for (int i = 0; i < shape.rank(); ++i) {
    bits |= static_cast<uint64_t>(order[i]) << (order_bit + order_width * i);
  }
  return bits;
}

}  // namespace

Layout::Layout(DType dtype, const Shape& shape, const Strides& given) {
  const int rank = shape.rank();
  // No stride of an empty array is ever used: all of them are dense.
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  const Strides strides = empty ? row_major_strides(shape) : given;
  uint64_t unit = no_unit;
  uint64_t bits = static_cast<uint64_t>(dtype) | static_cast<uint64_t>(rank) << rank_bit;
  for (int d = 0; d < rank; ++d) {
    const int next = next_dimension(shape, d);
    const bool joins =
        shape[d] == 1 || next == rank || empty || strides[d] == strides[next] * shape[next];
    if (d + 1 < rank && joins) bits |= uint64_t{1} << (joins_bit + d);
    if (shape[d] == 1) {
      bits |= uint64_t{1} << (one_bit + d);
      continue;
    }
    if (strides[d] == 0 && !empty) bits |= uint64_t{1} << (broadcast_bit + d);
    if (strides[d] == 1 && (!empty || next == rank)) unit = static_cast<uint64_t>(d);
  }
  bits_ = bits | unit << unit_bit | order_bits(shape, strides);
}

int Layout::unit_dimension() const {
  const auto unit = bits_ >> unit_bit & no_unit;
  return unit == no_unit ? -1 : static_cast<int>(unit);
}

bool Layout::is_dense() const {
  int innermost = rank() - 1;
  while (innermost >= 0 && is_one(innermost)) --innermost;
  if (innermost < 0) return true;
  for (int d = 0; d < innermost; ++d) {
    if (!joins_next(d)) return false;
  }
  return unit_dimension() == innermost;
}

}  // namespace onepass::runtime
