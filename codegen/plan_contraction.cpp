// SPDX-License-Identifier: Apache-2.0
// Generated products: a register tile of rows times vectors of columns accumulates k in index order
// by fma, edges by smaller tiles and masks. With tile_size the three loops are blocked around it
// and the tile of the result stays in memory between blocks of k: the same operations in the same
// order for every element.
#include <algorithm>
#include <functional>
#include <optional>

#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/point_emitter.h"
#include "onepass/codegen/reduction_planner.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

/// Rows of the register tile.
constexpr int tile_rows = 6;
/// Register tiles that one chunk of rows covers: the panel of the right operand stays in cache for
/// them.
constexpr int64_t tiles_per_chunk = 4;

class ContractionPlanner {
 public:
  ContractionPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : context_(context),
        graph_(std::move(graph)),
        facts_(std::move(facts)),
        groups_(make_groups()),
        left_(reachable(graph_, {reduction().roots[0]})),
        right_(reachable(graph_, {reduction().roots[1]})),
        result_points_(reachable(graph_, graph_.results)),
        nest_(context, graph_),
        emitter_(nest_, graph_, groups_),
        lanes_(context.target.lanes(byte_size(reduction().dtype))),
        vectors_(context.target.vector_registers() > 16 ? 4 : 2),
        accumulators_(nest_.registers("acc", reduction().dtype, tile_rows * vectors_, lanes_)) {}

