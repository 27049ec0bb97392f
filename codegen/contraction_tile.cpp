// SPDX-License-Identifier: Apache-2.0
// The micro-kernel as statements: unrolled rows inside vectors of columns inside the loop over k.
#include "onepass/codegen/contraction_tile.h"

#include <algorithm>

#include "onepass/codegen/body_cost.h"

namespace onepass::codegen {

ContractionSpace contraction_space(const PointGraph& graph) {
  const Reduction& r = graph.reductions.at(0);
  const int matrix = (r.rows >= 0 ? 1 : 0) + 1;
  ContractionSpace space;
  space.groups = collapse(graph, 0, graph.kept - matrix);
  space.batches = space.groups.size();
  if (r.rows >= 0) {
    space.row = space.groups.size();
    space.groups.push_back({r.rows, 1});
  }
  space.column = space.groups.size();
  space.groups.push_back({r.columns, 1});
  if (graph.kept < static_cast<int>(graph.dimensions.size())) {
    space.depth = space.groups.size();
    space.groups.push_back({graph.kept, 1});
  }
  return space;
}

namespace {

/// Vectors of columns of a full tile: as many as fill the block of a blocked product, but no more
/// than the registers allow.
int tile_vectors(const Target& target, int lanes, int64_t tile_size) {
  const int most = target.vector_registers() > 16 ? 4 : 2;
  if (tile_size == 0) return most;
  return static_cast<int>(std::clamp<int64_t>(tile_size / lanes, 1, most));
}

/// Rows of a full tile: of a blocked product a number that divides the block, if a good one does.
int tile_rows(const Target& target, int vectors, int64_t tile_size) {
  constexpr int usual = 6;
  const int accumulators = target.vector_registers() > 16 ? 24 : 12;
  for (const int rows : {8, 6, 5, 4}) {
    if (tile_size > 0 && tile_size % rows == 0 && rows * vectors <= accumulators) return rows;
  }
  return usual;
}

}  // namespace

ContractionTile::ContractionTile(const Target& target, const PointGraph& graph,
                                 const ContractionSpace& space, NestBuilder& nest,
                                 PointEmitter& emitter)
    : graph_(graph),
      space_(space),
      nest_(nest),
      emitter_(emitter),
      left_(reachable(graph, {graph.reductions[0].roots[0]})),
      right_(reachable(graph, {graph.reductions[0].roots[1]})),
      results_(reachable(graph, graph.results)),
      dtype_(graph.reductions[0].dtype),
      lanes_(target.lanes(byte_size(dtype_))),
      vectors_(tile_vectors(target, lanes_, graph.reductions[0].tile_size)),
      rows_(tile_rows(target, vectors_, graph.reductions[0].tile_size)),
      accumulators_(nest.registers("acc", dtype_, rows_ * vectors_, lanes_)) {
  const BodyCost cost = body_cost(graph, results_, target);
  constexpr double most_unrolled = 8;
  const bool is_long = cost.units > most_unrolled;
  if (is_long && graph.reductions[0].tile_size == 0) {
    finished_ = nest.scratch("tile", dtype_, rows_ * columns());
  }
}

void ContractionTile::emit_known(Block& into) {
  emitter_.emit(left_, into);
  emitter_.emit(right_, into);
  emitter_.emit(results_, into);
}

void ContractionTile::emit_zero(Block& into) {
  zero_ = nest_.value();
  into.push_back(Constant{zero_, dtype_, 0});
}

For ContractionTile::unrolled(VariableId id, int count) const {
  return loop_over(LoopKind::unrolled, id, {}, bound(constant(count)));
}

Affine ContractionTile::register_index(const Tile& tile, VariableId row, VariableId vector) const {
  return variable(row, tile.vectors) + variable(vector);
}

/// For each vector of columns of the tile: `body` inside its vector loop, with the columns open.
void ContractionTile::for_vectors(const Tile& tile, Block& into, const Body& body) {
  const VariableId vector = nest_.variable("v");
  const VariableId lane = nest_.variable("j");
  For vectors = unrolled(vector, tile.vectors);
  const Affine begin = tile.column + variable(vector, lanes_);
  For loop = loop_over(LoopKind::vector, lane, begin, bound(begin + lanes_), lanes_);
  loop.single = true;
  loop.exact = !tile.masked;
  if (tile.masked) {
    loop.end.smallest_of.insert(loop.end.smallest_of.end(), tile.column_end.smallest_of.begin(),
                                tile.column_end.smallest_of.end());
  }
  const PointEmitter::Scope outside = emitter_.scope();
  emitter_.open(space_.column, variable(lane));
  body(vector, loop.body);
  emitter_.restore(outside);
  vectors.body.push_back(std::move(loop));
  into.push_back(std::move(vectors));
}

/// For each row of the tile: `body` with the row open.
void ContractionTile::for_rows(const Tile& tile, Block& into, const Body& body) {
  const VariableId row = nest_.variable("m");
  For each = unrolled(row, tile.rows);
  const PointEmitter::Scope outside = emitter_.scope();
  if (space_.row) emitter_.open(*space_.row, tile.row + variable(row));
  body(row, each.body);
  emitter_.restore(outside);
  into.push_back(std::move(each));
}

/// acc += left * right for k in `depth`.
void ContractionTile::multiply(const Tile& tile, const DepthRange& depth, Block& into) {
  const PointEmitter::Scope outside = emitter_.scope();
  const VariableId index = nest_.variable("k");
  For loop = loop_over(LoopKind::serial, index, depth.begin, depth.end);
  if (space_.depth) emitter_.open(*space_.depth, variable(index));
  // Rows outside: one broadcast of the left operand is alive at a time, beside all vectors of the
  // right one, which later rows find loaded.
  for_rows(tile, loop.body, [&](VariableId row, Block& body) {
    emitter_.emit(left_, body);
    for_vectors(tile, body, [&](VariableId vector, Block& inner) {
      emitter_.emit(right_, inner);
      accumulate(register_index(tile, row, vector), inner);
    });
  });
  emitter_.restore(outside);
  into.push_back(std::move(loop));
}

void ContractionTile::accumulate(const Affine& place, Block& into) {
  const ValueId a = emitter_.value(graph_.reductions[0].roots[0]);
  const ValueId b = emitter_.value(graph_.reductions[0].roots[1]);
  const ValueId old = nest_.value(), sum = nest_.value();
  into.push_back(Load{old, accumulators_, place});
  if (is_floating(dtype_)) {
    into.push_back(Compute{sum, ir::OpCode::fma, dtype_, {a, b, old}});
  } else {
    const ValueId term = nest_.value();
    into.push_back(Compute{term, ir::OpCode::multiply, dtype_, {a, b}});
    into.push_back(Compute{sum, ir::OpCode::add, dtype_, {old, term}});
  }
  into.push_back(Store{accumulators_, place, sum});
}

void ContractionTile::finished(const Tile& tile, const DepthRange& depth, Block& into) {
  for (int i = 0; i < tile.rows * tile.vectors; ++i) {
    into.push_back(Store{accumulators_, constant(i), zero_});
  }
  multiply(tile, depth, into);
  if (finished_ < 0) {
    finish_registers(tile, into);
  } else {
    finish_through_scratch(tile, into);
  }
}

void ContractionTile::finish_registers(const Tile& tile, Block& into) {
  for_vectors(tile, into, [&](VariableId vector, Block& body) {
    emitter_.emit(results_, body);
    for_rows(tile, body, [&](VariableId row, Block& inner) {
      const ValueId sum = nest_.value();
      inner.push_back(Load{sum, accumulators_, register_index(tile, row, vector)});
      finish(sum, inner);
    });
  });
}

/// The same by loops over a copy of the tile: one copy of the code instead of one per register.
void ContractionTile::finish_through_scratch(const Tile& tile, Block& into) {
  for_vectors(tile, into, [&](VariableId vector, Block& body) {
    const Affine column = emitter_.scope().index[space_.column] + -1 * tile.column;
    for_rows(tile, body, [&](VariableId row, Block& inner) {
      const ValueId sum = nest_.value();
      inner.push_back(Load{sum, accumulators_, register_index(tile, row, vector)});
      inner.push_back(Store{finished_, variable(row, columns()) + column, sum});
    });
  });
  const PointEmitter::Scope outside = emitter_.scope();
  const VariableId row = nest_.variable("m"), lane = nest_.variable("j");
  For each = loop_over(LoopKind::serial, row, {}, bound(constant(tile.rows)));
  if (space_.row) emitter_.open(*space_.row, tile.row + variable(row));
  emitter_.emit(results_, each.body);
  Bound end = bound(tile.column + int64_t{tile.vectors} * lanes_);
  if (tile.masked) {
    end.smallest_of.insert(end.smallest_of.end(), tile.column_end.smallest_of.begin(),
                           tile.column_end.smallest_of.end());
  }
  For vector = loop_over(LoopKind::vector, lane, tile.column, std::move(end), lanes_);
  vector.exact = !tile.masked;
  vector.single = tile.vectors == 1;
  emitter_.open(space_.column, variable(lane));
  const ValueId sum = nest_.value();
  const Affine place = variable(row, columns()) + variable(lane) + -1 * tile.column;
  vector.body.push_back(Load{sum, finished_, place});
  finish(sum, vector.body);
  emitter_.restore(outside);
  each.body.push_back(std::move(vector));
  into.push_back(std::move(each));
}

void ContractionTile::finish(ValueId sum, Block& into) {
  for (size_t i = 0; i < graph_.points.size(); ++i) {
    if (graph_.points[i].kind == Point::Kind::accumulator) {
      emitter_.set_value(static_cast<PointId>(i), sum);
    }
  }
  emitter_.emit(results_, into);
  emitter_.store_results(into);
}

void ContractionTile::partial(const Tile& tile, const DepthRange& depth, ArrayId partial,
                              const std::function<Affine()>& index, Block& into) {
  for_vectors(tile, into, [&](VariableId vector, Block& body) {
    for_rows(tile, body, [&](VariableId row, Block& inner) {
      const ValueId value = nest_.value();
      inner.push_back(Load{value, partial, index()});
      inner.push_back(Store{accumulators_, register_index(tile, row, vector), value});
    });
  });
  multiply(tile, depth, into);
  for_vectors(tile, into, [&](VariableId vector, Block& body) {
    for_rows(tile, body, [&](VariableId row, Block& inner) {
      const ValueId value = nest_.value();
      inner.push_back(Load{value, accumulators_, register_index(tile, row, vector)});
      inner.push_back(Store{partial, index(), value});
    });
  });
}

}  // namespace onepass::codegen
