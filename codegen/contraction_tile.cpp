// SPDX-License-Identifier: Apache-2.0
// The micro-kernel as statements: unrolled rows inside vectors of columns inside the loop over k.
#include "onepass/codegen/contraction_tile.h"

#include <algorithm>

#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/contraction_operands.h"

namespace onepass::codegen {
namespace {

/// What follows a product and costs more, in additions, is code of its own.
constexpr double most_repeated = 4;

}  // namespace

ContractionTile::ContractionTile(const Target& target, const PointGraph& graph,
                                 const ContractionSpace& space, const Blocking& blocking,
                                 NestBuilder& nest, PointEmitter& emitter,
                                 ContractionPacking& packing)
    : graph_(graph),
      space_(space),
      blocking_(blocking),
      nest_(nest),
      emitter_(emitter),
      packing_(packing),
      results_(reachable(graph, graph.results)),
      dtype_(graph.reductions[0].dtype),
      lanes_(blocking.lanes),
      columns_(std::max(blocking.vectors.most, blocking.wide_vectors) * int64_t{lanes_}),
      accumulators_(nest.registers("acc", dtype_, blocking.rows.most * columns_ / lanes_, lanes_)),
      is_bare_(results_are_products(graph)),
      is_long_(body_cost(graph, results_, target).units > most_repeated) {
  choose_arrays();
  if (blocking.fetches_beside) beside_ = matrices_beside(graph, space, results_);
  if (is_long_) declare_finish();
}

/// Products wait in scratch if the others or what follows them come at once, else in memory, where
/// sums are between blocks of k.
void ContractionTile::choose_arrays() {
  const size_t products = graph_.reductions.size();
  const bool in_scratch = blocking_.turns == Blocking::Turns::tile;
  const bool some_wait = products > 1 && !is_bare_;
  if (blocking_.depth_block > 0 || (some_wait && !in_scratch)) keep_sums_in_memory();
  for (size_t p = 0; p + 1 < products && some_wait; ++p) {
    kept_.push_back(in_scratch ? nest_.scratch("tile", dtype_, blocking_.rows.most * columns_)
                               : -1);
  }
  if (!is_long_) return;
  const bool is_in_memory = blocking_.depth_block > 0 && !(some_wait && in_scratch);
  kept_.push_back(is_in_memory ? -1
                               : nest_.scratch("tile", dtype_, blocking_.rows.most * columns_));
}

void ContractionTile::emit_known(Block& into) {
  packing_.emit_known(into);
  if (finish_procedure_ < 0) emitter_.emit(results_, into);
}

void ContractionTile::emit_zero(Block& into) {
  zero_ = nest_.value();
  into.push_back(Constant{zero_, dtype_, 0});
}

bool ContractionTile::is_bare(size_t result, size_t product) const {
  const Point& point = graph_.points[static_cast<size_t>(graph_.results[result])];
  return point.kind == Point::Kind::accumulator && point.index == static_cast<int>(product);
}

/// A bare product is summed up in its result; others take what results there are.
void ContractionTile::keep_sums_in_memory() {
  partial_.assign(graph_.reductions.size(), -1);
  std::vector<bool> taken(graph_.results.size(), false);
  const auto take = [&](size_t product, bool bare) {
    for (size_t i = 0; i < taken.size() && partial_[product] < 0; ++i) {
      const int operand = graph_.first_result_operand + static_cast<int>(i);
      const bool fits = graph_.operands[static_cast<size_t>(operand)].dtype == dtype_;
      if (!fits || taken[i] || (bare && !is_bare(i, product))) continue;
      partial_[product] = operand;
      taken[i] = true;
    }
  };
  for (const bool bare : {true, false}) {
    for (size_t p = 0; p < partial_.size(); ++p) take(p, bare);
  }
  for (ArrayId& partial : partial_) {
    if (partial < 0) partial = nest_.workspace(dtype_, 1, 0, graph_.kept, 1);
  }
}

Affine ContractionTile::partial_index(size_t product) {
  const ArrayId partial = partial_[product];
  if (partial < static_cast<int>(graph_.operands.size())) return emitter_.element(partial);
  Affine index;
  for (size_t g = 0; g < space_.groups.size(); ++g) {
    if (space_.depth && g == *space_.depth) continue;
    const int inside = graph_.kept - space_.groups[g].last() - 1;
    const Affine& place = emitter_.scope().index[g];
    index = index + (inside == 0 ? place
                                 : times_parameter(
                                       place, nest_.extent(space_.groups[g].last() + 1, inside)));
  }
  return index;
}

For ContractionTile::unrolled(VariableId id, int count) const {
  return loop_over(LoopKind::unrolled, id, {}, bound(constant(count)));
}

/// For each vector of columns of the tile: `body` with its number inside its vector loop, with the
/// columns open.
void ContractionTile::for_vectors(const Tile& tile, Block& into, const Body& body) {
  const auto vector = [&](const Affine& number, bool is_cut) {
    const VariableId lane = nest_.variable("j");
    const Affine begin = tile.column + lanes_ * number;
    For loop = loop_over(LoopKind::vector, lane, begin, bound(begin + lanes_), lanes_);
    loop.single = true;
    loop.exact = !is_cut;
    if (is_cut) loop.end = tile.column_end;
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(space_.column, variable(lane));
    body(number, loop.body);
    emitter_.restore(outside);
    return loop;
  };
  const int exact = tile.whole ? tile.vectors : tile.vectors - 1;
  if (exact > 0) {
    const VariableId number = nest_.variable("v");
    For vectors = unrolled(number, exact);
    vectors.body.push_back(vector(variable(number), false));
    into.push_back(std::move(vectors));
  }
  if (!tile.whole) into.push_back(vector(constant(exact), true));
}

/// For each row of the tile: `body` with the row open.
void ContractionTile::for_rows(const Tile& tile, Block& into, const Body& body) {
  const VariableId row = nest_.variable("m");
  For each = unrolled(row, tile.rows);
  const PointEmitter::Scope outside = emitter_.scope();
  if (space_.row) emitter_.open(*space_.row, tile.row + variable(row));
  body(variable(row), each.body);
  emitter_.restore(outside);
  into.push_back(std::move(each));
}

void ContractionTile::for_registers(const Tile& tile, Block& into, const Body& body) {
  for_vectors(tile, into, [&](const Affine& vector, Block& columns) {
    for_rows(tile, columns,
             [&](const Affine& row, Block& inner) { body(tile.vectors * row + vector, inner); });
  });
}

void ContractionTile::multiply(const Tile& tile, const std::vector<size_t>& products,
                               const Span& depth, Block& into) {
  for (const size_t product : products) {
    begin(tile, depth, product, into);
    if (packing_.shifts_left()) subtract_shifts(tile, into);
    accumulate(tile, depth, product, into);
    end(tile, depth, product, into);
  }
}

/// Sums start at zero, or where the part of k before left them.
void ContractionTile::begin(const Tile& tile, const Span& depth, size_t product, Block& into) {
  Block zeros;
  for (int i = 0; i < tile.rows * tile.vectors; ++i) {
    zeros.push_back(Store{accumulators_, constant(i), zero_});
  }
  if (blocking_.depth_block == 0) {
    into.insert(into.end(), zeros.begin(), zeros.end());
    return;
  }
  If choice{constant(0), bound(depth.begin), {}, std::move(zeros)};
  for_registers(tile, choice.then, [&](const Affine& place, Block& inner) {
    const ValueId value = nest_.value();
    inner.push_back(Load{value, partial_[product], partial_index(product)});
    inner.push_back(Store{accumulators_, place, value, /*all_lanes=*/true});
  });
  into.push_back(std::move(choice));
}

/// Rows that are copied with 128 added make sums too large.
void ContractionTile::subtract_shifts(const Tile& tile, Block& into) {
  Tile all = tile;
  all.whole = true;
  for_registers(all, into, [&](const Affine& place, Block& inner) {
    const ValueId old = nest_.value(), less = nest_.value();
    inner.push_back(Load{old, accumulators_, place});
    const ValueId shifts = packing_.shifted_sum(inner);
    inner.push_back(Compute{less, ir::OpCode::subtract, dtype_, {old, shifts}});
    inner.push_back(Store{accumulators_, place, less, /*all_lanes=*/true});
  });
}

/// acc += left * right for k in `depth`.
void ContractionTile::accumulate(const Tile& tile, const Span& depth, size_t product, Block& into) {
  const VariableId index = nest_.variable("k");
  constexpr int64_t bytes = 4;
  For loop =
      loop_over(LoopKind::serial, index, depth.begin, depth.end, blocking_.sums_bytes ? bytes : 1);
  if (blocking_.fetches_rows) fetch_rows(tile, variable(index), loop.body);
  if (blocking_.lines_ahead > 0) fetch_ahead(tile, variable(index), product, loop.body);
  add_products(tile, variable(index), product, loop.body);
  if (product + 1 == graph_.reductions.size()) fetch_beside(tile, into);
  into.push_back(std::move(loop));
}

/// Asks for what will be read beside the sums, one line for each vector.
void ContractionTile::fetch_beside(const Tile& tile, Block& into) {
  const PointEmitter::Scope outside = emitter_.scope();
  for (const int operand : beside_) {
    for (int row = 0; row < tile.rows; ++row) {
      for (int vector = 0; vector < tile.vectors; ++vector) {
        emitter_.open(*space_.row, tile.row + row);
        emitter_.open(space_.column, tile.column + int64_t{vector} * lanes_);
        into.push_back(Prefetch{operand, emitter_.element(operand)});
      }
    }
  }
  emitter_.restore(outside);
}

/// Asks for the next rows, which follow each other if the operand is dense: as many elements for
/// each k as there are rows.
void ContractionTile::fetch_rows(const Tile& tile, const Affine& depth, Block& into) {
  const PointId left = graph_.reductions[0].roots[0];
  const int operand = graph_.points[static_cast<size_t>(left)].index;
  const PointEmitter::Scope outside = emitter_.scope();
  emitter_.open(*space_.row, tile.row + tile.rows);
  emitter_.open(*space_.depth, {});
  into.push_back(Prefetch{operand, emitter_.element(operand) + tile.rows * depth});
  emitter_.restore(outside);
}

/// Asks for the next columns: one tile of rows for all of them, each of many for some cache lines.
void ContractionTile::fetch_ahead(const Tile& tile, const Affine& depth, size_t product,
                                  Block& into) {
  // Tiles of most rows or one less: the columns of the second begin about at the end of the
  // first's.
  constexpr int64_t line = 64;
  const int64_t most_rows = blocking_.rows.most, rows = std::max<int64_t>(most_rows - 1, 1);
  const int64_t columns_per_line = line / byte_size(dtype_);
  const Affine next = tile.column + tile.vectors * lanes_;
  const PointEmitter::Scope outside = emitter_.scope();
  emitter_.open(*space_.depth, depth);
  const PointId right = graph_.reductions[product].roots[1];
  const int operand = graph_.points[static_cast<size_t>(right)].index;
  const auto fetch = [&](const Affine& column) {
    emitter_.open(space_.column, column);
    into.push_back(Prefetch{operand, emitter_.element(operand)});
  };
  const int64_t columns =
      blocking_.rows.exact ? tile.vectors * lanes_ : blocking_.lines_ahead * columns_per_line;
  const int64_t columns_per_row = blocking_.rows.exact ? 0 : (columns + most_rows / 2) / rows;
  for (int64_t c = 0; c < columns; c += columns_per_line) {
    fetch(next + columns_per_row * tile.row + c);
  }
  emitter_.restore(outside);
}

/// acc += left * right at one k.
void ContractionTile::add_products(const Tile& tile, const Affine& depth, size_t product,
                                   Block& into) {
  const PointEmitter::Scope outside = emitter_.scope();
  if (space_.depth) emitter_.open(*space_.depth, depth);
  Tile read = tile;
  read.whole = tile.whole || packing_.pads_right();
  // Rows outside: one broadcast of the left operand is alive at a time, beside all vectors of the
  // right one, which later rows find loaded.
  for_rows(read, into, [&](const Affine& row, Block& body) {
    const ValueId left = packing_.left(body);
    for_vectors(read, body, [&](const Affine& vector, Block& inner) {
      const ValueId right = packing_.right(product, tile.column + lanes_ * vector, inner);
      add_product(tile.vectors * row + vector, left, right, inner);
    });
  });
  emitter_.restore(outside);
}

void ContractionTile::add_product(const Affine& place, ValueId left, ValueId right, Block& into) {
  const ValueId old = nest_.value(), sum = nest_.value();
  into.push_back(Load{old, accumulators_, place});
  if (blocking_.sums_bytes) {
    into.push_back(SumBytes{sum, old, left, right});
  } else if (is_floating(dtype_)) {
    into.push_back(Compute{sum, ir::OpCode::fma, dtype_, {left, right, old}});
  } else {
    const ValueId term = nest_.value();
    into.push_back(Compute{term, ir::OpCode::multiply, dtype_, {left, right}});
    into.push_back(Compute{sum, ir::OpCode::add, dtype_, {old, term}});
  }
  into.push_back(Store{accumulators_, place, sum, /*all_lanes=*/true});
}

}  // namespace onepass::codegen
