// SPDX-License-Identifier: Apache-2.0
// Extents at run time: Python's slice arithmetic, and the resolution of symbols from the shapes of
// a call.
#include "onepass/runtime/symbol.h"

#include <fmt/format.h>

#include <algorithm>

#include "onepass/runtime/error.h"

namespace onepass::runtime {
namespace {

/// A slice bound as an index: negative counts from the end; what lies outside is clamped to the
/// last place where a slice in this direction can begin or end.
int64_t clamp_bound(int64_t extent, int64_t bound, int64_t step) {
  if (bound < 0) bound += extent;
  return step > 0 ? std::clamp<int64_t>(bound, 0, extent)
                  : std::clamp<int64_t>(bound, -1, extent - 1);
}

void check_step(int64_t step) {
  if (step == 0) throw UserError("slice: step is 0; the step must not be 0.");
}

int64_t value_of(int symbol, std::span<const int64_t> values) {
  return symbol < 0 ? 1 : values[static_cast<size_t>(symbol)];
}

int64_t sum_of(std::span<const int> terms, std::span<const int64_t> values) {
  int64_t sum = 0;
  for (const int term : terms) {
    if (__builtin_add_overflow(sum, value_of(term, values), &sum)) {
      throw UserError("concat: the joined extent is too large; it must fit 63 bits.");
    }
  }
  return sum;
}

int64_t product_of(std::span<const int> terms, std::span<const int64_t> values) {
  int64_t product = 1;
  bool overflow = false;
  bool empty = false;
  for (const int term : terms) {
    const int64_t value = value_of(term, values);
    empty |= value == 0;
    overflow |= __builtin_mul_overflow(product, value, &product);
  }
  if (empty) return 0;
  if (overflow) {
    throw UserError("reshape: too many elements; the number of elements must fit 63 bits.");
  }
  return product;
}

int64_t quotient_of(std::span<const int> terms, std::span<const int64_t> values) {
  const int64_t total = value_of(terms[0], values);
  const int64_t known = product_of(terms.subspan(1), values);
  if (known == 0 || total % known != 0) {
    throw UserError(
        fmt::format("reshape: {} elements, {} in the extents that are given; the extent -1 must "
                    "follow from them without a rest.",
                    total, known));
  }
  return total / known;
}

}  // namespace

int64_t slice_first(int64_t extent, int64_t start, int64_t step) {
  check_step(step);
  return clamp_bound(extent, start, step);
}

int64_t slice_length(int64_t extent, int64_t start, int64_t stop, int64_t step) {
  const int64_t first = slice_first(extent, start, step);
  if (step > 0) {
    const int64_t end = clamp_bound(extent, stop, step);
    return first < end ? (end - first - 1) / step + 1 : 0;
  }
  const int64_t end = stop == slice_end ? -1 : clamp_bound(extent, stop, step);
  return end < first ? (end - first + 1) / step + 1 : 0;
}

void resolve_symbols(std::span<const Symbol> symbols, std::span<const Shape> input_shapes,
                     std::span<const int64_t> given, std::span<int64_t> values) {
  for (size_t i = 0; i < symbols.size(); ++i) {
    const Symbol& symbol = symbols[i];
    switch (symbol.kind) {
      case Symbol::Kind::input_extent:
        values[i] = input_shapes[static_cast<size_t>(symbol.input)][symbol.dimension];
        break;
      case Symbol::Kind::given:
        values[i] = given[static_cast<size_t>(symbol.input)];
        break;
      case Symbol::Kind::sum:
        values[i] = sum_of(symbol.terms, values);
        break;
      case Symbol::Kind::product:
        values[i] = product_of(symbol.terms, values);
        break;
      case Symbol::Kind::quotient:
        values[i] = quotient_of(symbol.terms, values);
        break;
      case Symbol::Kind::slice_length:
        values[i] =
            slice_length(value_of(symbol.terms[0], values), symbol.start, symbol.stop, symbol.step);
        break;
    }
  }
}

}  // namespace onepass::runtime
