// SPDX-License-Identifier: Apache-2.0
// Element-wise kernels: as few loops as the layouts allow, a parallel one outermost, a vector one
// innermost, one pass.
#include <algorithm>

#include "onepass/codegen/aliasing.h"
#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/map_planner.h"
#include "onepass/codegen/point_emitter.h"
#include "onepass/codegen/streaming.h"
#include "onepass/codegen/strips.h"
#include "onepass/codegen/transposed_loads.h"

namespace onepass::codegen {
namespace {

/// Elements that one chunk of a parallel vector loop covers: a multiple of every vector width.
constexpr int64_t chunk_elements = 4096;
constexpr int64_t cache_line = 64;

class MapPlanner {
 public:
  MapPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : context_(context),
        graph_(ordered(std::move(graph))),
        facts_(std::move(facts)),
        groups_(choose_groups()),
        points_(reachable(graph_, graph_.results)),
        cost_(body_cost(graph_, points_, context.target)),
        nest_(context, graph_),
        emitter_(nest_, graph_, groups_) {}

  Plan run() {
    std::vector<Statement> entry;
    emitter_.emit(points_, entry);
    stream_results();
    if (groups_.empty()) {
      emitter_.store_results(entry);
      nest_.add_phase(std::move(entry), -1, 1, cost_.nanoseconds);
    } else if (!transposed_.operands.empty()) {
      plan_blocks(std::move(entry));
    } else if (groups_.size() > 1 && !parallel_inner_) {
      plan_rows(std::move(entry));
    } else {
      plan_chunks(std::move(entry));
    }
    Plan plan;
    plan.nest = nest_.finish();
    plan.validity = facts_.take();
    plan.valid_products = facts_.take_products();
    plan.may_alias = in_place_operands(graph_, context_.fused.body->inputs.size(), inner_strips());
    return plan;
  }

 private:
  static PointGraph ordered(PointGraph graph) {
    graph.reorder(map_order(graph));
    return graph;
  }

  /// Groups in loop order. A short innermost group changes places with the longest-stepping one
  /// that is not short.
  std::vector<LoopGroup> choose_groups() {
    std::vector<LoopGroup> groups = collapse(graph_, 0, static_cast<int>(graph_.dimensions.size()));
    if (groups.size() < 2) return groups;
    if (facts_.is_shorter(graph_, groups.back())) {
      for (size_t g = groups.size() - 1; g-- > 0;) {
        if (facts_.is_shorter(graph_, groups[g])) continue;
        std::swap(groups[g], groups.back());
        break;
      }
    }
    turn_over(groups);
    parallel_inner_ = facts_.is_shorter(graph_, groups[0]);
    return groups;
  }

  /// If loads lie across and both loops are long: their loop right around the vector loop.
  void turn_over(std::vector<LoopGroup>& groups) {
    TransposedLoads loads = transposed_loads(graph_, groups);
    if (loads.operands.empty() || facts_.is_shorter(graph_, groups.back()) ||
        facts_.is_shorter(graph_, groups[loads.group])) {
      return;
    }
    const auto place = groups.begin() + static_cast<std::ptrdiff_t>(loads.group);
    std::rotate(place, place + 1, groups.end() - 1);
    transposed_ = std::move(loads);
    side_ = transposed_block(graph_, transposed_);
  }

  /// From how many bytes of all arrays on stores past the caches are faster. For 2, 3 and 4 arrays
  /// that is where they stop fitting the last level together. Blocks store short runs, for which
  /// lines are fetched in vain: there it is where arrays leave the second level.
  int64_t streaming_limit() const {
    return transposed_.operands.empty() ? context_.target.last_level_bytes()
                                        : context_.target.second_level_bytes();
  }

  void stream_results() {
    if (groups_.empty()) return;
    const int dimension = groups_.back().last();
    for (const int operand : streamed_results(graph_, facts_, dimension, streaming_limit())) {
      nest_.stream(operand);
    }
  }

  /// The points of the vector loop: those that are not there yet.
  std::vector<PointId> inner_points() const {
    std::vector<PointId> inner;
    for (const PointId id : points_) {
      if (!emitter_.has(id)) inner.push_back(id);
    }
    return inner;
  }

