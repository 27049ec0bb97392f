// SPDX-License-Identifier: Apache-2.0
// Reductions of rows that lie side by side: a vector holds one element of each of several rows. The
// lanes of all rows of a block stay in the nearest cache, and memory is read as it lies.
#include <algorithm>
#include <numeric>

#include "onepass/codegen/constant_bits.h"
#include "onepass/codegen/reduction_tree.h"
#include "onepass/codegen/row_planner.h"
#include "onepass/codegen/transposed_loads.h"

namespace onepass::codegen {
namespace {

/// Vectors of rows in a block.
constexpr int64_t vectors_per_block = 2;

class RowsAcross final : public RowPlanner {
 public:
  using RowPlanner::RowPlanner;

 private:
  const char* way() const override { return "rows side by side"; }
  bool rows_in_turn() const override { return false; }

  const RowLoops& plan_phases() override {
    choose();
    Block phase;
    PointEmitter emitter = start_phase(phase);
    emit_constants(phase);
    const size_t last = kept_.size() - 1;
    const VariableId index = nest_.variable("i");
    const int64_t chunk = last == 0 ? block_ : 1;
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter.extent(0)), chunk);
    if (last == 0) {
      walk_block(emitter, variable(index), parallel.body);
    } else {
      open_kept(emitter, 0, variable(index), parallel.body);
      std::vector<size_t> order(last - 1);
      std::iota(order.begin(), order.end(), size_t{1});
      each_kept(emitter, order, 0, parallel.body, [&](Block& into) {
        const VariableId first = nest_.variable("d");
        For blocks = loop_over(LoopKind::serial, first, {}, bound(emitter.extent(last)), block_);
        walk_block(emitter, variable(first), blocks.body);
        into.push_back(std::move(blocks));
      });
    }
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), nest_.extent(kept_[0].first, kept_[0].count), chunk,
                    loop_nanoseconds(loop()));
    return loops_;
  }

  const RowLoop& loop() const { return loops_.loops[0]; }
  const Reduction& reduction(size_t r) const { return graph_.reductions[loop().reductions[r]]; }

  void choose() {
    loops_ = cut_row_loops(graph_, false, {});
    lanes_ = loop().lanes;
    bool one_block = false;
    constexpr int64_t shortest = 4;
    for (int64_t length = shortest; length <= loop().lanes && !one_block; length *= 2) {
      one_block = has_at_most(length);
      if (one_block) lanes_ = length;
    }
    one_block = one_block || has_at_most(loop().lanes * run_length);
    width_ = vector_width(loop(), 0);
    block_ = vectors_per_block * width_;
    std::vector<LoopGroup> groups = kept_;
    groups.push_back(element_dimensions());
    across_ = transposed_loads(graph_, groups).operands;
    for (size_t r = 0; r < loop().reductions.size(); ++r) {
      lane_arrays_.push_back(nest_.scratch("lanes", reduction(r).dtype, lanes_ * block_));
      if (!one_block) trees_.emplace_back(nest_, reduction(r), width_, lanes_ * block_);
    }
  }

  void emit_constants(Block& into) {
    for (size_t r = 0; r < loop().reductions.size(); ++r) {
      const DType dtype = reduction(r).dtype;
      const double identity = ir::reduction_info(reduction(r).op).identity;
      identities_.push_back(nest_.value());
      into.push_back(Constant{identities_.back(), dtype, constant_bits(dtype, identity)});
      results_of_.emplace_back(nest_, reduction(r), elements(), into);
    }
  }

  /// Rows [first, first + block), or as many as there are.
  void walk_block(PointEmitter& emitter, const Affine& first, Block& into) {
    first_ = first;
    end_ = bound(first + block_, emitter.extent(kept_.size() - 1));
    const int64_t block_size = lanes_ * run_length;
    if (trees_.empty()) {
      clear(into);
      steps(emitter, constant(0), bound(elements()), into);
    } else {
      const VariableId block = nest_.variable("b");
      For blocks = loop_over(LoopKind::serial, block, {}, bound(elements()), block_size);
      clear(blocks.body);
      steps(emitter, variable(block), bound(variable(block) + block_size, elements()), blocks.body);
      each_lane(blocks.body, [&](const Affine& lane, Block& body) {
        push(lane, variable(block) / block_size, body);
      });
      into.push_back(std::move(blocks));
      each_lane(into, [&](const Affine& lane, Block& body) {
        fold(lane, blocks_of(elements(), block_size), body);
      });
    }
    halve(into);
    finish(emitter, into);
  }

  template <class Body>
  void each_lane(Block& into, const Body& body) {
    const VariableId lane = nest_.variable("l");
    For lanes = loop_over(LoopKind::serial, lane, {}, bound(constant(lanes_)));
    body(variable(lane), lanes.body);
    into.push_back(std::move(lanes));
  }

  /// A vector loop over the rows of the block.
  template <class Body>
  void each_row(Block& into, const Body& body) {
    const VariableId row = nest_.variable("j");
    For rows = loop_over(LoopKind::vector, row, first_, end_, width_);
    body(row, rows.body);
    into.push_back(std::move(rows));
  }

  /// Where the lane of a row lies.
  Affine place(const Affine& lane, const Affine& row) const {
    return block_ * lane + row + -1 * first_;
  }

  ValueId load(size_t r, Affine index, Block& into) {
    const ValueId value = nest_.value();
    into.push_back(Load{value, lane_arrays_[r], std::move(index)});
    return value;
  }

  /// lanes[to] = combine(lanes[to], value).
  void combine(size_t r, const Affine& to, ValueId value, Block& into) {
    const ValueId old = load(r, to, into), combined = nest_.value();
    into.push_back(Compute{
        combined, ir::reduction_info(reduction(r).op).combine, reduction(r).dtype, {old, value}});
    into.push_back(Store{lane_arrays_[r], to, combined});
  }

  void clear(Block& into) {
    each_lane(into, [&](const Affine& lane, Block& body) {
      each_row(body, [&](VariableId row, Block& inner) {
        for (size_t r = 0; r < lane_arrays_.size(); ++r) {
          inner.push_back(Store{lane_arrays_[r], place(lane, variable(row)), identities_[r]});
        }
      });
    });
  }

  /// Elements [begin, end) of all rows, in order.
  void steps(PointEmitter& emitter, const Affine& begin, const Bound& end, Block& into) {
    const VariableId step = nest_.variable("s"), element = nest_.variable("e");
    For all = loop_over(LoopKind::serial, step, begin, end, lanes_);
    Bound last = end;
    last.smallest_of.push_back(variable(step) + lanes_);
    For lanes = loop_over(LoopKind::serial, element, variable(step), last);
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(element_group(), variable(element));
    emitter.emit(loop().points, lanes.body);
    ask_ahead(emitter, variable(element), lanes.body);
    each_row(lanes.body, [&](VariableId row, Block& body) {
      open_kept(emitter, kept_.size() - 1, variable(row), body);
      emitter.emit(loop().points, body);
      const Affine lane = variable(element) + variable(step, -1);
      for (size_t r = 0; r < lane_arrays_.size(); ++r) {
        combine(r, place(lane, variable(row)), emitter.value(reduction(r).roots[0]), body);
      }
    });
    emitter.restore(outside);
    all.body.push_back(std::move(lanes));
    into.push_back(std::move(all));
  }

  /// Asks for the lines of elements that come soon: they lie too far apart to be foreseen.
  void ask_ahead(PointEmitter& emitter, const Affine& element, Block& into) {
    constexpr int64_t line_bytes = 64, elements_ahead = 16;
    const PointEmitter::Scope outside = emitter.scope();
    emitter.open(element_group(), element + elements_ahead);
    for (const int operand : across_) {
      const int64_t per_line =
          line_bytes / byte_size(graph_.operands[static_cast<size_t>(operand)].dtype);
      const VariableId line = nest_.variable("a");
      For lines = loop_over(LoopKind::unrolled, line, {},
                            bound(constant(std::max<int64_t>(block_ / per_line, 1))));
      emitter.open(kept_.size() - 1, first_ + variable(line, per_line));
      lines.body.push_back(Prefetch{operand, emitter.element(operand)});
      into.push_back(std::move(lines));
    }
    emitter.restore(outside);
  }

  /// Rows of the block through the registers of the trees: one vector at a time.
  template <class Step>
  void each_vector(Block& into, bool loads, bool stores, const Affine& lane, const Step& step) {
    const VariableId column = nest_.variable("c");
    For vectors = loop_over(LoopKind::serial, column, first_, end_, width_);
    for (const bool full : {true, false}) {
      Block& body = full ? vectors.body : vectors.rest;
      const auto copy = [&](bool to_registers) {
        const VariableId row = nest_.variable("j");
        Bound last = bound(variable(column) + width_);
        if (!full)
          last.smallest_of.insert(last.smallest_of.end(), end_.smallest_of.begin(),
                                  end_.smallest_of.end());
        For vector = loop_over(LoopKind::vector, row, variable(column), last, width_);
        vector.single = true;
        vector.exact = full;
        for (size_t r = 0; r < trees_.size(); ++r) {
          const ArrayId registers = trees_[r].accumulators()[0];
          const ValueId value = nest_.value();
          const Affine memory = place(lane, variable(row));
          if (to_registers) {
            vector.body.push_back(Load{value, lane_arrays_[r], memory});
            vector.body.push_back(Store{registers, constant(0), value});
          } else {
            vector.body.push_back(Load{value, registers, constant(0)});
            vector.body.push_back(Store{lane_arrays_[r], memory, value});
          }
        }
        body.push_back(std::move(vector));
      };
      if (loads) copy(true);
      for (ReductionTree& tree : trees_) step(tree, place(lane, variable(column)), body);
      if (stores) copy(false);
    }
    into.push_back(std::move(vectors));
  }

  void push(const Affine& lane, const Affine& number, Block& into) {
    each_vector(into, true, false, lane, [&](ReductionTree& tree, const Affine& at, Block& body) {
      tree.push(number, body, at);
    });
  }

  void fold(const Affine& lane, const Affine& count, Block& into) {
    each_vector(into, false, true, lane, [&](ReductionTree& tree, const Affine& at, Block& body) {
      tree.fold(count, body, at);
    });
  }

  /// Lanes by halving: lane[l] = combine(lane[l], lane[l + half]).
  void halve(Block& into) {
    for (int64_t half = lanes_ / 2; half > 0; half /= 2) {
      const VariableId lane = nest_.variable("l");
      For lanes = loop_over(LoopKind::serial, lane, {}, bound(constant(half)));
      each_row(lanes.body, [&](VariableId row, Block& body) {
        for (size_t r = 0; r < lane_arrays_.size(); ++r) {
          const ValueId other = load(r, place(variable(lane) + half, variable(row)), body);
          combine(r, place(variable(lane), variable(row)), other, body);
        }
      });
      into.push_back(std::move(lanes));
    }
  }

  void finish(PointEmitter& emitter, Block& into) {
    each_row(into, [&](VariableId row, Block& body) {
      const PointEmitter::Scope outside = emitter.scope();
      emitter.open(kept_.size() - 1, variable(row));
      for (size_t r = 0; r < lane_arrays_.size(); ++r) {
        const ValueId total = load(r, place({}, variable(row)), body);
        set_total(emitter, loop().reductions[r], results_of_[r](total, body));
      }
      emitter.emit(row_points_, body);
      store_row_results(emitter, loops_.row_results, body);
      emitter.restore(outside);
    });
  }

  RowLoops loops_;
  int64_t lanes_ = 0, block_ = 0;  // lanes of each row; rows of a block
  int width_ = 1;
  std::vector<int> across_;           // operands whose elements of a row lie apart
  std::vector<ArrayId> lane_arrays_;  // by reduction: lanes of all rows of a block
  std::vector<ReductionTree> trees_;  // by reduction; empty: rows are one block of the order
  std::vector<ValueId> identities_;
  std::vector<ResultOf> results_of_;
  Affine first_;  // row of the open block
  Bound end_;
};

}  // namespace

