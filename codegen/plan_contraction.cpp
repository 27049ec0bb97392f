// SPDX-License-Identifier: Apache-2.0
// Generated products: a register tile of rows times vectors of columns accumulates k in index order
// by fma, edges by smaller tiles and masks. With tile_size the three loops are blocked around it
// and the tile of the result stays in memory between blocks of k: the same operations in the same
// order for every element.
#include <algorithm>
#include <functional>
#include <optional>

#include "onepass/codegen/contraction_tile.h"
#include "onepass/codegen/point_emitter.h"
#include "onepass/codegen/reduction_planner.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

/// Register tiles that one chunk of rows covers: the panel of the right operand stays in cache for
/// them.
constexpr int64_t tiles_per_chunk = 4;

class ContractionPlanner {
 public:
  ContractionPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : context_(context),
        graph_(std::move(graph)),
        facts_(std::move(facts)),
        space_(contraction_space(graph_)),
        tile_size_(graph_.reductions[0].tile_size),
        results_(reachable(graph_, graph_.results)),
        nest_(context, graph_),
        emitter_(nest_, graph_, space_.groups),
        tile_(context.target, graph_, space_, nest_, emitter_) {}

  Plan run() {
    Block entry;
    tile_.emit_known(entry);
    tile_.emit_zero(entry);
    if (tile_size_ > 0) choose_partial();
    plan_parallel(std::move(entry));
    Plan plan;
    plan.nest = nest_.finish();
    plan.validity = facts_.take();
    plan.may_alias.assign(context_.fused.body->inputs.size(), false);
    return plan;
  }

 private:
  using Block = std::vector<Statement>;
  /// Part of one dimension: [begin, end).
  using Span = DepthRange;

  /// Where the tile of the result lives between blocks of k: a result of the right dtype, or a
  /// workspace.
  void choose_partial() {
    for (size_t i = 0; i < graph_.results.size(); ++i) {
      const int operand = graph_.first_result_operand + static_cast<int>(i);
      if (graph_.operands[static_cast<size_t>(operand)].dtype != graph_.reductions[0].dtype)
        continue;
      partial_ = operand;
      return;
    }
    partial_ = nest_.workspace(graph_.reductions[0].dtype, 1, 0, graph_.kept, 1);
  }

  Affine partial_index() {
    if (partial_ < static_cast<int>(graph_.operands.size())) return emitter_.element(partial_);
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

  int64_t row_step() const { return tile_size_ > 0 ? tile_size_ : tile_.rows() * tiles_per_chunk; }
  int64_t column_step() const { return tile_size_ > 0 ? tile_size_ : tile_.columns(); }

  Span whole(std::optional<size_t> group) {
    return {constant(0), bound(group ? emitter_.extent(*group) : constant(1))};
  }
  Span part(VariableId begin, int64_t step, size_t group) {
    return {variable(begin), bound(variable(begin) + step, emitter_.extent(group))};
  }

  /// The parallel loop: over the batch, else over blocks of rows, else over blocks of columns.
  void plan_parallel(Block phase) {
    const VariableId index = nest_.variable("i");
    const bool by_batch = space_.batches > 0 && !facts_.is_shorter(graph_, space_.groups[0]);
    const bool by_rows = !by_batch && space_.row &&
                         !facts_.is_shorter(graph_, space_.groups[*space_.row], 2 * tile_.rows());
    const size_t group = by_batch ? 0 : by_rows ? *space_.row : space_.column;
    const int64_t chunk = by_batch ? 1 : by_rows ? row_step() : column_step();
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter_.extent(group)), chunk);
    if (by_batch) {
      emitter_.open(0, variable(index));
      tile_.emit_known(parallel.body);
    }
    batch_loops(by_batch ? 1 : 0, parallel.body, [&](Block& into) {
      const Span rows = by_rows ? part(index, chunk, group) : whole(space_.row);
      const Span columns = !by_batch && !by_rows ? part(index, chunk, group) : whole(space_.column);
      product(rows, columns, into);
    });
    phase.push_back(std::move(parallel));
    const double fma_per_nanosecond = 4.0 * tile_.lanes();
    nest_.add_phase(std::move(phase),
                    nest_.extent(space_.groups[group].first, space_.groups[group].count), chunk,
                    1 / fma_per_nanosecond);
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

  /// Blocks of `step` of a span; `body` gets the part that a block covers.
  void blocks(const char* name, const Span& span, int64_t step, Block& into,
              const std::function<void(const Span&, Block&)>& body) {
    const VariableId begin = nest_.variable(name);
    For loop = loop_over(LoopKind::serial, begin, span.begin, span.end, step);
    Bound end = span.end;
    end.smallest_of.push_back(variable(begin) + step);
    body({variable(begin), end}, loop.body);
    into.push_back(std::move(loop));
  }

