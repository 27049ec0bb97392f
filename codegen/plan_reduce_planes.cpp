// SPDX-License-Identifier: Apache-2.0
// Full reductions in logical order of memory that lies along the outermost dimension. Where its
// planes are whole blocks of the order, vectors hold the same lane of the same block of several
// planes: memory is walked as it lies, and only the sums of blocks are turned over.
#include <algorithm>

#include "onepass/codegen/lane_accumulator.h"
#include "onepass/codegen/reduction_planner.h"
#include "onepass/codegen/row_planner.h"

namespace onepass::codegen {
namespace {

/// Planes whose lines are walked before those of the next lane, and between lanes in scratch.
constexpr int64_t strip_planes = 256, skew = 16;

class PlanesReduction final : public ReductionPlanner {
 public:
  PlanesReduction(const PlanContext& context, PointGraph graph, SizeFacts facts,
                  ReductionSpace space)
      : ReductionPlanner(context, std::move(graph), std::move(facts), space),
        lanes_(static_cast<int>(ir::inner_lanes(reduction().op, reduction().dtype))),
        block_(run_length * lanes_),
        width_(tile_width()),
        tree_(nest_, reduction(), lanes_),
        planes_(nest_, reduction(), width_, width_, false),
        sums_(nest_.scratch("sums", reduction().dtype, lanes_ * pitch)),
        turned_(nest_.scratch("turned", reduction().dtype, width_ * (lanes_ + skew))),
        blocks_(nest_.workspace(reduction().dtype, lanes_, 0, space.reduced_count, block_)) {}

 private:
  static constexpr int64_t pitch = strip_planes + skew;

  const char* way() const override { return "planes side by side"; }

  int tile_width() const {
    constexpr int vectors = 4;
    const int bytes = std::max(byte_size(reduction().dtype), cost_.widest_bytes);
    return vectors * context_.target.lanes(bytes);
  }

  Affine planes() { return parameter(nest_.extent(reduced_[0].first, reduced_[0].count)); }

  void plan_phases() override {
    plan_blocks();
    plan_total();
  }

  /// The place of lane 0 of a block's sums.
  Affine block_place(VariableId block, VariableId plane) {
    const int planes = nest_.extent(reduced_[0].first, reduced_[0].count);
    return times_parameter(variable(block, lanes_), planes) + variable(plane, lanes_);
  }

  /// A loop over the planes of a tile. `exact`: all of them are there.
  For plane_loop(const Affine& first, bool exact,
                 const std::function<void(VariableId, Block&)>& body) {
    const VariableId plane = nest_.variable("j");
    Bound end = bound(first + width_);
    if (!exact) end.smallest_of.push_back(planes());
    For vector = loop_over(LoopKind::vector, plane, first, std::move(end), width_);
    vector.single = true;
    vector.exact = exact;
    body(plane, vector.body);
    return vector;
  }

  /// The blocks that begin at one place of every plane.
  void plan_blocks() {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    planes_.emit_identity(phase);
    const VariableId place = nest_.variable("i"), number = nest_.variable("b");
    const int extent = nest_.extent(reduced_[1].first, reduced_[1].count);
    For parallel = loop_over(LoopKind::parallel, place, {}, bound(parameter(extent)), block_);
    For block = loop_over(LoopKind::fixed, number, {}, bound(variable(place) / block_));
    const VariableId strip = nest_.variable("s");
    For strips = loop_over(LoopKind::serial, strip, {}, bound(planes()), strip_planes);
    sum_lanes(emitter, place, strip, strips.body);
    store_blocks(number, strip, strips.body);
    block.body.push_back(std::move(strips));
    parallel.body.push_back(std::move(block));
    phase.push_back(std::move(parallel));
    // An element of the loop stands for one of each plane.
    constexpr double usual_planes = 64;
    nest_.add_phase(std::move(phase), extent, block_, cost_.nanoseconds * usual_planes);
  }

  /// sums[lane][plane] of a strip of planes.
  void sum_lanes(PointEmitter& emitter, VariableId place, VariableId strip, Block& into) {
    const VariableId lane = nest_.variable("l"), first = nest_.variable("p");
    For lanes = loop_over(LoopKind::serial, lane, {}, bound(constant(lanes_)));
    For tiles = loop_over(LoopKind::serial, first, variable(strip),
                          bound(variable(strip) + strip_planes, planes()), width_);
    const auto tile = [&](bool exact, Block& body) {
      planes_.clear(body);
      const VariableId step = nest_.variable("q");
      For steps = loop_over(LoopKind::unrolled, step, {}, bound(constant(run_length)));
      const Affine element = variable(place) + variable(lane) + variable(step, lanes_);
      steps.body.push_back(plane_loop(variable(first), exact, [&](VariableId plane, Block& inner) {
        const PointEmitter::Scope outside = emitter.scope();
        emitter.open(0, variable(plane));
        emitter.open(1, element);
        planes_.accumulate({}, roots(emitter, {}, inner)[0], {}, inner);
        emitter.restore(outside);
      }));
      body.push_back(std::move(steps));
      body.push_back(plane_loop(variable(first), exact, [&](VariableId plane, Block& inner) {
        planes_.store({}, {sums_}, variable(lane, pitch) + variable(plane) + variable(strip, -1),
                      inner);
      }));
    };
    tile(true, tiles.body);
    tile(false, tiles.rest);
    lanes.body.push_back(std::move(tiles));
    into.push_back(std::move(lanes));
  }

