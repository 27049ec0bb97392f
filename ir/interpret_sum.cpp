// SPDX-License-Identifier: Apache-2.0
// Sums in the inner and the outer order of ir/interpret.h.
#include <algorithm>
#include <vector>

#include "onepass/ir/accumulator_rows.h"
#include "onepass/ir/interpret.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

constexpr int64_t max_lanes = lane_bytes;  // one byte each
/// Columns that an outer sum carries at once.
constexpr int64_t strip_columns = 256;
static_assert(strip_columns <= AccumulatorWriter::max_count);

/// The operand with its kept axes first, then its reduced axes, each in order.
struct Split {
  std::vector<int64_t> kept, reduced;
};

Split split_axes(const NodeRun& run) {
  const auto axes = run.node.attributes.words(AttributeKey::axes);
  Split split;
  for (int64_t d = 0; d < run.inputs[0].rank(); ++d) {
    const bool is_reduced = std::find(axes.begin(), axes.end(), d) != axes.end();
    (is_reduced ? split.reduced : split.kept).push_back(d);
  }
  return split;
}

int64_t extent_product(const ArrayView& view, const std::vector<int64_t>& axes) {
  int64_t product = 1;
  for (const int64_t d : axes) product *= view.shape[static_cast<int>(d)];
  return product;
}

ArrayView permuted_by(const ArrayView& view, const std::vector<int64_t>& first,
                      const std::vector<int64_t>& second) {
  std::vector<int64_t> order = first;
  order.insert(order.end(), second.begin(), second.end());
  return permuted(view, order);
}

/// Reads elements and converts them to the accumulator; the longest read is `max_lanes` or
/// `strip_columns`.
class WideReader {
 public:
  WideReader(const ArrayView& view, DType accumulator)
      : from_(view.dtype), to_(accumulator), cursor_(view) {}

  const void* next(int64_t count) {
    if (from_ == to_) {
      cursor_.read(wide_, count);
      return wide_;
    }
    cursor_.read(narrow_, count);
    convert_elements(from_, narrow_, to_, wide_, count);
    return wide_;
  }

 private:
  DType from_, to_;
  StridedCursor cursor_;
  alignas(64) std::byte narrow_[max_lanes * max_accumulator_bytes];
  alignas(64) std::byte wide_[max_lanes * max_accumulator_bytes];
};

void sum_inner(const NodeRun& run, const Split& split) {
  const ArrayView& x = run.inputs[0];
  const DType accumulator = accumulator_of(run.result.dtype);
  WideReader reader(permuted_by(x, split.kept, split.reduced), accumulator);
  AccumulatorWriter writer(run.result, accumulator);
  sum_rows({extent_product(x, split.kept), extent_product(x, split.reduced), accumulator}, writer,
           [&](LaneSum& sum, int64_t, int64_t, int64_t count) {
             sum.add_row(reader.next(count), count);
           });
}

/// One strip of neighbouring columns: the rows of `reader`, `count` of them, are added up.
void sum_strip(WideReader& reader, int64_t count, DType accumulator, int64_t columns, void* total) {
  const HostKernel add = host_kernel(OpCode::add, accumulator, Accuracy::strict);
  PendingSums pending(accumulator, columns);
  alignas(64) std::byte run_sums[strip_columns * max_accumulator_bytes];
  for (int64_t r = 0; r < count; r += rows_per_block) {
    fill_identity(accumulator, run_sums, columns);
    const int64_t end = std::min(r + rows_per_block, count);
    for (int64_t row = r; row < end; ++row) {
      const void* const operands[] = {run_sums, reader.next(columns)};
      add(operands, run_sums, columns);
    }
    pending.push(run_sums);
  }
  pending.finish(total);
}

/// Kept axes but the last are walked one by one, the last in strips.
void sum_outer(const NodeRun& run, const Split& split) {
  const ArrayView& x = run.inputs[0];
  const DType accumulator = accumulator_of(run.result.dtype);
  const int64_t count = extent_product(x, split.reduced);
  const bool has_columns = !split.kept.empty();
  const int64_t width = has_columns ? x.shape[x.rank() - 1] : 1;
  const int64_t rows = width == 0 ? 0 : extent_product(x, split.kept) / width;
  // Kept axes but the last, reduced axes, last axis.
  std::vector<int64_t> front = split.kept;
  std::vector<int64_t> back = split.reduced;
  if (has_columns) {
    back.push_back(front.back());
    front.pop_back();
  }
  const ArrayView ordered = permuted_by(x, front, back);
  const auto outer_rank = static_cast<int>(front.size());
  AccumulatorWriter writer(run.result, accumulator);
  std::vector<int64_t> index(front.size(), 0);
  for (int64_t row = 0; row < rows; ++row) {
    ArrayView slab = ordered;
    int64_t rest = row;
    for (int d = outer_rank - 1; d >= 0; --d) {
      slab = sliced(slab, d, rest % ordered.shape[d], 1, 1);
      rest /= ordered.shape[d];
    }
    for (int64_t column = 0; column < width; column += strip_columns) {
      const int64_t columns = std::min(strip_columns, width - column);
      alignas(64) std::byte total[strip_columns * max_accumulator_bytes];
      if (count == 0) {
        for (int64_t i = 0; i < columns; ++i) {
          store_number(0, accumulator, total + i * byte_size(accumulator));
        }
      } else {
        const int last = slab.rank() - 1;
        const ArrayView strip = has_columns ? sliced(slab, last, column, columns, 1) : slab;
        WideReader reader(strip, accumulator);
        sum_strip(reader, count, accumulator, columns, total);
      }
      writer.store(total, columns);
    }
  }
}

}  // namespace

void interpret_sum(const NodeRun& run) {
  const Split split = split_axes(run);
  const int last = run.inputs[0].rank() - 1;
  const bool is_inner = !split.reduced.empty() && split.reduced.back() == last;
  if (is_inner) {
    sum_inner(run, split);
  } else {
    sum_outer(run, split);
  }
}

}  // namespace onepass::ir
