// SPDX-License-Identifier: Apache-2.0
// Reductions in the inner and the outer order of ir/interpret.h.
#include <algorithm>
#include <optional>
#include <vector>

#include "onepass/ir/accumulator_rows.h"
#include "onepass/ir/element_reader.h"
#include "onepass/ir/interpret.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

/// Columns that an outer reduction carries at once.
constexpr int64_t strip_columns = longest_row;
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

ReductionDtypes dtypes_of(const NodeRun& run) {
  return reduction_dtypes(run.node.op, run.inputs[0].dtype).value();
}

/// What an average is divided by: maximum(n - correction, 0), in the dtype of the accumulators.
class Divisor {
 public:
  Divisor(const NodeRun& run, int64_t elements, DType dtype) {
    const auto step = [&](OpCode op, double other) {
      alignas(max_accumulator_bytes) std::byte operand[max_accumulator_bytes];
      store_number(other, dtype, operand);
      const void* const operands[] = {value_, operand};
      host_kernel(op, dtype, Accuracy::strict)(operands, value_, 1);
    };
    convert_elements(i64, &elements, dtype, value_, 1);
    step(OpCode::subtract, run.node.attributes.number(AttributeKey::correction, 0));
    step(OpCode::maximum, 0);
  }
  const void* value() const { return value_; }

 private:
  alignas(max_accumulator_bytes) std::byte value_[max_accumulator_bytes];
};

void reduce_inner(const NodeRun& run, const Split& split, AccumulatorWriter& writer) {
  const ArrayView& x = run.inputs[0];
  const ReductionDtypes dtypes = dtypes_of(run);
  ElementReader reader(permuted_by(x, split.kept, split.reduced), dtypes);
  reduce_rows({extent_product(x, split.kept), extent_product(x, split.reduced), run.node.op,
               dtypes.accumulator},
              writer, [&](LaneReduction& lanes, int64_t, int64_t, int64_t count) {
                lanes.add_row(reader.next(count), count);
              });
}

/// One strip of neighbouring columns: the rows of `reader`, `count` of them, are combined.
/// Answers the results, in the dtype `finished`; `row` is memory for them.
const void* reduce_strip(const Accumulators& accumulators, ElementReader& reader, int64_t count,
                         int64_t columns, AccumulatorRow row) {
  if (count == 0) {
    accumulators.fill_empty(row.values, columns);
    return row.values;
  }
  PendingBlocks pending(accumulators, columns);
  for (int64_t first = 0; first < count; first += rows_per_block) {
    accumulators.clear(row, columns);
    const int64_t end = std::min(first + rows_per_block, count);
    for (int64_t r = first; r < end; ++r)
      accumulators.take(row, reader.next(columns), r, 0, columns);
    pending.push(row);
  }
  pending.finish(row);
  return accumulators.finished(row);
}

/// Kept axes but the last are walked one by one, the last in strips.
void reduce_outer(const NodeRun& run, const Split& split, AccumulatorWriter& writer) {
  const ArrayView& x = run.inputs[0];
  const ReductionDtypes dtypes = dtypes_of(run);
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
  const Accumulators accumulators(run.node.op, dtypes.accumulator);
  RowMemory memory;
  for (int64_t row = 0; row < rows; ++row) {
    ArrayView slab = ordered;
    int64_t rest = row;
    for (int d = outer_rank - 1; d >= 0; --d) {
      slab = sliced(slab, d, rest % ordered.shape[d], 1, 1);
      rest /= ordered.shape[d];
    }
    for (int64_t column = 0; column < width; column += strip_columns) {
      const int64_t columns = std::min(strip_columns, width - column);
      const int last = slab.rank() - 1;
      const ArrayView strip = has_columns ? sliced(slab, last, column, columns, 1) : slab;
      ElementReader reader(strip, dtypes);
      writer.store(reduce_strip(accumulators, reader, count, columns, memory.row()), columns);
    }
  }
}

void interpret_reduction(const NodeRun& run) {
  const Split split = split_axes(run);
  const int last = run.inputs[0].rank() - 1;
  const bool is_inner = !split.reduced.empty() && split.reduced.back() == last;
  const DType finished = dtypes_of(run).finished;
  AccumulatorWriter writer(run.result, finished);
  std::optional<Divisor> divisor;
  if (averages(run.node.op)) {
    divisor.emplace(run, extent_product(run.inputs[0], split.reduced), finished);
    writer.divide_by(divisor->value());
  }
  if (is_inner) {
    reduce_inner(run, split, writer);
  } else {
    reduce_outer(run, split, writer);
  }
}

}  // namespace

#define ONEPASS_REDUCTION(name, ...) \
  void interpret_##name(const NodeRun& run) { interpret_reduction(run); }
#include "onepass/ir/reductions.def"

}  // namespace onepass::ir
