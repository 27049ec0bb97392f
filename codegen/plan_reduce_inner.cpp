// SPDX-License-Identifier: Apache-2.0
// Inner reductions: lane = index mod L, blocks of 16 L elements, blocks pairwise, lanes by halving.
// Rows in parallel, or chunks of one long row in parallel and their results in a second phase:
// chunks are whole subtrees, so the bits agree.
#include "onepass/codegen/reduction_planner.h"

namespace onepass::codegen {
namespace {

/// Blocks of a chunk when one row is cut; a power of two, so that a chunk is a subtree.
constexpr int64_t blocks_per_chunk = 16;
/// At most this many rows are cut into chunks; more are walked in parallel.
constexpr int64_t cut_rows = 8;
/// Rows of fewer chunks are not worth two phases.
constexpr int64_t least_chunks = 4;

class InnerPlanner final : public ReductionPlanner {
 public:
  InnerPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts, ReductionSpace space)
      : ReductionPlanner(context, std::move(graph), std::move(facts), space),
        lanes_(static_cast<int>(ir::inner_lanes(reduction().op, reduction().dtype))),
        block_(run_length * lanes_),
        chunk_(blocks_per_chunk * block_),
        tree_(nest_, reduction(), lanes_) {}

 private:
  const char* way() const override { return "row by row"; }

  void plan_phases() override {
    if (cuts_reduction(cut_rows, least_chunks * chunk_)) {
      plan_chunks();
    } else {
      plan_rows();
    }
  }

  void plan_rows() {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    tree_.emit_identity(phase);
    ResultOf result_of(nest_, reduction(), count(), phase);
    const auto row = [&](Block& into) {
      reduce_blocks(emitter, constant(0), bound(count()), into);
      tree_.fold(blocks_of(count(), block_), into);
      const ValueId result = tree_.fold_lanes(into);
      finish(emitter, result_of(result, into), into);
    };
    if (kept_groups() == 0) {
      row(phase);
      return nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds);
    }
    const VariableId index = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(emitter.extent(0)));
    open_kept(emitter, 0, variable(index), parallel.body);
    kept_loops(emitter, 1, kept_groups(), parallel.body, row);
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), nest_.extent(kept_[0].first, kept_[0].count), 1,
                    cost_.nanoseconds);
  }

  /// Reduces elements [begin, end) into the stack, block by block.
  void reduce_blocks(PointEmitter& emitter, const Affine& begin, const Bound& end, Block& into) {
    const VariableId block = nest_.variable("b");
    For blocks = loop_over(LoopKind::serial, block, begin, end, block_);
    tree_.clear(blocks.body);
    const VariableId lane = nest_.variable("j");
    Bound block_end = end;
    block_end.smallest_of.push_back(variable(block) + block_);
    For vector = loop_over(LoopKind::vector, lane, variable(block), block_end, lanes_);
    const PointEmitter::Scope outside = emitter.scope();
    at_reduced(emitter, variable(lane), vector.body, [&](Block& body) {
      tree_.accumulate(roots(emitter, variable(lane), body), true, body);
    });
    emitter.restore(outside);
    blocks.body.push_back(std::move(vector));
    tree_.push((variable(block) + -1 * begin) / block_, blocks.body);
    into.push_back(std::move(blocks));
  }

  /// Place of a partial result: lane 0 of chunk number `chunk` of the open row.
  Affine partial_index(const PointEmitter& emitter, VariableId chunk) {
    return variable(chunk, cut_rows * lanes_) + lanes_ * kept_position(emitter);
  }

  void plan_chunks() {
    const std::vector<ArrayId> results = partials(tree_, cut_rows * lanes_, chunk_);
    plan_partial_results(results);
    plan_total(results);
  }

  void plan_partial_results(const std::vector<ArrayId>& partials) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    tree_.emit_identity(phase);
    const VariableId chunk = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, chunk, {}, bound(reduced_extent()), chunk_);
    kept_loops(emitter, 0, kept_groups(), parallel.body, [&](Block& into) {
      const Bound end = bound(variable(chunk) + chunk_, reduced_extent());
      reduce_blocks(emitter, variable(chunk), end, into);
      const VariableId whole = nest_.variable("c");
      For fold = loop_over(LoopKind::serial, whole, variable(chunk), end, chunk_);
      tree_.fold(constant(blocks_per_chunk), fold.body);
      tree_.fold(blocks_of(reduced_extent() + variable(whole, -1), block_), fold.rest);
      into.push_back(std::move(fold));
      store_chunk(emitter, partials, chunk, into);
    });
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), reduced_parameter(), chunk_, cost_.nanoseconds);
  }

  void store_chunk(const PointEmitter& emitter, const std::vector<ArrayId>& partials,
                   VariableId chunk, Block& into) {
    const VariableId number = nest_.variable("t");
    For one = loop_over(LoopKind::serial, number, variable(chunk) / chunk_,
                        bound((variable(chunk) + chunk_) / chunk_));
    const VariableId lane = nest_.variable("j");
    For vector = all_lanes(lane);
    const Affine place = partial_index(emitter, number) + variable(lane);
    store_partials(tree_, partials, place, vector.body);
    one.body.push_back(std::move(vector));
    into.push_back(std::move(one));
  }

  For all_lanes(VariableId lane) const {
    For vector = loop_over(LoopKind::vector, lane, {}, bound(constant(lanes_)), lanes_);
    vector.single = vector.exact = true;
    return vector;
  }

  void plan_total(const std::vector<ArrayId>& partials) {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    kept_loops(emitter, 0, kept_groups(), phase, [&](Block& into) {
      const VariableId number = nest_.variable("t");
      For chunks =
          loop_over(LoopKind::serial, number, {}, bound(blocks_of(reduced_extent(), chunk_)));
      const VariableId lane = nest_.variable("j");
      For vector = all_lanes(lane);
      const Affine place = partial_index(emitter, number) + variable(lane);
      load_partials(tree_, partials, place, vector.body);
      chunks.body.push_back(std::move(vector));
      tree_.push(variable(number), chunks.body);
      into.push_back(std::move(chunks));
      tree_.fold(blocks_of(reduced_extent(), chunk_), into);
      const ValueId result = tree_.fold_lanes(into);
      finish(emitter, finished_result(result, into), into);
    });
    // One partial result stands for a whole chunk.
    nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds / static_cast<double>(chunk_));
  }

  ValueId finished_result(ValueId result, Block& into) {
    ResultOf result_of(nest_, reduction(), count(), into);
    return result_of(result, into);
  }

  const int lanes_;
  const int64_t block_, chunk_;
  ReductionTree tree_;
};

}  // namespace

Plan plan_inner_reduction(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  const auto rank = static_cast<int>(graph.dimensions.size());
  const ReductionSpace space{0, graph.kept, graph.kept, rank - graph.kept};
  return InnerPlanner(context, std::move(graph), std::move(facts), space).run();
}

}  // namespace onepass::codegen
