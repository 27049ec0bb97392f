// SPDX-License-Identifier: Apache-2.0
// Running reductions in the order of ir/interpret.h.
#include <algorithm>
#include <vector>

#include "onepass/ir/accumulator_rows.h"
#include "onepass/ir/cumulative.h"
#include "onepass/ir/element_reader.h"
#include "onepass/ir/interpret.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

/// Neighbouring columns, the axis before them: `x` and `result` have one order.
struct Strip {
  const ArrayView& x;
  const ArrayView& result;
  int64_t count, columns;
};

void run_strip(const Accumulators& accumulators, const ReductionDtypes& dtypes,
               const Strip& strip) {
  ElementReader reader(strip.x, dtypes);
  AccumulatorWriter writer(strip.result, dtypes.accumulator);
  RowMemory block_memory, offset_memory, element_memory;
  const AccumulatorRow block = block_memory.row(), offset = offset_memory.row();
  const AccumulatorRow element = element_memory.row();
  accumulators.clear(offset, strip.columns);
  for (int64_t first = 0; first < strip.count; first += cumulative_block) {
    accumulators.clear(block, strip.columns);
    const int64_t end = std::min(first + cumulative_block, strip.count);
    for (int64_t i = first; i < end; ++i) {
      accumulators.take(block, reader.next(strip.columns), i, 0, strip.columns);
      accumulators.join(offset, block, element, strip.columns);
      writer.store(element.values, strip.columns);
    }
    accumulators.join(offset, block, offset, strip.columns);
  }
}

/// The other axes but the last of them are walked one by one, that one in strips.
void interpret_running(const NodeRun& run) {
  const ArrayView& x = run.inputs[0];
  const int64_t axis = run.node.attributes.word(AttributeKey::axis);
  const OpCode reduction = reduction_behind(run.node.op);
  const ReductionDtypes dtypes = reduction_dtypes(reduction, x.dtype).value();
  const Accumulators accumulators(reduction, dtypes.accumulator);
  if (element_count(x.shape) == 0) return;
  std::vector<int64_t> order;
  for (int64_t d = 0; d < x.rank(); ++d) {
    if (d != axis) order.push_back(d);
  }
  const bool has_columns = !order.empty();
  order.insert(order.end() - (has_columns ? 1 : 0), axis);
  const ArrayView from = permuted(x, order), to = permuted(run.result, order);
  const int outer_rank = x.rank() - (has_columns ? 2 : 1);
  const int64_t width = has_columns ? from.shape[x.rank() - 1] : 1;
  const int64_t count = x.shape[static_cast<int>(axis)];
  const int64_t rows = element_count(x.shape) / (width * count);
  for (int64_t row = 0; row < rows; ++row) {
    ArrayView slab = from, target = to;
    int64_t rest = row;
    for (int d = outer_rank - 1; d >= 0; --d) {
      slab = sliced(slab, d, rest % from.shape[d], 1, 1);
      target = sliced(target, d, rest % from.shape[d], 1, 1);
      rest /= from.shape[d];
    }
    for (int64_t column = 0; column < width; column += longest_row) {
      const int64_t columns = std::min(longest_row, width - column);
      const int last = x.rank() - 1;
      const ArrayView strip = has_columns ? sliced(slab, last, column, columns, 1) : slab;
      const ArrayView result = has_columns ? sliced(target, last, column, columns, 1) : target;
      run_strip(accumulators, dtypes, {strip, result, count, columns});
    }
  }
}

}  // namespace

#define ONEPASS_CUMULATIVE(name, ...) \
  void interpret_##name(const NodeRun& run) { interpret_running(run); }
#include "onepass/ir/cumulative.def"

}  // namespace onepass::ir