  /// The product of all rows and columns of two spans.
  void product(const Span& rows, const Span& columns, Block& into) {
    const int64_t step = tile_size_;
    if (step == 0) {
      const Span depth = whole(space_.depth);
      return column_tiles(
          columns, into, [&](const Affine& column, int vectors, bool masked, Block& b) {
            row_tiles(rows, b, [&](const Affine& row, int count, Block& c) {
              tile_.finished({row, count, column, vectors, masked, columns.end}, depth, c);
            });
          });
    }
    blocks("it", rows, step, into, [&](const Span& block_rows, Block& a) {
      blocks("jt", columns, step, a, [&](const Span& block_columns, Block& b) {
        clear_partial(block_rows, block_columns, b);
        blocks("kt", whole(space_.depth), step, b, [&](const Span& depth, Block& c) {
          column_tiles(block_columns, c,
                       [&](const Affine& column, int vectors, bool masked, Block& d) {
                         row_tiles(block_rows, d, [&](const Affine& row, int count, Block& e) {
                           tile_.partial(
                               {row, count, column, vectors, masked, block_columns.end}, depth,
                               partial_, [&] { return partial_index(); }, e);
                         });
                       });
        });
        finish_partial(block_rows, block_columns, b);
      });
    });
  }

  using ColumnBody = std::function<void(const Affine& column, int vectors, bool masked, Block&)>;
  using RowBody = std::function<void(const Affine& row, int rows, Block&)>;

  /// Full tiles of columns, then single masked vectors.
  void column_tiles(const Span& span, Block& into, const ColumnBody& body) {
    const VariableId column = nest_.variable("c");
    For loop = loop_over(LoopKind::serial, column, span.begin, span.end, tile_.columns());
    body(variable(column), tile_.vectors(), false, loop.body);
    const VariableId edge = nest_.variable("d");
    For edges = loop_over(LoopKind::serial, edge, variable(column), span.end, tile_.lanes());
    body(variable(edge), 1, true, edges.body);
    loop.rest.push_back(std::move(edges));
    into.push_back(std::move(loop));
  }

  /// Full tiles of rows, then single rows.
  void row_tiles(const Span& span, Block& into, const RowBody& body) {
    if (!space_.row) return body(constant(0), 1, into);
    const VariableId row = nest_.variable("r");
    For loop = loop_over(LoopKind::serial, row, span.begin, span.end, tile_.rows());
    body(variable(row), tile_.rows(), loop.body);
    const VariableId edge = nest_.variable("s");
    For edges = loop_over(LoopKind::serial, edge, variable(row), span.end);
    body(variable(edge), 1, edges.body);
    loop.rest.push_back(std::move(edges));
    into.push_back(std::move(loop));
  }

  /// Every element of a block of the result, one row after the other.
  void for_elements(const Span& rows, const Span& columns, Block& into,
                    const std::function<void(Block&)>& body) {
    const PointEmitter::Scope outside = emitter_.scope();
    const VariableId row = nest_.variable("r"), lane = nest_.variable("j");
    For each_row = loop_over(LoopKind::serial, row, rows.begin, rows.end);
    if (space_.row) emitter_.open(*space_.row, variable(row));
    emitter_.emit(results_, each_row.body);
    For vector = loop_over(LoopKind::vector, lane, columns.begin, columns.end, tile_.lanes());
    emitter_.open(space_.column, variable(lane));
    body(vector.body);
    emitter_.restore(outside);
    each_row.body.push_back(std::move(vector));
    into.push_back(std::move(each_row));
  }

  void clear_partial(const Span& rows, const Span& columns, Block& into) {
    for_elements(rows, columns, into, [&](Block& body) {
      body.push_back(Store{partial_, partial_index(), tile_.zero()});
    });
  }

  /// What follows the product, once the last block of k is done. Nothing if the sum is the only
  /// result.
  void finish_partial(const Span& rows, const Span& columns, Block& into) {
    const bool is_plain =
        graph_.results.size() == 1 && partial_ == graph_.first_result_operand &&
        graph_.points[static_cast<size_t>(graph_.results[0])].kind == Point::Kind::accumulator;
    if (is_plain) return;
    for_elements(rows, columns, into, [&](Block& body) {
      const ValueId sum = nest_.value();
      body.push_back(Load{sum, partial_, partial_index()});
      tile_.finish(sum, body);
    });
  }

  const PlanContext& context_;
  PointGraph graph_;
  SizeFacts facts_;
  ContractionSpace space_;
  const int64_t tile_size_;
  std::vector<PointId> results_;
  NestBuilder nest_;
  PointEmitter emitter_;
  ContractionTile tile_;
  ArrayId partial_ = -1;
};

}  // namespace

Plan plan_contraction(const PlanContext& context) {
  PointGraph graph = build_point_graph(context);
  internal_check(graph.reductions.size() == 1, "a kernel holds more than one product");
  SizeFacts facts(context);
  // Whether there is one column decides the order of summation, so the sizes of later calls must
  // agree.
  const ir::Dimension symbol = graph.reductions[0].column_symbol;
  const int64_t columns = context.graph.captured_extent(symbol);
  if (symbol != ir::one) {
    facts.require(symbol, std::min<int64_t>(columns, 2), columns < 2 ? columns : INT64_MAX);
  }
  if (columns == 1) return plan_inner_reduction(context, std::move(graph), std::move(facts));
  return ContractionPlanner(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