  Plan run() {
    Block entry;
    emit_known(entry);
    zero_ = nest_.value();
    entry.push_back(Constant{zero_, reduction().dtype, 0});
    if (reduction().tile_size > 0) choose_partial();
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
  struct Span {
    Affine begin;
    Bound end;
  };
  /// A register tile: `rows` rows from `row`, `vectors` vectors of columns from `column`.
  struct Tile {
    Affine row;
    int rows;
    Affine column;
    int vectors;
    bool masked;
  };

  const Reduction& reduction() const { return graph_.reductions[0]; }

  // -- The loops around the tile -----------------------------------------------------------------

  std::vector<LoopGroup> make_groups() {
    const Reduction& r = reduction();
    const int matrix = (r.rows >= 0 ? 1 : 0) + 1;
    std::vector<LoopGroup> groups = collapse(graph_, 0, graph_.kept - matrix);
    batches_ = groups.size();
    if (r.rows >= 0) {
      row_group_ = groups.size();
      groups.push_back({r.rows, 1});
    }
    column_group_ = groups.size();
    groups.push_back({r.columns, 1});
    if (graph_.kept < static_cast<int>(graph_.dimensions.size())) {
      depth_group_ = groups.size();
      groups.push_back({graph_.kept, 1});
    }
    return groups;
  }

  void emit_known(Block& into) {
    emitter_.emit(left_, into);
    emitter_.emit(right_, into);
    emitter_.emit(result_points_, into);
  }

  /// Where the tile of the result lives between blocks of k: a result of the right dtype, or a
  /// workspace.
  void choose_partial() {
    for (size_t i = 0; i < graph_.results.size(); ++i) {
      const int operand = graph_.first_result_operand + static_cast<int>(i);
      if (graph_.operands[static_cast<size_t>(operand)].dtype != reduction().dtype) continue;
      partial_ = operand;
      return;
    }
    partial_ = nest_.workspace(reduction().dtype, 1, 0, graph_.kept, 1);
  }

  Affine partial_index() {
    if (partial_ < static_cast<int>(graph_.operands.size())) return emitter_.element(partial_);
    Affine index;
    for (size_t g = 0; g < groups_.size(); ++g) {
      if (depth_group_ && g == *depth_group_) continue;
      const int inside = graph_.kept - groups_[g].last() - 1;
      const Affine& place = emitter_.scope().index[g];
      index = index + (inside == 0
                           ? place
                           : times_parameter(place, nest_.extent(groups_[g].last() + 1, inside)));
    }
    return index;
  }

  int64_t row_step() const {
    return reduction().tile_size > 0 ? reduction().tile_size : tile_rows * tiles_per_chunk;
  }
  int64_t column_step() const {
    return reduction().tile_size > 0 ? reduction().tile_size : int64_t{vectors_} * lanes_;
  }

  Span whole(std::optional<size_t> group) {
    return {constant(0), bound(group ? emitter_.extent(*group) : constant(1))};
  }
  Span part(VariableId begin, int64_t step, size_t group) {
    return {variable(begin), bound(variable(begin) + step, emitter_.extent(group))};
  }

  /// The parallel loop: over the batch, else over blocks of rows, else over blocks of columns.
  void plan_parallel(Block phase) {
    const VariableId index = nest_.variable("i");
    const bool by_batch = batches_ > 0 && !facts_.is_shorter(graph_, groups_[0]);
    const bool by_rows =
        !by_batch && row_group_ && !facts_.is_shorter(graph_, groups_[*row_group_], 2 * tile_rows);
    const size_t group = by_batch ? 0 : by_rows ? *row_group_ : column_group_;
    const int64_t chunk = by_batch ? 1 : by_rows ? row_step() : column_step();
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter_.extent(group)), chunk);
    if (by_batch) {
      emitter_.open(0, variable(index));
      emit_known(parallel.body);
    }
    batch_loops(by_batch ? 1 : 0, parallel.body, [&](Block& into) {
      const Span rows = by_rows ? part(index, chunk, group) : whole(row_group_);
      const Span columns = !by_batch && !by_rows ? part(index, chunk, group) : whole(column_group_);
      product(rows, columns, into);
    });
    phase.push_back(std::move(parallel));
    const double fma_per_nanosecond = 4.0 * lanes_;
    nest_.add_phase(std::move(phase), nest_.extent(groups_[group].first, groups_[group].count),
                    chunk, 1 / fma_per_nanosecond);
  }

  void batch_loops(size_t group, Block& into, const std::function<void(Block&)>& innermost) {
    if (group == batches_) return innermost(into);
    const VariableId index = nest_.variable("n");
    For loop = loop_over(LoopKind::serial, index, {}, bound(emitter_.extent(group)));
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(group, variable(index));
    emit_known(loop.body);
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
    const int64_t step = reduction().tile_size;
    if (step == 0) {
      const Span depth = whole(depth_group_);
      return column_tiles(columns, into,
                          [&](const Affine& column, int vectors, bool masked, Block& b) {
                            row_tiles(rows, b, [&](const Affine& row, int count, Block& c) {
                              finished_tile({row, count, column, vectors, masked}, depth, c);
                            });
                          });
    }
    blocks("it", rows, step, into, [&](const Span& block_rows, Block& a) {
      blocks("jt", columns, step, a, [&](const Span& block_columns, Block& b) {
        clear_partial(block_rows, block_columns, b);
        blocks("kt", whole(depth_group_), step, b, [&](const Span& depth, Block& c) {
          column_tiles(block_columns, c,
                       [&](const Affine& column, int vectors, bool masked, Block& d) {
                         row_tiles(block_rows, d, [&](const Affine& row, int count, Block& e) {
                           partial_tile({row, count, column, vectors, masked}, depth, e);
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
    For loop =
        loop_over(LoopKind::serial, column, span.begin, span.end, int64_t{vectors_} * lanes_);
    body(variable(column), vectors_, false, loop.body);
    const VariableId edge = nest_.variable("d");
    For edges = loop_over(LoopKind::serial, edge, variable(column), span.end, lanes_);
    column_end_ = span.end;
    body(variable(edge), 1, true, edges.body);
    loop.rest.push_back(std::move(edges));
    into.push_back(std::move(loop));
  }

  /// Full tiles of rows, then single rows.
  void row_tiles(const Span& span, Block& into, const RowBody& body) {
    if (!row_group_) return body(constant(0), 1, into);
    const VariableId row = nest_.variable("r");
    For loop = loop_over(LoopKind::serial, row, span.begin, span.end, tile_rows);
    body(variable(row), tile_rows, loop.body);
    const VariableId edge = nest_.variable("s");
    For edges = loop_over(LoopKind::serial, edge, variable(row), span.end);
    body(variable(edge), 1, edges.body);
    loop.rest.push_back(std::move(edges));
    into.push_back(std::move(loop));
  }

  // -- The tile ----------------------------------------------------------------------------------

  For unrolled(VariableId id, int count) const {
    return loop_over(LoopKind::unrolled, id, {}, bound(constant(count)));
  }

  Affine register_index(const Tile& tile, VariableId row, VariableId vector) const {
    return variable(row, tile.vectors) + variable(vector);
  }

  /// For each vector of columns of the tile: `body` inside its vector loop, with the columns open.
  void for_vectors(const Tile& tile, Block& into,
                   const std::function<void(VariableId vector, Block&)>& body) {
    const VariableId vector = nest_.variable("v");
    const VariableId lane = nest_.variable("j");
    For vectors = unrolled(vector, tile.vectors);
    const Affine begin = tile.column + variable(vector, lanes_);
    For loop = loop_over(LoopKind::vector, lane, begin, bound(begin + lanes_), lanes_);
    loop.single = true;
    loop.exact = !tile.masked;
    if (tile.masked) {
      loop.end.smallest_of.insert(loop.end.smallest_of.end(), column_end_.smallest_of.begin(),
                                  column_end_.smallest_of.end());
    }
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(column_group_, variable(lane));
    body(vector, loop.body);
    emitter_.restore(outside);
    vectors.body.push_back(std::move(loop));
    into.push_back(std::move(vectors));
  }

  /// For each row of the tile: `body` with the row open.
  void for_rows(const Tile& tile, Block& into,
                const std::function<void(VariableId row, Block&)>& body) {
    const VariableId row = nest_.variable("m");
    For rows = unrolled(row, tile.rows);
    const PointEmitter::Scope outside = emitter_.scope();
    if (row_group_) emitter_.open(*row_group_, tile.row + variable(row));
    body(row, rows.body);
    emitter_.restore(outside);
    into.push_back(std::move(rows));
  }

  /// acc += left * right for k in `depth`.
  void multiply(const Tile& tile, const Span& depth, Block& into) {
    const PointEmitter::Scope outside = emitter_.scope();
    const VariableId index = nest_.variable("k");
    For loop = loop_over(LoopKind::serial, index, depth.begin, depth.end);
    if (depth_group_) emitter_.open(*depth_group_, variable(index));
    for_vectors(tile, loop.body, [&](VariableId vector, Block& body) {
      emitter_.emit(right_, body);
      for_rows(tile, body, [&](VariableId row, Block& inner) {
        emitter_.emit(left_, inner);
        accumulate(register_index(tile, row, vector), inner);
      });
    });
    emitter_.restore(outside);
    into.push_back(std::move(loop));
  }

  void accumulate(const Affine& place, Block& into) {
    const DType dtype = reduction().dtype;
    const ValueId a = emitter_.value(reduction().roots[0]);
    const ValueId b = emitter_.value(reduction().roots[1]);
    const ValueId old = nest_.value(), sum = nest_.value();
    into.push_back(Load{old, accumulators_, place});
    if (is_floating(dtype)) {
      into.push_back(Compute{sum, ir::OpCode::fma, dtype, {a, b, old}});
    } else {
      const ValueId term = nest_.value();
      into.push_back(Compute{term, ir::OpCode::multiply, dtype, {a, b}});
      into.push_back(Compute{sum, ir::OpCode::add, dtype, {old, term}});
    }
    into.push_back(Store{accumulators_, place, sum});
  }

  /// The whole sum over k in registers, then what follows the product.
  void finished_tile(const Tile& tile, const Span& depth, Block& into) {
    for (int i = 0; i < tile.rows * tile.vectors; ++i) {
      into.push_back(Store{accumulators_, constant(i), zero_});
    }
    multiply(tile, depth, into);
    for_vectors(tile, into, [&](VariableId vector, Block& body) {
      emitter_.emit(result_points_, body);
      for_rows(tile, body, [&](VariableId row, Block& inner) {
        const ValueId sum = nest_.value();
        inner.push_back(Load{sum, accumulators_, register_index(tile, row, vector)});
        finish(sum, inner);
      });
    });
  }

  void finish(ValueId sum, Block& into) {
    for (size_t i = 0; i < graph_.points.size(); ++i) {
      if (graph_.points[i].kind == Point::Kind::accumulator) {
        emitter_.set_value(static_cast<PointId>(i), sum);
      }
    }
    emitter_.emit(result_points_, into);
    emitter_.store_results(into);
  }

  /// One block of k: the sum so far comes from memory and goes back.
  void partial_tile(const Tile& tile, const Span& depth, Block& into) {
    move_tile(tile, true, into);
    multiply(tile, depth, into);
    move_tile(tile, false, into);
  }

  void move_tile(const Tile& tile, bool to_registers, Block& into) {
    for_vectors(tile, into, [&](VariableId vector, Block& body) {
      for_rows(tile, body, [&](VariableId row, Block& inner) {
        const Affine memory = partial_index(), place = register_index(tile, row, vector);
        const ValueId value = nest_.value();
        inner.push_back(to_registers ? Load{value, partial_, memory}
                                     : Load{value, accumulators_, place});
        inner.push_back(to_registers ? Store{accumulators_, place, value}
                                     : Store{partial_, memory, value});
      });
    });
  }

  /// Every element of a block of the result, one row after the other.
  void for_elements(const Span& rows, const Span& columns, Block& into,
                    const std::function<void(Block&)>& body) {
    const PointEmitter::Scope outside = emitter_.scope();
    const VariableId row = nest_.variable("r"), lane = nest_.variable("j");
    For each_row = loop_over(LoopKind::serial, row, rows.begin, rows.end);
    if (row_group_) emitter_.open(*row_group_, variable(row));
    emitter_.emit(result_points_, each_row.body);
    For vector = loop_over(LoopKind::vector, lane, columns.begin, columns.end, lanes_);
    emitter_.open(column_group_, variable(lane));
    body(vector.body);
    emitter_.restore(outside);
    each_row.body.push_back(std::move(vector));
    into.push_back(std::move(each_row));
  }

  void clear_partial(const Span& rows, const Span& columns, Block& into) {
    for_elements(rows, columns, into,
                 [&](Block& body) { body.push_back(Store{partial_, partial_index(), zero_}); });
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
      finish(sum, body);
    });
  }

  const PlanContext& context_;
  PointGraph graph_;
  SizeFacts facts_;
  size_t batches_ = 0;
  std::optional<size_t> row_group_, depth_group_;
  size_t column_group_ = 0;
  std::vector<LoopGroup> groups_;
  std::vector<PointId> left_, right_, result_points_;
  NestBuilder nest_;
  PointEmitter emitter_;
  const int lanes_, vectors_;
  const ArrayId accumulators_;
  ArrayId partial_ = -1;
  ValueId zero_ = -1;
  Bound column_end_;
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
