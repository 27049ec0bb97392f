// SPDX-License-Identifier: Apache-2.0
// Blocks inside blocks, down to register tiles.
#include "onepass/codegen/contraction_loops.h"

#include <algorithm>
#include <numeric>

namespace onepass::codegen {

ContractionLoops::ContractionLoops(const PlanContext& context, const PointGraph& graph,
                                   const ContractionSpace& space, const Blocking& blocking,
                                   NestBuilder& nest)
    : graph_(graph),
      space_(space),
      blocking_(blocking),
      nest_(nest),
      emitter_(nest, graph, space.groups),
      packing_(graph, space, blocking_, nest, emitter_),
      tile_(context.target, graph, space, blocking_, nest, emitter_, packing_),
      lanes_(blocking.lanes) {}

void ContractionLoops::begin(Block& entry) {
  tile_.emit_known(entry);
  tile_.emit_zero(entry);
}

void ContractionLoops::open(size_t group, Affine index, Block& into) {
  emitter_.open(group, std::move(index));
  tile_.emit_known(into);
}

void ContractionLoops::batch_loops(size_t group, Block& into,
                                   const std::function<void(Block&)>& innermost) {
  if (group == space_.batches) return innermost(into);
  const VariableId index = nest_.variable("n");
  For loop = loop_over(LoopKind::serial, index, {}, bound(emitter_.extent(group)));
  open(group, variable(index), loop.body);
  batch_loops(group + 1, loop.body, innermost);
  into.push_back(std::move(loop));
}

Span ContractionLoops::whole(std::optional<size_t> group) {
  return {constant(0), bound(group ? emitter_.extent(*group) : constant(1))};
}

/// Blocks of `step` of a span, all at once if it is 0.
void ContractionLoops::blocks(const char* name, const Span& span, int64_t step, Block& into,
                              const SpanBody& body) {
  if (step == 0) return body(span, into);
  const VariableId begin = nest_.variable(name);
  For loop = loop_over(LoopKind::serial, begin, span.begin, span.end, step);
  Bound end = bound(variable(begin) + step);
  end.smallest_of.insert(end.smallest_of.end(), span.end.smallest_of.begin(),
                         span.end.smallest_of.end());
  body({variable(begin), std::move(end)}, loop.body);
  into.push_back(std::move(loop));
}

/// The same of rows, of which a single tile is a single block.
void ContractionLoops::row_blocks(const Span& rows, Block& into, const SpanBody& body) {
  blocks("it", rows, blocking_.rows.single ? 0 : blocking_.row_block, into, body);
}

/// Parts of a span of the sizes that a tile has; what is smaller goes one by one.
void ContractionLoops::parts(const char* name, const Span& span, const PartSizes& sizes,
                             int64_t unit, Block& into, const PartBody& body) {
  if (sizes.single) return body(span.begin, sizes.most, into);
  const VariableId begin = nest_.variable(name);
  if (sizes.exact) {
    For loop = loop_over(LoopKind::serial, begin, span.begin, span.end, sizes.most * unit);
    body(variable(begin), sizes.most, loop.body);
    into.push_back(std::move(loop));
    return;
  }
  Parts all{.variable = begin, .count = nest_.variable("u")};
  all.begin = span.begin;
  all.end = span.end;
  all.unit = unit;
  all.bodies.resize(static_cast<size_t>(sizes.most));
  for (int units = sizes.least; units <= sizes.most; ++units) {
    body(variable(begin), units, all.bodies[static_cast<size_t>(units - 1)]);
  }
  if (sizes.least > 1 && sizes.has_others) {
    const VariableId single = nest_.variable(name);
    For loop = loop_over(LoopKind::serial, single, variable(begin),
                         bound(variable(begin) + variable(all.count, unit)), unit);
    body(variable(single), 1, loop.body);
    all.others.push_back(std::move(loop));
  }
  into.push_back(std::move(all));
}

/// The product of all rows and columns of two spans.
void ContractionLoops::product(const Span& rows, const Span& columns, Block& into) {
  if (blocking_.finishes_panels) return tiles(rows, columns, whole(space_.depth), into);
  const auto columns_of_depth = [&](const Span& depth, const Span& block_rows, Block& c) {
    blocks("jt", columns, blocking_.column_block, c, [&](const Span& block_columns, Block& d) {
      tiles(block_rows, block_columns, depth, d);
    });
  };
  blocks("kt", whole(space_.depth), blocking_.depth_block, into, [&](const Span& depth, Block& a) {
    row_blocks(rows, a, [&](const Span& block_rows, Block& b) {
      packing_.copy_left(block_rows, depth, b);
      columns_of_depth(depth, block_rows, b);
    });
  });
}

/// Register tiles of all products.
void ContractionLoops::tiles(const Span& rows, const Span& columns, const Span& depth,
                             Block& into) {
  if (blocking_.turns != Blocking::Turns::columns) {
    return panels(all_products(), rows, columns, depth, into);
  }
  for (const size_t product : all_products()) panels({product}, rows, columns, depth, into);
}

std::vector<size_t> ContractionLoops::all_products() const {
  std::vector<size_t> all(graph_.reductions.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

void ContractionLoops::panels(const std::vector<size_t>& products, const Span& rows,
                              const Span& columns, const Span& depth, Block& into) {
  const auto panel = [&](const Tile& tile, Block& block) {
    Bound end = columns.end;
    end.smallest_of.push_back(tile.column + int64_t{tile.vectors} * lanes_);
    const auto part_of_depth = [&](const Span& part, Block& inner) {
      packing_.pack_right({tile.column, end}, part, inner);
      if (blocking_.turns != Blocking::Turns::panel) {
        return row_tiles(tile, products, rows, part, inner);
      }
      for (const size_t product : products) row_tiles(tile, {product}, rows, part, inner);
    };
    blocks("kt", depth, blocking_.finishes_panels ? blocking_.depth_block : 0, block,
           part_of_depth);
  };
  const auto part = [&](const Affine& column, int vectors, Block& block) {
    panel({{}, 1, column, vectors, columns.end, blocking_.columns_fill_vectors}, block);
  };
  if (blocking_.wide_vectors == 0) {
    return parts("c", columns, blocking_.vectors, lanes_, into, part);
  }
  const VariableId begin = nest_.variable("c");
  For wide = loop_over(LoopKind::serial, begin, columns.begin, columns.end,
                       int64_t{blocking_.wide_vectors} * lanes_);
  panel({{}, 1, variable(begin), blocking_.wide_vectors, columns.end, true}, wide.body);
  parts("c", {variable(begin), columns.end}, blocking_.vectors, lanes_, wide.rest, part);
  into.push_back(std::move(wide));
}

void ContractionLoops::row_tiles(Tile tile, const std::vector<size_t>& products, const Span& rows,
                                 const Span& depth, Block& into) {
  PartSizes sizes = blocking_.rows;
  if (!sizes.exact && tile.vectors < blocking_.vectors.least) {
    // Rare, and code takes its time to compile.
    sizes.least = sizes.most;
    sizes.has_others = true;
  }
  const auto all_rows = [&](Block& block) {
    if (!space_.row) return tile_.multiply(tile, products, depth, block);
    parts("r", rows, sizes, 1, block, [&](const Affine& row, int count, Block& part) {
      tile.row = row;
      tile.rows = count;
      tile_.multiply(tile, products, depth, part);
    });
  };
  if (tile.whole || blocking_.masks_are_free) return all_rows(into);
  If choice{tile.column + (int64_t{tile.vectors} * lanes_ - 1), tile.column_end, {}, {}};
  tile.whole = true;
  all_rows(choice.then);
  tile.whole = false;
  all_rows(choice.otherwise);
  into.push_back(std::move(choice));
}

}  // namespace onepass::codegen