  void store_blocks(VariableId block, VariableId strip, Block& into) {
    const VariableId first = nest_.variable("p"), plane = nest_.variable("r");
    For tiles = loop_over(LoopKind::serial, first, variable(strip),
                          bound(variable(strip) + strip_planes, planes()), width_);
    const Affine begin = variable(first) + variable(strip, -1);
    tiles.body.push_back(Transpose{turned_, sums_, begin, constant(pitch),
                                   bound(constant(width_), planes() + variable(first, -1)),
                                   bound(constant(lanes_)), lanes_ + skew});
    For rows = loop_over(LoopKind::serial, plane, variable(first),
                         bound(variable(first) + width_, planes()));
    rows.body.push_back(lane_loop([&](VariableId lane, Block& body) {
      const ValueId value = nest_.value();
      const Affine row = (lanes_ + skew) * (variable(plane) + variable(first, -1));
      body.push_back(Load{value, turned_, row + variable(lane)});
      body.push_back(Store{blocks_, block_place(block, plane) + variable(lane), value});
    }));
    tiles.body.push_back(std::move(rows));
    into.push_back(std::move(tiles));
  }

  For lane_loop(const std::function<void(VariableId, Block&)>& body) {
    const VariableId lane = nest_.variable("j");
    For vector = loop_over(LoopKind::vector, lane, {}, bound(constant(lanes_)), lanes_);
    vector.single = vector.exact = true;
    body(lane, vector.body);
    return vector;
  }

  /// One task: the tree of all blocks, plane after plane.
  void plan_total() {
    Block phase;
    PointEmitter emitter = start_phase(phase);
    ResultOf result_of(nest_, reduction(), count(), phase);
    const int extent = nest_.extent(reduced_[1].first, reduced_[1].count);
    const VariableId plane = nest_.variable("k"), block = nest_.variable("b");
    For planes = loop_over(LoopKind::serial, plane, {}, bound(this->planes()));
    For blocks = loop_over(LoopKind::serial, block, {}, bound(parameter(extent) / block_));
    blocks.body.push_back(lane_loop([&](VariableId lane, Block& body) {
      load_partials(tree_, {blocks_}, block_place(block, plane) + variable(lane), body);
    }));
    tree_.push((times_parameter(variable(plane), extent) + variable(block, block_)) / block_,
               blocks.body);
    planes.body.push_back(std::move(blocks));
    phase.push_back(std::move(planes));
    tree_.fold(count() / block_, phase);
    const ValueId folded = tree_.fold_lanes(phase);
    finish(emitter, result_of(folded, phase), phase);
    nest_.add_phase(std::move(phase), -1, 1, cost_.nanoseconds / static_cast<double>(block_));
  }

  const int lanes_;
  const int64_t block_;
  const int width_;  // planes of a tile
  ReductionTree tree_;
  LaneAccumulator planes_;
  ArrayId sums_, turned_;
  ArrayId blocks_;  // the sums of all blocks
};

ReductionSpace whole(const PointGraph& graph) {
  return {0, 0, 0, static_cast<int>(graph.dimensions.size())};
}

}  // namespace

bool can_plan_planes(const PlanContext& context, const PointGraph& graph, SizeFacts& facts) {
  if (graph.kept > 0 || graph.reductions.size() != 1) return false;
  const Reduction& reduction = graph.reductions[0];
  if (reduction.product || ir::finds_position(reduction.op)) return false;
  for (const PointId result : graph.results) {
    if (graph.points[static_cast<size_t>(result)].depends != 0) return false;
  }
  const std::vector<LoopGroup> groups = collapse(graph, 0, whole(graph).reduced_count);
  if (groups.size() != 2) return false;
  bool lies_along = false;
  for (const Point& point : graph.points) {
    if (point.kind == Point::Kind::position) return false;
    if (point.kind != Point::Kind::load || !graph.moves(point.index, groups[0].last())) continue;
    if (graph.known_stride(point.index, groups[0].last()) != 1) return false;
    lies_along = true;
  }
  if (!lies_along) return false;
  // Planes of whole blocks: no range of sizes says so, so each size of a plane is a class.
  int64_t plane = 1;
  for (int d = groups[1].first; d <= groups[1].last(); ++d) {
    plane *= context.graph.captured_extent(graph.dimensions[static_cast<size_t>(d)]);
  }
  const int64_t block = run_length * ir::inner_lanes(reduction.op, reduction.dtype);
  constexpr int64_t few_planes = 16, few_blocks = 8;  // vectors, and tasks
  if (plane % block != 0 || plane / block < few_blocks) return false;
  if (facts.is_shorter(graph, groups[0], few_planes)) return false;
  for (int d = groups[1].first; d <= groups[1].last(); ++d) {
    const ir::Dimension symbol = graph.dimensions[static_cast<size_t>(d)];
    if (symbol == ir::one) continue;
    const int64_t extent = context.graph.captured_extent(symbol);
    facts.require(symbol, extent, extent);
  }
  return true;
}

Plan plan_planes(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  const ReductionSpace space = whole(graph);
  return PlanesReduction(context, std::move(graph), std::move(facts), space).run();
}

}  // namespace onepass::codegen
