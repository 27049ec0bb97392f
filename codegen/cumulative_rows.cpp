// SPDX-License-Identifier: Apache-2.0
// Running reductions along rows, several rows at once: a vector holds one element of each, so that
// no lane waits for its neighbour. Tiles are turned over on the way in and back on the way out.
#include "onepass/codegen/cumulative_rows.h"

#include <algorithm>
#include <functional>

#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/constant_bits.h"
#include "onepass/codegen/point_emitter.h"
#include "onepass/ir/cumulative.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

constexpr int64_t block = ir::cumulative_block;
/// Elements of each row that are turned over together: blocks consist of whole tiles.
constexpr int64_t tile = 64;
static_assert(block % tile == 0);
/// Vectors of rows that are walked together: while one waits for its last sum, another goes on.
constexpr int64_t vectors_at_once = 2;
/// Lines of scratch in step with the sets of a cache would push each other out.
constexpr int64_t skew = 16;
/// Fewer rows leave lanes empty.
constexpr int64_t fewest_rows = 16;

class CumulativeRows {
 public:
  CumulativeRows(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : context_(context),
        graph_(std::move(graph)),
        reduction_(graph_.reductions.at(0)),
        combine_(ir::reduction_info(reduction_.op).combine),
        groups_(collapse(graph_, 0, reduction_.running)),
        row_group_(groups_.size() - 1),
        roots_(reachable(graph_, reduction_.roots)),
        results_(reachable(graph_, graph_.results)),
        cost_(body_cost(graph_, results_, context.target)),
        facts_(std::move(facts)),
        nest_(context, graph_),
        emitter_(nest_, graph_, with_axis()) {
    lanes_ = context.target.lanes(std::max(byte_size(reduction_.dtype), cost_.widest_bytes));
    rows_ = vectors_at_once * lanes_;
    pitch_ = rows_ + skew;
    sum_ = nest_.registers("acc", reduction_.dtype, vectors_at_once, lanes_);
    offset_ = nest_.registers("offset", reduction_.dtype, vectors_at_once, lanes_);
    find_turned();
  }

  Plan run() {
    Block phase;
    emit_uniform(phase);
    identity_ = nest_.value();
    phase.push_back(
        Constant{identity_, reduction_.dtype,
                 constant_bits(reduction_.dtype, ir::reduction_info(reduction_.op).identity)});
    const VariableId index = nest_.variable("i");
    const int64_t chunk = row_group_ == 0 ? rows_ : 1;
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter_.extent(0)), chunk);
    if (row_group_ == 0) {
      walk_rows(variable(index), parallel.body);
    } else {
      emitter_.open(0, variable(index));
      other_groups(1, parallel.body);
    }
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), nest_.extent(groups_[0].first, groups_[0].count), chunk,
                    cost_.nanoseconds);
    Plan plan;
    plan.nest = nest_.finish();
    plan.validity = facts_.take();
    plan.walk.way = "several rows at once, turned over";
    plan.may_alias.assign(context_.fused.body->inputs.size(), false);
    return plan;
  }

 private:
  std::vector<LoopGroup> with_axis() const {
    std::vector<LoopGroup> all = groups_;
    all.push_back({reduction_.running, 1});
    return all;
  }
  size_t axis_group() const { return groups_.size(); }
  Affine count() { return emitter_.extent(axis_group()); }

  void emit_uniform(Block& into) {
    emitter_.emit(roots_, into);
    emitter_.emit(results_, into);
  }

  /// An operand whose lines lie along rows, and where tiles of it lie.
  struct Turned {
    int operand;
    ArrayId lines = -1;  // one line per element of the axis
    ArrayId rows = -1;   // of a result: one line per row
  };

  void find_turned() {
    const int row = groups_[row_group_].last();
    for (int operand = 0; operand < static_cast<int>(graph_.operands.size()); ++operand) {
      const bool along = graph_.known_stride(operand, reduction_.running) == 1 &&
                         graph_.moves(operand, row) && graph_.known_stride(operand, row) != 1;
      if (!along) continue;
      const bool is_result = operand >= graph_.first_result_operand;
      const DType dtype = graph_.operands[static_cast<size_t>(operand)].dtype;
      Turned turned{operand, nest_.scratch(is_result ? "lines" : "turned", dtype, tile * pitch_)};
      if (is_result) turned.rows = nest_.scratch("rows", dtype, rows_ * (tile + skew));
      turned_.push_back(turned);
    }
  }

  const Turned* turned(int operand) const {
    const auto found = std::find_if(turned_.begin(), turned_.end(),
                                    [&](const Turned& t) { return t.operand == operand; });
    return found == turned_.end() ? nullptr : &*found;
  }

  /// Serial loops over groups [group, rows), then blocks of rows.
  void other_groups(size_t group, Block& into) {
    const VariableId index = nest_.variable("k");
    const bool last = group == row_group_;
    For loop =
        loop_over(LoopKind::serial, index, {}, bound(emitter_.extent(group)), last ? rows_ : 1);
    if (last) {
      walk_rows(variable(index), loop.body);
    } else {
      emitter_.open(group, variable(index));
      other_groups(group + 1, loop.body);
    }
    into.push_back(std::move(loop));
  }

  /// Rows [first, first + rows), or as many as there are, from end to end.
  void walk_rows(const Affine& first, Block& into) {
    first_ = first;
    const Affine extent = emitter_.extent(row_group_);
    there_ = bound(constant(rows_), extent + -1 * first);
    last_row_ = bound(first + rows_, extent);
    clear(offset_, into);
    const VariableId begin = nest_.variable("b"), at = nest_.variable("t");
    For blocks = loop_over(LoopKind::serial, begin, {}, bound(count()), block);
    clear(sum_, blocks.body);
    For tiles = loop_over(LoopKind::serial, at, variable(begin),
                          bound(variable(begin) + block, count()), tile);
    walk_tile(variable(at), tiles.body);
    blocks.body.push_back(std::move(tiles));
    each_vector(blocks.body, [&](const Affine& vector, VariableId, Block& body) {
      const ValueId sum = load(sum_, vector, body);
      const ValueId next = combined(load(offset_, vector, body), sum, body);
      body.push_back(Store{offset_, vector, next});
    });
    into.push_back(std::move(blocks));
  }

  void clear(ArrayId registers, Block& into) const {
    for (int64_t v = 0; v < vectors_at_once; ++v) {
      into.push_back(Store{registers, constant(v), identity_});
    }
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

  /// The vectors of the rows: number, and variable of the lane's row.
  void each_vector(Block& into,
                   const std::function<void(const Affine&, VariableId, Block&)>& body) {
    for (int64_t v = 0; v < vectors_at_once; ++v) {
      const VariableId row = nest_.variable("j");
      Bound end = last_row_;
      end.smallest_of.push_back(first_ + (v + 1) * lanes_);
      For vector = loop_over(LoopKind::vector, row, first_ + v * lanes_, std::move(end), lanes_);
      vector.single = true;
      const PointEmitter::Scope outside = emitter_.scope();
      emitter_.open(row_group_, variable(row));
      body(constant(v), row, vector.body);
      emitter_.restore(outside);
      into.push_back(std::move(vector));
    }
  }

  /// Elements [begin, begin + tile) of the rows.
  void walk_tile(const Affine& begin, Block& into) {
    const Bound elements = bound(constant(tile), count() + -1 * begin);
    turn_over(begin, elements, into);
    const VariableId element = nest_.variable("q");
    For all = loop_over(LoopKind::serial, element, begin, bound(begin + tile, count()));
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(axis_group(), variable(element));
    each_vector(all.body, [&](const Affine& vector, VariableId row, Block& body) {
      const Affine place = pitch_ * (variable(element) + -1 * begin) + variable(row) + -1 * first_;
      read_turned(place, body);
      emitter_.emit(roots_, body);
      const ValueId sum =
          combined(load(sum_, vector, body), emitter_.value(reduction_.roots[0]), body);
      body.push_back(Store{sum_, vector, sum});
      set_result(combined(load(offset_, vector, body), sum, body));
      emitter_.emit(results_, body);
      store_results(place, body);
    });
    emitter_.restore(outside);
    into.push_back(std::move(all));
    turn_back(begin, elements, into);
  }

  void turn_over(const Affine& begin, const Bound& elements, Block& into) {
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(row_group_, first_);
    emitter_.open(axis_group(), begin);
    for (const Turned& t : turned_) {
      if (t.rows >= 0) continue;
      const Affine stride = parameter(nest_.stride(t.operand, groups_[row_group_].last()));
      into.push_back(Transpose{t.lines, t.operand, emitter_.element(t.operand), stride, elements,
                               there_, pitch_});
    }
    emitter_.restore(outside);
  }

  void read_turned(const Affine& place, Block& into) {
    for (size_t i = 0; i < graph_.points.size(); ++i) {
      const Point& point = graph_.points[i];
      if (point.kind != Point::Kind::load) continue;
      const Turned* const t = turned(point.index);
      if (t != nullptr) emitter_.set_value(static_cast<PointId>(i), load(t->lines, place, into));
    }
  }

  void set_result(ValueId result) {
    for (size_t i = 0; i < graph_.points.size(); ++i) {
      if (graph_.points[i].kind == Point::Kind::accumulator) {
        emitter_.set_value(static_cast<PointId>(i), result);
      }
    }
  }

  void store_results(const Affine& place, Block& into) {
    for (size_t i = 0; i < graph_.results.size(); ++i) {
      const int operand = graph_.first_result_operand + static_cast<int>(i);
      const Turned* const t = turned(operand);
      into.push_back(Store{t != nullptr ? t->lines : operand,
                           t != nullptr ? place : emitter_.element(operand),
                           emitter_.value(graph_.results[i])});
    }
  }

  /// Tiles of results, row after row.
  void turn_back(const Affine& begin, const Bound& elements, Block& into) {
    const PointEmitter::Scope outside = emitter_.scope();
    for (const Turned& t : turned_) {
      if (t.rows < 0) continue;
      constexpr int64_t line = tile + skew;
      into.push_back(Transpose{t.rows, t.lines, {}, constant(pitch_), there_, elements, line});
      const VariableId row = nest_.variable("r"), element = nest_.variable("j");
      For rows = loop_over(LoopKind::serial, row, first_, last_row_);
      const DType dtype = graph_.operands[static_cast<size_t>(t.operand)].dtype;
      For vector = loop_over(LoopKind::vector, element, begin, bound(begin + tile, count()),
                             context_.target.lanes(byte_size(dtype)));
      emitter_.open(row_group_, variable(row));
      emitter_.open(axis_group(), variable(element));
      const Affine place = line * (variable(row) + -1 * first_) + variable(element) + -1 * begin;
      const ValueId value = load(t.rows, place, vector.body);
      vector.body.push_back(Store{t.operand, emitter_.element(t.operand), value});
      rows.body.push_back(std::move(vector));
      into.push_back(std::move(rows));
    }
    emitter_.restore(outside);
  }

  const PlanContext& context_;
  PointGraph graph_;
  Reduction reduction_;
  ir::OpCode combine_;
  std::vector<LoopGroup> groups_;  // of the dimensions before the axis
  size_t row_group_;               // the last of them
  std::vector<PointId> roots_, results_;
  BodyCost cost_;
  SizeFacts facts_;
  NestBuilder nest_;
  PointEmitter emitter_;
  int lanes_ = 1;      // rows of a vector
  int64_t rows_ = 1;   // walked together
  int64_t pitch_ = 0;  // of lines in scratch
  std::vector<Turned> turned_;
  ArrayId sum_ = -1, offset_ = -1;
  ValueId identity_ = -1;
  Affine first_;  // of the open rows
  Bound there_, last_row_;
};

}  // namespace

bool run_along_rows(const PointGraph& graph, SizeFacts& facts) {
  const int axis = graph.reductions.at(0).running;
  if (axis == 0 || axis + 1 != static_cast<int>(graph.dimensions.size())) return false;
  if (facts.holds_at_most(graph, 0, axis, fewest_rows)) return false;
  const std::vector<LoopGroup> rows = collapse(graph, 0, axis);
  return !facts.is_shorter(graph, rows.back(), fewest_rows);
}

Plan plan_cumulative_rows(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  return CumulativeRows(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
