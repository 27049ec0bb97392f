// SPDX-License-Identifier: Apache-2.0
// Generated products, in layers: loops over blocks for the caches (contraction_blocking), copies of
// operands (contraction_packing), register tiles (contraction_tile). With tile_size the blocks have
// exactly that size. Every element accumulates k in index order, however the product is cut.
#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include "onepass/codegen/contraction_report.h"
#include "onepass/codegen/contraction_tile.h"
#include "onepass/codegen/map_planner.h"
#include "onepass/codegen/outer_product.h"
#include "onepass/codegen/reduction_planner.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

class ContractionPlanner {
 public:
  ContractionPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : context_(context),
        graph_(std::move(graph)),
        facts_(std::move(facts)),
        space_(contraction_space(graph_)),
        blocking_(choose_blocking(context, graph_, space_, facts_)),
        nest_(context, graph_),
        emitter_(nest_, graph_, space_.groups),
        packing_(graph_, space_, blocking_, nest_, emitter_),
        tile_(context.target, graph_, space_, blocking_, nest_, emitter_, packing_),
        lanes_(blocking_.lanes) {}

  Plan run() {
    Block entry;
    tile_.emit_known(entry);
    tile_.emit_zero(entry);
    plan_parallel(std::move(entry));
    Plan plan;
    plan.nest = nest_.finish();
    plan.walk.way = describe_contraction(context_, graph_, space_, blocking_);
    plan.validity = facts_.take();
    plan.valid_products = facts_.take_products();
    plan.may_alias.assign(context_.fused.body->inputs.size(), false);
    add_panels(plan);
    return plan;
  }

 private:
  using Parallel = Blocking::Parallel;
  using SpanBody = std::function<void(const Span&, Block&)>;

  void add_panels(Plan& plan) const {
    if (blocking_.panel_width == 0) return;
    for (const Reduction& product : graph_.reductions) {
      const Point& load = graph_.points[static_cast<size_t>(product.roots[1])];
      const int array = graph_.operands[static_cast<size_t>(load.index)].array;
      plan.panels.push_back({array, blocking_.panel_width});
    }
  }

  Span whole(std::optional<size_t> group) {
    return {constant(0), bound(group ? emitter_.extent(*group) : constant(1))};
  }