  /// The strips of the vector loop, as far as aliasing is concerned.
  std::vector<Strip> inner_strips() const {
    std::vector<PointId> inner;
    for (const PointId id : points_) {
      if (graph_.points[static_cast<size_t>(id)].depends != 0) inner.push_back(id);
    }
    return cut_strips(graph_, inner);
  }

  /// One loop, or short outer loops: chunks of the innermost group in parallel, the others serial
  /// inside.
  void plan_chunks(std::vector<Statement> phase) {
    const size_t inner = groups_.size() - 1;
    const VariableId chunk = nest_.variable("i");
    For parallel{.kind = LoopKind::parallel, .variable = chunk, .step = chunk_elements};
    parallel.end = bound(emitter_.extent(inner));
    nest_serial(0, inner, parallel.body, [&](std::vector<Statement>& innermost) {
      emit_inner(variable(chunk), bound(variable(chunk) + chunk_elements, emitter_.extent(inner)),
                 innermost);
    });
    const int extent = nest_.extent(groups_[inner].first, groups_[inner].count);
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), extent, chunk_elements, cost_.nanoseconds);
  }

  /// Rows of the outermost group in parallel, the vector loop over the whole innermost group.
  void plan_rows(std::vector<Statement> phase) {
    const size_t inner = groups_.size() - 1;
    const VariableId row = nest_.variable("i");
    For parallel{.kind = LoopKind::parallel, .variable = row};
    parallel.end = bound(emitter_.extent(0));
    emitter_.open(0, variable(row));
    emitter_.emit(points_, parallel.body);
    nest_serial(1, inner, parallel.body, [&](std::vector<Statement>& innermost) {
      emit_inner(constant(0), bound(emitter_.extent(inner)), innermost);
    });
    const int extent = nest_.extent(groups_[0].first, groups_[0].count);
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), extent, 1, cost_.nanoseconds);
  }

  /// Blocks of the vector loop and of the loop around it, in which some loads are contiguous.
  /// Parallel over the outermost loop, or over the rows of blocks if that one is short.
  void plan_blocks(std::vector<Statement> phase) {
    const size_t across = groups_.size() - 2;
    const size_t outer = parallel_inner_ ? across : 0;
    const VariableId index = nest_.variable("i");
    For parallel{.kind = LoopKind::parallel, .variable = index};
    parallel.end = bound(emitter_.extent(outer));
    if (outer == across) {
      parallel.step = side_;
      nest_serial(0, across, parallel.body,
                  [&](std::vector<Statement>& body) { emit_blocks(variable(index), body); });
    } else {
      emitter_.open(0, variable(index));
      emitter_.emit(points_, parallel.body);
      nest_serial(1, across, parallel.body, [&](std::vector<Statement>& body) {
        const VariableId first = nest_.variable("a");
        For loop{.kind = LoopKind::serial, .variable = first, .step = side_};
        loop.end = bound(emitter_.extent(across));
        emit_blocks(variable(first), loop.body);
        body.push_back(std::move(loop));
      });
    }
    const int64_t chunk = parallel.step;
    const int extent = nest_.extent(groups_[outer].first, groups_[outer].count);
    phase.push_back(std::move(parallel));
    nest_.add_phase(std::move(phase), extent, chunk, cost_.nanoseconds);
  }

  /// All blocks whose rows start at `first`: what lies across into scratch, then row by row.
  void emit_blocks(const Affine& first, std::vector<Statement>& into) {
    const size_t across = groups_.size() - 2, inner = groups_.size() - 1;
    const VariableId block = nest_.variable("b");
    For blocks{.kind = LoopKind::serial, .variable = block, .step = side_};
    blocks.end = bound(emitter_.extent(inner));
    emit_transposes(first, block, blocks.body);
    const VariableId row = nest_.variable("r");
    For rows{.kind = LoopKind::serial, .variable = row, .begin = first};
    rows.end = bound(first + side_, emitter_.extent(across));
    turned_place_ = side_ * (variable(row) + -1 * first) + variable(block, -1);
    emitter_.open(across, variable(row));
    emitter_.emit(points_, rows.body);
    emit_prefetches(first, block, row, rows.body);
    emit_inner(variable(block), bound(variable(block) + side_, emitter_.extent(inner)), rows.body);
    blocks.body.push_back(std::move(rows));
    into.push_back(std::move(blocks));
  }

  void emit_transposes(const Affine& first, VariableId block, std::vector<Statement>& into) {
    const size_t across = groups_.size() - 2, inner = groups_.size() - 1;
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(across, first);
    emitter_.open(inner, variable(block));
    const Bound rows = bound(constant(side_), emitter_.extent(across) + -1 * first);
    const Bound columns = bound(constant(side_), emitter_.extent(inner) + variable(block, -1));
    turned_.assign(graph_.operands.size(), -1);
    for (const int operand : transposed_.operands) {
      const DType dtype = graph_.operands[static_cast<size_t>(operand)].dtype;
      const ArrayId turned = nest_.scratch("turned", dtype, side_ * side_);
      turned_[static_cast<size_t>(operand)] = turned;
      const Affine stride = parameter(nest_.stride(operand, groups_[inner].last()));
      into.push_back(
          Transpose{turned, operand, emitter_.element(operand), stride, rows, columns, side_});
    }
    emitter_.restore(outside);
  }

  /// In each row: asks for a row of the next block, of operands that lie along the vector loop and
  /// of those that lie across. Their runs are too short for the processor to see them coming.
  void emit_prefetches(const Affine& first, VariableId block, VariableId row,
                       std::vector<Statement>& into) {
    const size_t across = groups_.size() - 2, inner = groups_.size() - 1;
    const Affine next = variable(block) + side_;
    const PointEmitter::Scope outside = emitter_.scope();
    for (int operand = 0; operand < graph_.first_result_operand; ++operand) {
      const bool lies_across = turned_[static_cast<size_t>(operand)] >= 0;
      if (!lies_across && (graph_.known_stride(operand, groups_[inner].last()) != 1 ||
                           !graph_.moves(operand, groups_[across].last()))) {
        continue;
      }
      emitter_.open(across, lies_across ? first : variable(row));
      emitter_.open(inner, lies_across ? next + variable(row) + -1 * first : next);
      const VariableId place = nest_.variable("p");
      const DType dtype = graph_.operands[static_cast<size_t>(operand)].dtype;
      For lines{.kind = LoopKind::unrolled, .variable = place, .end = bound(constant(side_))};
      lines.step = cache_line / byte_size(dtype);
      lines.body.push_back(Prefetch{operand, emitter_.element(operand) + variable(place)});
      into.push_back(std::move(lines));
    }
    emitter_.restore(outside);
  }

  /// Loads of what was turned over, in a vector loop over `lane`.
  void load_turned(const Strip& strip, VariableId lane, std::vector<Statement>& into) {
    if (turned_.empty()) return;
    for (const PointId id : strip.points) {
      const Point& point = graph_.points[static_cast<size_t>(id)];
      if (point.kind != Point::Kind::load) continue;
      const ArrayId turned = turned_[static_cast<size_t>(point.index)];
      if (turned < 0) continue;
      const ValueId value = nest_.value();
      into.push_back(Load{value, turned, turned_place_ + variable(lane)});
      emitter_.set_value(id, value);
    }
  }

  /// Serial loops over groups [group, end), then `innermost`.
  template <class Inner>
  void nest_serial(size_t group, size_t end, std::vector<Statement>& into, const Inner& innermost) {
    if (group == end) return innermost(into);
    const VariableId index = nest_.variable("k");
    For loop{.kind = LoopKind::serial, .variable = index};
    loop.end = bound(emitter_.extent(group));
    emitter_.open(group, variable(index));
    emitter_.emit(points_, loop.body);
    nest_serial(group + 1, end, loop.body, innermost);
    into.push_back(std::move(loop));
  }

  /// The innermost group over [begin, end): one vector loop, or blocks with one vector loop per
  /// strip.
  void emit_inner(const Affine& begin, const Bound& end, std::vector<Statement>& into) {
    const std::vector<Strip> strips = cut_strips(graph_, inner_points());
    if (strips.size() == 1) {
      into.push_back(strip_loop(strips[0], begin, end, {}));
      return;
    }
    const VariableId block = nest_.variable("b");
    For blocks{.kind = LoopKind::serial,
               .variable = block,
               .begin = begin,
               .end = end,
               .step = strip_block};
    Bound block_end = end;
    block_end.smallest_of.push_back(variable(block) + strip_block);
    ScratchSlots slots;
    assign_slots(strips, slots);
    slots.base = block;
    for (const Strip& strip : strips) {
      blocks.body.push_back(strip_loop(strip, variable(block), block_end, slots));
    }
    into.push_back(std::move(blocks));
  }

  /// Of the body in an innermost loop. Short loops would never run them, and what is cheap waits
  /// for memory: it is not worth a class of sizes.
  int copies() {
    constexpr int64_t many_vectors = 256;  // in elements
    const bool is_cheap = cost_.units <= chain_body || !transposed_.operands.empty();
    const bool is_short =
        groups_.size() > 1 && (is_cheap || facts_.is_shorter(graph_, groups_.back(), many_vectors));
    return is_short ? 1 : vector_unroll(cost_, context_.target);
  }

  /// Where values live between strips.
  struct ScratchSlots {
    std::vector<ArrayId> array;  // by point; -1: none
    VariableId base = -1;        // first element of the block
  };

  /// One scratch array per value that is alive; an array is free again after the last strip that
  /// reads it.
  void assign_slots(const std::vector<Strip>& strips, ScratchSlots& slots) {
    slots.array.assign(graph_.points.size(), -1);
    std::vector<size_t> last_use(graph_.points.size(), 0);
    for (size_t s = 0; s < strips.size(); ++s) {
      for (const PointId id : strips[s].reloads) last_use[static_cast<size_t>(id)] = s;
    }
    std::vector<std::vector<ArrayId>> free(dtype_count);
    for (size_t s = 0; s < strips.size(); ++s) {
      for (const PointId id : strips[s].spills) {
        const DType dtype = graph_.points[static_cast<size_t>(id)].dtype;
        auto& list = free[static_cast<size_t>(dtype)];
        if (list.empty()) list.push_back(nest_.scratch("live", dtype, strip_block));
        slots.array[static_cast<size_t>(id)] = list.back();
        list.pop_back();
      }
      for (const PointId id : strips[s].reloads) {
        if (last_use[static_cast<size_t>(id)] != s) continue;
        const DType dtype = graph_.points[static_cast<size_t>(id)].dtype;
        free[static_cast<size_t>(dtype)].push_back(slots.array[static_cast<size_t>(id)]);
      }
    }
  }

  For strip_loop(const Strip& strip, const Affine& begin, const Bound& end,
                 const ScratchSlots& slots) {
    const VariableId lane = nest_.variable("j");
    For loop{.kind = LoopKind::vector, .variable = lane, .begin = begin, .end = end};
    loop.step = context_.target.lanes(cost_.widest_bytes);
    loop.unroll = copies();
    const PointEmitter::Scope outside = emitter_.scope();
    emitter_.open(groups_.size() - 1, variable(lane));
    const Affine place = slots.base < 0 ? constant(0) : variable(lane) + variable(slots.base, -1);
    for (const PointId id : strip.reloads) {
      const ValueId value = nest_.value();
      loop.body.push_back(Load{value, slots.array[static_cast<size_t>(id)], place});
      emitter_.set_value(id, value);
    }
    load_turned(strip, lane, loop.body);
    emitter_.emit(strip.points, loop.body);
    for (const PointId id : strip.spills) {
      loop.body.push_back(Store{slots.array[static_cast<size_t>(id)], place, emitter_.value(id)});
    }
    for (const size_t result : strip.stores) {
      const int operand = graph_.first_result_operand + static_cast<int>(result);
      loop.body.push_back(
          Store{operand, emitter_.element(operand), emitter_.value(graph_.results[result])});
    }
    emitter_.restore(outside);
    return loop;
  }

  const PlanContext& context_;
  PointGraph graph_;
  SizeFacts facts_;
  bool parallel_inner_ = false;
  TransposedLoads transposed_;
  int64_t side_ = 0;  // of the blocks in which they are turned over
  std::vector<LoopGroup> groups_;
  std::vector<PointId> points_;
  BodyCost cost_;
  NestBuilder nest_;
  PointEmitter emitter_;
  std::vector<ArrayId> turned_;  // by operand: the scratch it is turned over into; -1: it is not
  Affine turned_place_;          // of the first element of the current row in that scratch
};

}  // namespace

Plan plan_map(const PlanContext& context) {
  return plan_map(context, build_point_graph(context), SizeFacts(context));
}

Plan plan_map(const PlanContext& context, PointGraph graph, SizeFacts facts) {
  return MapPlanner(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