bool lie_side_by_side(const PointGraph& graph) {
  const LoopGroup elements{graph.kept, static_cast<int>(graph.dimensions.size()) - graph.kept};
  std::vector<LoopGroup> groups = collapse(graph, 0, graph.kept);
  groups.push_back(elements);
  const RowLoops loops = cut_row_loops(graph, false, {});
  if (groups.size() < 2 || loops.loops.size() != 1 || !loops.loops[0].results.empty()) return false;
  const auto finds_position = [](const Reduction& r) { return ir::finds_position(r.op); };
  if (std::any_of(graph.reductions.begin(), graph.reductions.end(), finds_position)) return false;
  const TransposedLoads across = transposed_loads(graph, groups);
  if (across.operands.empty() || across.group + 2 != groups.size()) return false;
  const int row = groups[across.group].last();
  return std::all_of(graph.points.begin(), graph.points.end(), [&](const Point& point) {
    if (point.kind == Point::Kind::position) return (point.depends & elements.dimensions()) == 0;
    if (point.kind != Point::Kind::load) return true;
    const bool along = !graph.moves(point.index, row) || graph.known_stride(point.index, row) == 1;
    return along && walks_as_one(graph, point.index, elements);
  });
}

Plan plan_rows_across(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  return RowsAcross(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