  /// The parallel loop: over the batch, or ranges of rows or of columns. A single tile has none.
  void plan_parallel(Block phase) {
    const double fma_per_nanosecond = 4.0 * lanes_;
    const double nanoseconds = static_cast<double>(graph_.reductions.size()) / fma_per_nanosecond;
    if (blocking_.parallel == Parallel::none) {
      batch_loops(0, phase,
                  [&](Block& into) { product(whole(space_.row), whole(space_.column), into); });
      return nest_.add_phase(std::move(phase), -1, 1, nanoseconds);
    }
    const bool by_batch = blocking_.parallel == Parallel::batch;
    const bool by_rows = blocking_.parallel == Parallel::rows;
    const size_t group = by_batch ? 0 : by_rows ? *space_.row : space_.column;
    const VariableId index = nest_.variable("i");
    For parallel =
        loop_over(LoopKind::parallel, index, {}, bound(emitter_.extent(group)), blocking_.chunk);
    Span rows = whole(space_.row), columns = whole(space_.column);
    if (by_batch) {
      emitter_.open(0, variable(index));
      tile_.emit_known(parallel.body);
    } else {
      parallel.range_end = nest_.variable("e");
      Span range{variable(index), bound(variable(parallel.range_end))};
      (by_rows ? rows : columns) = std::move(range);
    }
    batch_loops(by_batch ? 1 : 0, parallel.body,
                [&](Block& into) { product(rows, columns, into); });
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase),
                    nest_.extent(space_.groups[group].first, space_.groups[group].count),
                    blocking_.chunk, nanoseconds);
  }

  void batch_loops(size_t group, Block& into, const std::function<void(Block&)>& innermost) {
    if (group == space_.batches) return innermost(into);
    const VariableId index = nest_.variable("n");
    For loop = loop_over(LoopKind::serial, index, {}, bound(emitter_.extent(group)));
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(group, variable(index));
    tile_.emit_known(loop.body);
    batch_loops(group + 1, loop.body, innermost);
    emitter_.restore(outside);
    into.push_back(std::move(loop));
  }

  /// Blocks of `step` of a span, all at once if it is 0.
  void blocks(const char* name, const Span& span, int64_t step, Block& into, const SpanBody& body) {
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
  void row_blocks(const Span& rows, Block& into, const SpanBody& body) {
    blocks("it", rows, blocking_.rows.single ? 0 : blocking_.row_block, into, body);
  }

  using PartBody = std::function<void(const Affine& begin, int units, Block&)>;

  /// Parts of a span of the sizes that a tile has; what is smaller goes one by one.
  void parts(const char* name, const Span& span, const PartSizes& sizes, int64_t unit, Block& into,
             const PartBody& body) {
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
  void product(const Span& rows, const Span& columns, Block& into) {
    if (blocking_.finishes_panels) return tiles(rows, columns, whole(space_.depth), into);
    const auto columns_of_depth = [&](const Span& depth, const Span& block_rows, Block& c) {
      blocks("jt", columns, blocking_.column_block, c, [&](const Span& block_columns, Block& d) {
        tiles(block_rows, block_columns, depth, d);
      });
    };
    blocks("kt", whole(space_.depth), blocking_.depth_block, into,
           [&](const Span& depth, Block& a) {
             row_blocks(rows, a, [&](const Span& block_rows, Block& b) {
               packing_.copy_left(block_rows, depth, b);
               columns_of_depth(depth, block_rows, b);
             });
           });
  }

  /// Register tiles of all products.
  void tiles(const Span& rows, const Span& columns, const Span& depth, Block& into) {
    if (blocking_.turns != Blocking::Turns::columns) {
      return panels(all_products(), rows, columns, depth, into);
    }
    for (const size_t product : all_products()) panels({product}, rows, columns, depth, into);
  }

  std::vector<size_t> all_products() const {
    std::vector<size_t> all(graph_.reductions.size());
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
  }

  void panels(const std::vector<size_t>& products, const Span& rows, const Span& columns,
              const Span& depth, Block& into) {
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

  void row_tiles(Tile tile, const std::vector<size_t>& products, const Span& rows,
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

  const PlanContext& context_;
  PointGraph graph_;
  SizeFacts facts_;
  ContractionSpace space_;
  const Blocking blocking_;
  NestBuilder nest_;
  PointEmitter emitter_;
  ContractionPacking packing_;
  ContractionTile tile_;
  const int lanes_;
};

/// Several products differ in their right operand only.
void check_products(const PointGraph& graph) {
  const Reduction& first = graph.reductions.at(0);
  for (const Reduction& r : graph.reductions) {
    internal_check(r.product && r.roots[0] == first.roots[0] && r.rows == first.rows &&
                       r.columns == first.columns && r.dtype == first.dtype &&
                       r.tile_size == first.tile_size,
                   "products of one kernel do not share their left operand");
  }
}

}  // namespace

Plan plan_contraction(const PlanContext& context) {
  PointGraph graph = build_point_graph(context);
  check_products(graph);
  SizeFacts facts(context);
  // Whether there is one column decides the order of summation, so the sizes of later calls must
  // agree.
  const ir::Dimension symbol = graph.reductions[0].column_symbol;
  const int64_t columns = context.graph.captured_extent(symbol);
  if (symbol != ir::one) {
    facts.require(symbol, std::min<int64_t>(columns, 2), columns < 2 ? columns : INT64_MAX);
  }
  if (columns == 1) return plan_inner_reduction(context, std::move(graph), std::move(facts));
  if (is_outer_product(graph)) return plan_map(context, without_sum(graph), std::move(facts));
  return ContractionPlanner(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
