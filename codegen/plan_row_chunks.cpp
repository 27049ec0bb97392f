// SPDX-License-Identifier: Apache-2.0
// Kernels over few long rows. Each loop over a row is a phase whose chunks run in parallel; a phase
// of its own joins what the chunks leave. Chunks are whole subtrees of the order, so the bits
// agree.
#include "onepass/codegen/reduction_tree.h"
#include "onepass/codegen/row_planner.h"

namespace onepass::codegen {
namespace {

/// Blocks of a chunk: a power of two, so that a chunk is a subtree.
constexpr int64_t blocks_per_chunk = 16;
/// Elements of a chunk that reduces nothing.
constexpr int64_t map_chunk = int64_t{1} << 14;
/// The most rows: partial results have a place for each.
constexpr int64_t most_rows = 8;

class RowChunks final : public RowPlanner {
 public:
  RowChunks(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : RowPlanner(context, std::move(graph), std::move(facts)),
        totals_(graph_.reductions.size(), -1) {}

 private:
  const char* way() const override { return "chunks of long rows"; }
  bool rows_in_turn() const override { return false; }
  bool gathers_blocks() const override { return true; }

  const RowLoops& plan_phases() override {
    loops_ = cut_row_loops(graph_, false, given_points());
    stream_results();
    size_t last_reducing = 0;
    for (size_t l = 0; l < loops_.loops.size(); ++l) {
      if (!loops_.loops[l].reductions.empty()) last_reducing = l;
    }
    for (size_t l = 0; l < loops_.loops.size(); ++l) {
      const RowLoop& loop = loops_.loops[l];
      if (loop.reductions.empty()) {
        plan_map(loop);
        continue;
      }
      plan_partial(loop);
      plan_totals(loop, l == last_reducing);
    }
    return loops_;
  }

  /// What a phase knows of earlier ones: opens the kept dimensions and reads the totals so far.
  void each_row(PointEmitter& emitter, Block& into, const std::function<void(Block&)>& row) {
    all_kept(emitter, into, [&](Block& inside) {
      const PointEmitter::Scope outside = emitter.scope();
      for (size_t number = 0; number < totals_.size(); ++number) {
        if (totals_[number] < 0) continue;
        const ValueId total = nest_.value();
        inside.push_back(Load{total, totals_[number], row_number(emitter)});
        set_total(emitter, number, total);
      }
      emitter.emit(row_points_, inside);
      row(inside);
      emitter.restore(outside);
    });
  }

  void plan_map(const RowLoop& loop) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    const VariableId chunk = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, chunk, {}, bound(elements()), map_chunk);
    each_row(emitter, parallel.body, [&](Block& into) {
      const VariableId lane = nest_.variable("j");
      const int width = vector_width(loop, 0);
      For vector = loop_over(LoopKind::vector, lane, variable(chunk),
                             bound(variable(chunk) + map_chunk, elements()), width);
      std::vector<LaneAccumulator> none;
      all_of(emitter, {loop, width, nullptr}, none)({}, lane, vector.body);
      into.push_back(std::move(vector));
    });
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), elements_parameter(), map_chunk, loop_nanoseconds(loop));
  }

  std::vector<LaneAccumulator> accumulators(const RowLoop& loop, int width, Block& entry) {
    std::vector<LaneAccumulator> list;
    for (const size_t number : loop.reductions) {
      list.emplace_back(nest_, graph_.reductions[number], loop.lanes, width, true);
      list.back().emit_constants(elements(), entry);
    }
    return list;
  }

  /// Place of a partial result: lane 0 of chunk number `chunk` of the open row.
  Affine partial_index(const PointEmitter& emitter, const RowLoop& loop, VariableId chunk) {
    return variable(chunk, most_rows * loop.lanes) + row_number(emitter, loop.lanes);
  }

  static int64_t block_of(const RowLoop& loop) { return run_length * loop.lanes; }
  static int64_t chunk_of(const RowLoop& loop) { return blocks_per_chunk * block_of(loop); }

  void plan_partial(const RowLoop& loop) {
    const int64_t chunk_size = chunk_of(loop);
    Block phase;
    PointEmitter emitter = start_phase(phase);
    const int width = vector_width(loop, loop.lanes);
    auto list = accumulators(loop, width, phase);
    partial_.clear();
    for (const LaneAccumulator& a : list) {
      partial_.emplace_back();
      for (const DType dtype : a.dtypes()) {
        partial_.back().push_back(nest_.workspace(dtype, most_rows * loop.lanes, graph_.kept,
                                                  element_count(), chunk_size));
      }
    }
    const VariableId chunk = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, chunk, {}, bound(elements()), chunk_size);
    each_row(emitter, parallel.body, [&](Block& into) {
      const Bound end = bound(variable(chunk) + chunk_size, elements());
      walk_blocks(emitter, loop, width, list, variable(chunk), end, into);
      const VariableId whole = nest_.variable("c");
      For fold = loop_over(LoopKind::serial, whole, variable(chunk), end, chunk_size);
      for (const LaneAccumulator& a : list) {
        a.fold(constant(blocks_per_chunk), fold.body);
        a.fold(blocks_of(elements() + variable(whole, -1), block_of(loop)), fold.rest);
      }
      into.push_back(std::move(fold));
      store_partial(emitter, loop, width, list, chunk, into);
    });
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), elements_parameter(), chunk_size, loop_nanoseconds(loop));
  }

  void walk_blocks(PointEmitter& emitter, const RowLoop& loop, int width,
                   std::vector<LaneAccumulator>& list, const Affine& begin, const Bound& end,
                   Block& into) {
    const VariableId block = nest_.variable("b");
    For blocks = loop_over(LoopKind::serial, block, begin, end, block_of(loop));
    Bound block_end = end;
    block_end.smallest_of.push_back(variable(block) + block_of(loop));
    gather_block(emitter, variable(block), block_end, blocks.body);
    clear(list, width, variable(block), blocks.body);
    row_steps(all_of(emitter, {loop, width, nullptr}, list), loop.lanes, width, variable(block),
              block_end, blocks.body);
    for (const LaneAccumulator& a : list) {
      a.end_block(blocks.body);
      a.push((variable(block) + -1 * begin) / block_of(loop), blocks.body);
    }
    into.push_back(std::move(blocks));
  }

  void store_partial(const PointEmitter& emitter, const RowLoop& loop, int width,
                     std::vector<LaneAccumulator>& list, VariableId chunk, Block& into) {
    const int64_t size = chunk_of(loop);
    const VariableId number = nest_.variable("t");
    For one = loop_over(LoopKind::serial, number, variable(chunk) / size,
                        bound((variable(chunk) + size) / size));
    each_part(loop, width, one.body, [&](int64_t part, VariableId lane, Block& body) {
      for (size_t a = 0; a < list.size(); ++a) {
        list[a].store(constant(part), partial_[a],
                      partial_index(emitter, loop, number) + variable(lane) + part * width, body);
      }
    });
    into.push_back(std::move(one));
  }

  template <class Body>
  void each_part(const RowLoop& loop, int width, Block& into, const Body& body) {
    for (int64_t part = 0; part < loop.lanes / width; ++part) {
      const VariableId lane = nest_.variable("j");
      For vector = loop_over(LoopKind::vector, lane, {}, bound(constant(width)), width);
      vector.single = vector.exact = true;
      body(part, lane, vector.body);
      into.push_back(std::move(vector));
    }
  }

  /// One task: joins the partial results of each row. After the last reduction it also stores the
  /// results that have one element per row.
  void plan_totals(const RowLoop& loop, bool is_last) {
    const int64_t size = chunk_of(loop);
    Block phase;
    PointEmitter emitter = start_phase(phase);
    const int width = vector_width(loop, loop.lanes);
    auto list = accumulators(loop, width, phase);
    std::vector<ArrayId> totals;
    for (const size_t number : loop.reductions) {
      const Reduction& reduction = graph_.reductions[number];
      const DType dtype = ir::finds_position(reduction.op) ? DType::i64 : reduction.dtype;
      totals.push_back(nest_.workspace(dtype, 1, 0, graph_.kept, 1));
    }
    each_row(emitter, phase, [&](Block& into) {
      const VariableId number = nest_.variable("t");
      For chunks = loop_over(LoopKind::serial, number, {}, bound(blocks_of(elements(), size)));
      each_part(loop, width, chunks.body, [&](int64_t part, VariableId lane, Block& body) {
        for (size_t a = 0; a < list.size(); ++a) {
          list[a].load(constant(part), partial_[a],
                       partial_index(emitter, loop, number) + variable(lane) + part * width, body);
        }
      });
      for (const LaneAccumulator& a : list) a.push(variable(number), chunks.body);
      into.push_back(std::move(chunks));
      for (size_t a = 0; a < list.size(); ++a) {
        list[a].fold(blocks_of(elements(), size), into);
        const ValueId total = list[a].total(into);
        into.push_back(Store{totals[a], row_number(emitter), total});
        set_total(emitter, loop.reductions[a], total);
      }
      emitter.emit(row_points_, into);
      if (is_last) store_row_results(emitter, loops_.row_results, into);
    });
    // One partial result stands for a whole chunk.
    nest_.add_phase(std::move(phase), -1, 1, loop_nanoseconds(loop) / static_cast<double>(size));
    for (size_t a = 0; a < totals.size(); ++a) totals_[loop.reductions[a]] = totals[a];
  }

  RowLoops loops_;
  std::vector<std::vector<ArrayId>> partial_;  // by reduction of the current loop
  std::vector<ArrayId> totals_;  // by reduction: one element per row; -1: not known yet
};

}  // namespace

Plan plan_row_chunks(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  return RowChunks(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
