// SPDX-License-Identifier: Apache-2.0
// Memory in logical order for what no single stride walks along a row.
#include <algorithm>

#include "onepass/codegen/row_planner.h"
#include "onepass/codegen/transposed_loads.h"

namespace onepass::codegen {
namespace {

constexpr int vectors_at_once = 4;
/// Elements behind a block that is gathered: the last store of a run may be a vector too long.
constexpr int64_t most_in_vector = 64;

}  // namespace

/// Operands that no single stride walks along a row, and indices along one of its dimensions.
void RowPlanner::find_packed() {
  packed_.assign(graph_.points.size(), -1);
  gathered_.assign(graph_.points.size(), -1);
  packed_results_.assign(graph_.results.size(), -1);
  if (element_count() < 2) return;
  const auto rank = static_cast<int>(graph_.dimensions.size());
  const auto workspace = [&](DType dtype) { return nest_.workspace(dtype, 1, 0, rank, 1); };
  std::vector<PointId> broken;
  for (size_t i = 0; i < graph_.points.size(); ++i) {
    const Point& point = graph_.points[i];
    const bool is_broken_load =
        point.kind == Point::Kind::load && !walks_as_one(graph_, point.index, element_dimensions());
    const bool is_index = point.kind == Point::Kind::position && point.index >= graph_.kept;
    if (is_broken_load || is_index) broken.push_back(static_cast<PointId>(i));
  }
  int64_t longest = longest_gathered_block(broken);
  gathers_by_block_ = longest > 0;
  if (longest == 0 && gathers()) longest = longest_gathered(broken);
  for (const PointId id : broken) {
    const auto i = static_cast<size_t>(id);
    const DType dtype = graph_.points[i].dtype;
    (longest > 0 ? gathered_ : packed_)[i] =
        longest > 0
            ? nest_.scratch("gathered", dtype, longest + (gathers_by_block_ ? most_in_vector : 0))
            : workspace(dtype);
    has_packed_ = longest == 0;
  }
  for (size_t i = 0; i < graph_.results.size(); ++i) {
    const int operand = graph_.first_result_operand + static_cast<int>(i);
    if (walks_as_one(graph_, operand, element_dimensions())) continue;
    packed_results_[i] = workspace(graph_.operands[static_cast<size_t>(operand)].dtype);
    has_packed_results_ = true;
  }
}

/// Whether a load among `points` has its lines along rows of other elements.
bool RowPlanner::lies_across(const std::vector<PointId>& points) const {
  const std::vector<int> across = transposed_loads(graph_, element_groups()).operands;
  return std::any_of(points.begin(), points.end(), [&](PointId id) {
    const Point& point = graph_.points[static_cast<size_t>(id)];
    return point.kind == Point::Kind::load &&
           std::count(across.begin(), across.end(), point.index) > 0;
  });
}

/// Elements of a block, if what is broken is gathered block by block; 0: it is not.
int64_t RowPlanner::longest_gathered_block(const std::vector<PointId>& broken) {
  if (broken.empty() || !gathers_blocks() || lies_across(broken)) return 0;
  const RowLoops loops = cut_row_loops(graph_, false, {});
  if (rows_in_turn() && loops.loops.size() > 1) return 0;
  int64_t longest = 0;
  for (const RowLoop& loop : loops.loops) {
    if (loop.reductions.empty() || !loop.results.empty()) return 0;
    longest = std::max(longest, loop.lanes * run_length);
  }
  return has_at_most(longest) ? 0 : longest;
}

/// How long rows are at most, if what is broken of one fits a cache and lies along rows; 0: no.
int64_t RowPlanner::longest_gathered(const std::vector<PointId>& broken) {
  if (broken.empty() || lies_across(broken)) return 0;
  int64_t bytes = 0;
  for (const PointId id : broken) bytes += byte_size(graph_.points[static_cast<size_t>(id)].dtype);
  constexpr int64_t lengths[] = {int64_t{1} << 10, int64_t{1} << 14, int64_t{1} << 17};
  for (const int64_t length : lengths) {
    if (length * bytes > context_.target.second_level_bytes() / 2) return 0;
    if (has_at_most(length)) return length;
  }
  return 0;
}

/// The kept dimensions, then those of a row, in as few groups as all operands allow.
std::vector<LoopGroup> RowPlanner::element_groups() const {
  std::vector<LoopGroup> groups = kept_;
  for (const LoopGroup& group : collapse(graph_, graph_.kept, element_count()))
    groups.push_back(group);
  return groups;
}

std::vector<PointId> RowPlanner::gathered_points() const {
  std::vector<PointId> points;
  for (size_t i = 0; i < gathered_.size(); ++i) {
    if (gathered_[i] >= 0) points.push_back(static_cast<PointId>(i));
  }
  return points;
}

/// Run after run of the last group: where one begins follows from its number.
void RowPlanner::gather_block(const PointEmitter& emitter, const Affine& begin, const Bound& end,
                              Block& into) {
  if (!gathers_by_block_) return;
  gathered_place_ = begin;
  const std::vector<PointId> points = gathered_points();
  const std::vector<LoopGroup> groups = element_groups();
  const size_t last = groups.size() - 1;
  const int length = nest_.extent(groups[last].first, groups[last].count);
  PointEmitter copy(nest_, graph_, groups);
  for (size_t g = 0; g < kept_.size(); ++g) copy.open(g, emitter.scope().index[g]);
  const auto run = [&](VariableId number, const Affine& first, Block& block) {
    const Affine before = times_parameter(variable(number, -1), length);
    Bound stop = bound(parameter(length));
    for (const Affine& e : end.smallest_of) stop.smallest_of.push_back(e + before);
    copy.open_at(kept_.size(), last - 1, variable(number), block, [&](Block& body) {
      body.push_back(copy_loop(copy, points, first, stop, before));
    });
  };
  const VariableId first = nest_.variable("g"), number = nest_.variable("k");
  For one = loop_over(LoopKind::fixed, first, {}, bound(over_parameter(begin, length)));
  run(first, begin + times_parameter(variable(first, -1), length), one.body);
  Bound runs;
  for (const Affine& e : end.smallest_of) {
    runs.smallest_of.push_back(over_parameter(e + parameter(length) + -1, length));
  }
  For others = loop_over(LoopKind::serial, number, variable(first) + 1, std::move(runs));
  run(number, {}, others.body);
  one.body.push_back(std::move(others));
  into.push_back(std::move(one));
}

/// Elements [first, stop) of the open run, which the scratch of the block holds from `before` on.
For RowPlanner::copy_loop(PointEmitter& copy, const std::vector<PointId>& points,
                          const Affine& first, const Bound& stop, const Affine& before) {
  int widest = 1;
  for (const PointId id : points) {
    widest = std::max(widest, byte_size(graph_.points[static_cast<size_t>(id)].dtype));
  }
  const PointEmitter::Scope outside = copy.scope();
  const VariableId element = nest_.variable("j");
  For loop = loop_over(LoopKind::vector, element, first, stop, context_.target.lanes(widest));
  loop.unroll = vectors_at_once;
  copy.open(copy.groups().size() - 1, variable(element));
  copy.emit(points, loop.body);
  for (const PointId id : points) {
    // What a mask leaves over, the next run overwrites: the loads that follow find whole stores.
    loop.body.push_back(Store{gathered_[static_cast<size_t>(id)],
                              variable(element) + -1 * before + -1 * gathered_place_,
                              copy.value(id), true});
  }
  copy.restore(outside);
  return loop;
}

void RowPlanner::gather_row(const PointEmitter& emitter, Block& into) {
  if (gathers_by_block_) return;
  const std::vector<PointId> points = gathered_points();
  if (points.empty()) return;
  int widest = 1;
  for (const PointId id : points) {
    widest = std::max(widest, byte_size(graph_.points[static_cast<size_t>(id)].dtype));
  }
  const std::vector<LoopGroup> groups = element_groups();
  PointEmitter copy(nest_, graph_, groups);
  for (size_t g = 0; g < kept_.size(); ++g) copy.open(g, emitter.scope().index[g]);
  copy.emit(points, into);
  std::vector<For> loops;
  Affine place;
  const auto rank = static_cast<int>(graph_.dimensions.size());
  for (size_t g = kept_.size(); g < groups.size(); ++g) {
    const bool innermost = g + 1 == groups.size();
    const VariableId index = nest_.variable(innermost ? "j" : "k");
    loops.push_back(loop_over(innermost ? LoopKind::vector : LoopKind::serial, index, {},
                              bound(copy.extent(g)),
                              innermost ? context_.target.lanes(widest) : 1));
    copy.open(g, variable(index));
    copy.emit(points, loops.back().body);
    const int inside = rank - groups[g].last() - 1;
    place = place + (inside == 0 ? variable(index)
                                 : times_parameter(variable(index),
                                                   nest_.extent(groups[g].last() + 1, inside)));
  }
  loops.back().unroll = vectors_at_once;
  for (const PointId id : points) {
    loops.back().body.push_back(Store{gathered_[static_cast<size_t>(id)], place, copy.value(id)});
  }
  for (size_t l = loops.size() - 1; l > 0; --l) loops[l - 1].body.push_back(std::move(loops[l]));
  into.push_back(std::move(loops[0]));
}

Affine RowPlanner::flat_index(const PointEmitter& emitter) {
  const auto rank = static_cast<int>(graph_.dimensions.size());
  Affine index;
  for (size_t g = 0; g < emitter.groups().size(); ++g) {
    const LoopGroup& group = emitter.groups()[g];
    if (!(emitter.scope().open & group.dimensions())) continue;
    const int inside = rank - group.last() - 1;
    const Affine& place = emitter.scope().index[g];
    index = index +
            (inside == 0 ? place : times_parameter(place, nest_.extent(group.last() + 1, inside)));
  }
  return index;
}

void RowPlanner::copy_phase(const std::vector<PointId>& points,
                            const std::function<void(PointEmitter&, Block&)>& copy) {
  const std::vector<LoopGroup> groups = element_groups();
  PointEmitter emitter(nest_, graph_, groups);
  Block phase;
  emitter.emit(points, phase);
  std::vector<For> loops;
  int widest = 1;
  for (const Point& point : graph_.points) widest = std::max(widest, byte_size(point.dtype));
  for (size_t g = 0; g < groups.size(); ++g) {
    const bool innermost = g + 1 == groups.size();
    const VariableId index = nest_.variable(g == 0 ? "p" : innermost ? "j" : "k");
    const LoopKind kind = g == 0      ? LoopKind::parallel
                          : innermost ? LoopKind::vector
                                      : LoopKind::serial;
    const int64_t step = innermost ? context_.target.lanes(widest) : 1;
    loops.push_back(loop_over(kind, index, {}, bound(emitter.extent(g)), step));
    emitter.open(g, variable(index));
    emitter.emit(points, loops.back().body);
  }
  copy(emitter, loops.back().body);
  for (size_t g = loops.size() - 1; g > 0; --g) {
    loops[g - 1].body.push_back(std::move(loops[g]));
  }
  phase.push_back(std::move(loops[0]));
  constexpr double nanoseconds = 1;
  nest_.add_phase(std::move(phase), nest_.extent(groups[0].first, groups[0].count), 1, nanoseconds);
}

void RowPlanner::pack() {
  const std::vector<LoopGroup> groups = element_groups();
  const TransposedLoads across = transposed_loads(graph_, groups);
  std::vector<PointId> points;
  for (size_t i = 0; i < packed_.size(); ++i) {
    if (packed_[i] < 0) continue;
    const Point& point = graph_.points[i];
    const bool turned = point.kind == Point::Kind::load &&
                        std::count(across.operands.begin(), across.operands.end(), point.index) > 0;
    if (turned) {
      pack_turned(static_cast<PointId>(i), groups, across.group);
    } else {
      points.push_back(static_cast<PointId>(i));
    }
  }
  if (points.empty()) return;
  copy_phase(points, [&](PointEmitter& emitter, Block& into) {
    for (const PointId id : points) {
      into.push_back(
          Store{packed_[static_cast<size_t>(id)], flat_index(emitter), emitter.value(id)});
    }
  });
}

/// A load whose lines lie along group `along`: blocks of lines are turned over on the way.
void RowPlanner::pack_turned(PointId id, const std::vector<LoopGroup>& groups, size_t along) {
  constexpr int64_t side = 64, pitch = side + 16;
  const Point& point = graph_.points[static_cast<size_t>(id)];
  const ArrayId turned = nest_.scratch("turned", point.dtype, side * pitch);
  PointEmitter emitter(nest_, graph_, groups);
  const size_t last = groups.size() - 1;
  const size_t outermost = along == 0 || last == 0 ? along : 0;
  Block phase;
  const VariableId outer = nest_.variable("p");
  const int64_t chunk = outermost == along ? side : 1;
  For parallel = loop_over(LoopKind::parallel, outer, {}, bound(emitter.extent(outermost)), chunk);
  const auto block = [&](const Affine& line, Block& into) {
    const VariableId first = nest_.variable("a");
    For columns = loop_over(LoopKind::serial, first, {}, bound(emitter.extent(last)), side);
    emitter.open(along, line);
    emitter.open(last, variable(first));
    const Affine stride = parameter(nest_.stride(point.index, groups[last].last()));
    columns.body.push_back(
        Transpose{turned, point.index, emitter.element(point.index), stride,
                  bound(constant(side), emitter.extent(along) + -1 * line),
                  bound(constant(side), emitter.extent(last) + variable(first, -1)), pitch});
    const VariableId row = nest_.variable("r"), lane = nest_.variable("j");
    For rows = loop_over(LoopKind::serial, row, line, bound(line + side, emitter.extent(along)));
    For vector = loop_over(LoopKind::vector, lane, variable(first),
                           bound(variable(first) + side, emitter.extent(last)),
                           context_.target.lanes(byte_size(point.dtype)));
    emitter.open(along, variable(row));
    emitter.open(last, variable(lane));
    const ValueId value = nest_.value();
    vector.body.push_back(Load{
        value, turned, pitch * (variable(row) + -1 * line) + variable(lane) + variable(first, -1)});
    vector.body.push_back(Store{packed_[static_cast<size_t>(id)], flat_index(emitter), value});
    rows.body.push_back(std::move(vector));
    columns.body.push_back(std::move(rows));
    into.push_back(std::move(columns));
  };
  const std::function<void(size_t, Block&)> walk = [&](size_t group, Block& into) {
    if (group == last) {
      if (outermost == along) return block(variable(outer), into);
      const VariableId line = nest_.variable("k");
      For lines = loop_over(LoopKind::serial, line, {}, bound(emitter.extent(along)), side);
      block(variable(line), lines.body);
      into.push_back(std::move(lines));
      return;
    }
    if (group == along || group == outermost) return walk(group + 1, into);
    const VariableId index = nest_.variable("k");
    For loop = loop_over(LoopKind::serial, index, {}, bound(emitter.extent(group)));
    emitter.open(group, variable(index));
    walk(group + 1, loop.body);
    into.push_back(std::move(loop));
  };
  if (outermost != along) emitter.open(outermost, variable(outer));
  walk(0, parallel.body);
  phase.push_back(std::move(parallel));
  constexpr double nanoseconds = 0.5;
  const LoopGroup& group = groups[outermost];
  nest_.add_phase(std::move(phase), nest_.extent(group.first, group.count), chunk, nanoseconds);
}

void RowPlanner::unpack() {
  copy_phase({}, [&](PointEmitter& emitter, Block& into) {
    for (size_t i = 0; i < packed_results_.size(); ++i) {
      if (packed_results_[i] < 0) continue;
      const int operand = graph_.first_result_operand + static_cast<int>(i);
      const ValueId value = nest_.value();
      into.push_back(Load{value, packed_results_[i], flat_index(emitter)});
      into.push_back(Store{operand, emitter.element(operand), value});
    }
  });
}

}  // namespace onepass::codegen
