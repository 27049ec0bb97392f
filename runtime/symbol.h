// SPDX-License-Identifier: Apache-2.0
// Extents that are known only at run time: how each follows from the arrays of a call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "onepass/runtime/kernel.h"
#include "onepass/runtime/shape.h"

namespace onepass::runtime {

/// One extent of a graph or program. `value` is the one it had when the graph was captured; a later
/// call resolves it anew.
struct Symbol {
  enum class Kind : uint8_t {
    input_extent,  // extent `dimension` of input `input`
    given,     // word `input` of the call's given extents (reshape, broadcast_to, iota, creation)
    sum,       // of the symbols in `terms` (concat)
    product,   // of the symbols in `terms` (reshape)
    quotient,  // terms[0] divided by the product of the others; exact (the -1 of a reshape)
    slice_length,  // number of elements of start:stop:step in an extent of terms[0]
  };
  std::string name;
  int64_t value = 0;
  Kind kind = Kind::input_extent;
  int input = 0;
  int dimension = 0;
  std::vector<int> terms;  // symbols; -1 stands for the constant 1
  int64_t start = 0, stop = 0, step = 1;

  friend bool operator==(const Symbol&, const Symbol&) = default;
};

/// The stop of a slice that runs to the end of its dimension (or, with a negative step, through
/// index 0).
inline constexpr int64_t slice_end = INT64_MAX;

/// Number of elements of start:stop:step in `extent`, by Python's rules.
int64_t slice_length(int64_t extent, int64_t start, int64_t stop, int64_t step);

/// First index of the slice by Python's rules: negative counts from the end, then clamped into the
/// extent.
int64_t slice_first(int64_t extent, int64_t start, int64_t step);

/// The value of every symbol, in order: a symbol refers only to earlier ones.
void resolve_symbols(std::span<const Symbol> symbols, std::span<const Shape> input_shapes,
                     std::span<const int64_t> given, std::span<int64_t> values);

}  // namespace onepass::runtime
