// SPDX-License-Identifier: Apache-2.0
// Running reductions: along the axis blocks in index order, each on top of the offset that those
// before it leave. Rows or columns in parallel; where there are few, blocks: their totals, then
// their offsets, then the results.
#include <algorithm>
#include <functional>
#include <span>

#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/constant_bits.h"
#include "onepass/codegen/cumulative_rows.h"
#include "onepass/codegen/point_emitter.h"
#include "onepass/ir/cumulative.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

constexpr int64_t block = ir::cumulative_block;
/// Blocks are cut where there are at most this many rows, or columns.
constexpr int64_t cut_rows = 8;
constexpr int64_t cut_columns = 2048;
/// Fewer blocks are not worth three phases.
constexpr int64_t least_blocks = 64;
/// Vectors of columns in a tile, and tiles in a step of a parallel loop over columns.
constexpr int vectors_per_tile = 2;
constexpr int64_t tiles_per_chunk = 2;

class CumulativePlanner {
 public:
  CumulativePlanner(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : context_(context),
        graph_(std::move(graph)),
        reduction_(graph_.reductions.at(0)),
        combine_(ir::reduction_info(reduction_.op).combine),
        before_(collapse(graph_, 0, reduction_.running)),
        after_(collapse(graph_, reduction_.running + 1, rank() - reduction_.running - 1)),
        axis_group_(before_.size()),
        roots_(reachable(graph_, reduction_.roots)),
        results_(reachable(graph_, graph_.results)),
        cost_(body_cost(graph_, roots_, context.target)),
        facts_(std::move(facts)),
        nest_(context, graph_) {
    internal_check(graph_.reductions.size() == 1, "a kernel holds more than one reduction");
    lanes_ = after_.empty() ? 1 : vectors_per_tile * context.target.lanes(widest_bytes());
    sum_ = nest_.registers("acc", reduction_.dtype, 1, lanes_);
    offset_ = nest_.registers("offset", reduction_.dtype, 1, lanes_);
  }

  Plan run() {
    if (cuts_blocks()) {
      plan_blocks();
    } else {
      plan_whole();
    }
    Plan plan;
    plan.nest = nest_.finish();
    plan.validity = facts_.take();
    plan.may_alias.assign(context_.fused.body->inputs.size(), false);
    return plan;
  }

 private:
  using Block = std::vector<Statement>;

  int rank() const { return static_cast<int>(graph_.dimensions.size()); }
  int widest_bytes() const { return std::max(byte_size(reduction_.dtype), cost_.widest_bytes); }
  size_t column_group() const { return groups().size() - 1; }
  int count_parameter() { return nest_.extent(reduction_.running, 1); }
  Affine count() { return parameter(count_parameter()); }

  std::vector<LoopGroup> groups() const {
    std::vector<LoopGroup> all = before_;
    all.push_back({reduction_.running, 1});
    all.insert(all.end(), after_.begin(), after_.end());
    return all;
  }

  /// A long axis beside few rows only, or few columns only.
  bool cuts_blocks() {
    if (!before_.empty() && !after_.empty()) return false;
    const bool few = after_.empty()
                         ? facts_.holds_at_most(graph_, 0, reduction_.running, cut_rows)
                         : facts_.holds_at_most(graph_, reduction_.running + 1,
                                                rank() - reduction_.running - 1, cut_columns);
    return few && !facts_.holds_at_most(graph_, reduction_.running, 1, least_blocks * block);
  }

  PointEmitter start_phase(Block& entry) {
    PointEmitter emitter(nest_, graph_, groups());
    emitter.emit(roots_, entry);
    emitter.emit(results_, entry);
    identity_ = nest_.value();
    entry.push_back(
        Constant{identity_, reduction_.dtype,
                 constant_bits(reduction_.dtype, ir::reduction_info(reduction_.op).identity)});
    return emitter;
  }

  /// Serial loops over `list` of groups, then `innermost`.
  void loops(PointEmitter& emitter, std::span<const size_t> list, Block& into,
             const std::function<void(Block&)>& innermost) {
    if (list.empty()) return innermost(into);
    const VariableId index = nest_.variable("k");
    For loop = loop_over(LoopKind::serial, index, {}, bound(emitter.extent(list[0])));
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(list[0], variable(index));
    loops(emitter, list.subspan(1), loop.body, innermost);
    emitter.restore(outside);
    into.push_back(std::move(loop));
  }

  /// All groups but the axis, the columns and `open`.
  std::vector<size_t> other_groups(size_t open) const {
    std::vector<size_t> list;
    for (size_t g = 0; g < groups().size(); ++g) {
      const bool is_column = !after_.empty() && g == column_group();
      if (g != axis_group_ && g != open && !is_column) list.push_back(g);
    }
    return list;
  }

  /// Where a tile of columns begins, and whether it is full.
  struct Tile {
    Affine begin;
    bool full;
  };

  void tiles(const Affine& begin, const Bound& end, Block& into,
             const std::function<void(const Tile&, Block&)>& body) {
    if (after_.empty()) return body({{}, true}, into);
    const VariableId first = nest_.variable("c");
    For loop = loop_over(LoopKind::serial, first, begin, end, lanes_);
    body({variable(first), true}, loop.body);
    body({variable(first), false}, loop.rest);
    into.push_back(std::move(loop));
  }

  /// Statements for the columns of a tile: in a vector loop, or plain where there is one column.
  void columns(PointEmitter& emitter, const Tile& tile, Block& into,
               const std::function<void(Block&)>& body) {
    if (after_.empty()) return body(into);
    const VariableId lane = nest_.variable("j");
    Bound end = bound(tile.begin + lanes_);
    if (!tile.full) end.smallest_of.push_back(emitter.extent(column_group()));
    For vector = loop_over(LoopKind::vector, lane, tile.begin, end, lanes_);
    vector.single = true;
    vector.exact = tile.full;
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(column_group(), variable(lane));
    body(vector.body);
    emitter.restore(outside);
    into.push_back(std::move(vector));
  }

  ValueId load(ArrayId array, Affine index, Block& into) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, array, std::move(index)});
    return value;
  }
  ValueId combined(ValueId older, ValueId newer, Block& into) {
    const ValueId value = nest_.value();
    into.push_back(Compute{value, combine_, reduction_.dtype, {older, newer}});
    return value;
  }
  void clear(ArrayId registers, Block& into) const {
    into.push_back(Store{registers, constant(0), identity_});
  }

  /// The elements [begin, end) of one block; each result is stored if `has_offset`.
  void walk_block(PointEmitter& emitter, const Tile& tile, const Affine& begin, const Bound& end,
                  bool has_offset, Block& into) {
    clear(sum_, into);
    const VariableId index = nest_.variable("q");
    For elements = loop_over(LoopKind::serial, index, begin, end);
    columns(emitter, tile, elements.body, [&](Block& body) {
      const PointEmitter::Scope outside = emitter.scope();
      emitter.open(axis_group_, variable(index));
      emitter.emit(roots_, body);
      const ValueId old = load(sum_, constant(0), body);
      const ValueId sum = combined(old, emitter.value(reduction_.roots[0]), body);
      body.push_back(Store{sum_, constant(0), sum});
      if (has_offset) {
        const ValueId offset = load(offset_, constant(0), body);
        store_result(emitter, combined(offset, sum, body), body);
      }
      emitter.restore(outside);
    });
    into.push_back(std::move(elements));
  }

  void store_result(PointEmitter& emitter, ValueId result, Block& into) {
    for (size_t i = 0; i < graph_.points.size(); ++i) {
      if (graph_.points[i].kind == Point::Kind::accumulator) {
        emitter.set_value(static_cast<PointId>(i), result);
      }
    }
    emitter.emit(results_, into);
    emitter.store_results(into);
  }

  /// offset = offset combined with `registers`.
  void advance(PointEmitter& emitter, const Tile& tile, ArrayId registers, Block& into) {
    columns(emitter, tile, into, [&](Block& body) {
      const ValueId old = load(offset_, constant(0), body);
      const ValueId next = combined(old, load(registers, constant(0), body), body);
      body.push_back(Store{offset_, constant(0), next});
    });
  }

  /// The whole axis of a tile.
  void walk_axis(PointEmitter& emitter, const Tile& tile, Block& into) {
    clear(offset_, into);
    const VariableId first = nest_.variable("b");
    For blocks = loop_over(LoopKind::serial, first, {}, bound(count()), block);
    walk_block(emitter, tile, variable(first), bound(variable(first) + block, count()), true,
               blocks.body);
    advance(emitter, tile, sum_, blocks.body);
    into.push_back(std::move(blocks));
  }

  void plan_whole() {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    const auto walk = [&](const Tile& tile, Block& into) { walk_axis(emitter, tile, into); };
    const bool over_columns =
        !after_.empty() && (before_.empty() || facts_.is_shorter(graph_, before_[0]));
    if (before_.empty() && !over_columns) {
      walk({{}, true}, phase);
      return nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds);
    }
    const size_t open = over_columns ? column_group() : 0;
    const int64_t chunk = over_columns ? tiles_per_chunk * lanes_ : 1;
    const VariableId index = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter.extent(open)), chunk);
    if (!over_columns) emitter.open(0, variable(index));
    loops(emitter, other_groups(open), parallel.body, [&](Block& into) {
      if (over_columns) {
        tiles(variable(index), bound(variable(index) + chunk, emitter.extent(open)), into, walk);
      } else {
        tiles({}, after_.empty() ? Bound{} : bound(emitter.extent(column_group())), into, walk);
      }
    });
    phase.push_back(std::move(parallel));
    const LoopGroup group = groups()[open];
    nest_.add_phase(std::move(phase), nest_.extent(group.first, group.count), chunk,
                    cost_.nanoseconds);
  }

  /// All rows and tiles of columns.
  void everywhere(PointEmitter& emitter, Block& into,
                  const std::function<void(const Tile&, Block&)>& body) {
    loops(emitter, other_groups(groups().size()), into, [&](Block& inside) {
      tiles({}, after_.empty() ? Bound{} : bound(emitter.extent(column_group())), inside, body);
    });
  }

  /// Place of what block `number` leaves: of the open row, or of the open column.
  Affine place(const PointEmitter& emitter, VariableId number) {
    const std::vector<LoopGroup> all = groups();
    const int end = after_.empty() ? reduction_.running : rank();
    Affine position = variable(number, after_.empty() ? cut_rows : cut_columns);
    for (size_t g = 0; g < all.size(); ++g) {
      if (g == axis_group_) continue;
      const int inside = end - all[g].last() - 1;
      const Affine& index = emitter.scope().index[g];
      position =
          position +
          (inside == 0 ? index : times_parameter(index, nest_.extent(all[g].last() + 1, inside)));
    }
    return position;
  }

  /// Statements with the number of the block that begins at `first` as a variable.
  void numbered(VariableId first, Block& into,
                const std::function<void(VariableId, Block&)>& body) {
    const VariableId number = nest_.variable("t");
    For one = loop_over(LoopKind::serial, number, variable(first) / block,
                        bound((variable(first) + block) / block));
    body(number, one.body);
    into.push_back(std::move(one));
  }

  void plan_blocks() {
    const ArrayId partial = nest_.workspace(
        reduction_.dtype, after_.empty() ? cut_rows : cut_columns, reduction_.running, 1, block);
    plan_totals(partial);
    plan_offsets(partial);
    plan_results(partial);
  }

  /// A phase whose chunks are the blocks.
  void block_phase(
      const std::function<void(PointEmitter&, const Tile&, VariableId, Block&)>& body) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    const VariableId first = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, first, {}, bound(count()), block);
    everywhere(emitter, parallel.body,
               [&](const Tile& tile, Block& into) { body(emitter, tile, first, into); });
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), count_parameter(), block, cost_.nanoseconds);
  }

  void plan_totals(ArrayId partial) {
    block_phase([&](PointEmitter& emitter, const Tile& tile, VariableId first, Block& into) {
      walk_block(emitter, tile, variable(first), bound(variable(first) + block, count()), false,
                 into);
      numbered(first, into, [&](VariableId number, Block& inside) {
        columns(emitter, tile, inside, [&](Block& body) {
          const ValueId total = load(sum_, constant(0), body);
          body.push_back(Store{partial, place(emitter, number), total});
        });
      });
    });
  }

  /// Each total becomes the offset of its block.
  void plan_offsets(ArrayId partial) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    everywhere(emitter, phase, [&](const Tile& tile, Block& into) {
      clear(offset_, into);
      const VariableId number = nest_.variable("t");
      For blocks = loop_over(LoopKind::serial, number, {}, bound(blocks_of(count(), block)));
      columns(emitter, tile, blocks.body, [&](Block& body) {
        const ValueId total = load(partial, place(emitter, number), body);
        const ValueId old = load(offset_, constant(0), body);
        body.push_back(Store{partial, place(emitter, number), old});
        body.push_back(Store{offset_, constant(0), combined(old, total, body)});
      });
      into.push_back(std::move(blocks));
    });
    nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds / static_cast<double>(block));
  }

  void plan_results(ArrayId partial) {
    block_phase([&](PointEmitter& emitter, const Tile& tile, VariableId first, Block& into) {
      numbered(first, into, [&](VariableId number, Block& inside) {
        columns(emitter, tile, inside, [&](Block& body) {
          const ValueId offset = load(partial, place(emitter, number), body);
          body.push_back(Store{offset_, constant(0), offset});
        });
      });
      walk_block(emitter, tile, variable(first), bound(variable(first) + block, count()), true,
                 into);
    });
  }

  const PlanContext& context_;
  PointGraph graph_;
  Reduction reduction_;
  ir::OpCode combine_;
  std::vector<LoopGroup> before_, after_;
  size_t axis_group_;
  std::vector<PointId> roots_, results_;
  BodyCost cost_;
  SizeFacts facts_;
  NestBuilder nest_;
  int lanes_ = 1;
  ArrayId sum_ = -1, offset_ = -1;
  ValueId identity_ = -1;
};

}  // namespace

Plan plan_cumulative(const PlanContext& context) {
  PointGraph graph = build_point_graph(context);
  if (graph.reductions.empty()) return plan_map(context);
  SizeFacts facts(context);
  if (run_along_rows(graph, facts)) {
    return plan_cumulative_rows(context, std::move(graph), std::move(facts));
  }
  return CumulativePlanner(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
