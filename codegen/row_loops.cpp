// SPDX-License-Identifier: Apache-2.0
// Stages by depth of reductions; what to keep by what computing it again would cost.
#include "onepass/codegen/row_loops.h"

#include <algorithm>
#include <cstdlib>

#include "onepass/codegen/body_cost.h"
#include "onepass/ir/reduction.h"

namespace onepass::codegen {
namespace {

/// In additions. Storing a vector and loading it again takes about as long as this many.
constexpr double saving_cost = 4;
/// Of a load whose lanes lie apart.
constexpr double gather_cost = 16;

class Cutter {
 public:
  Cutter(const PointGraph& graph, bool may_save, const std::vector<PointId>& given, int vectors)
      : graph_(graph),
        may_save_(may_save),
        vectors_(vectors >= 0 ? vectors : static_cast<int>(graph.dimensions.size()) - 1),
        elements_(
            dimension_range(graph.kept, static_cast<int>(graph.dimensions.size()) - graph.kept)),
        stage_(graph.points.size(), 0),
        given_(graph.points.size(), false),
        first_loop_(graph.points.size(), -1) {
    for (const PointId id : given) given_[at(id)] = true;
  }

  RowLoops run() {
    find_stages();
    make_loops();
    loops_.saved_by.assign(graph_.points.size(), -1);
    for (size_t l = 0; l < loops_.loops.size(); ++l) fill(l);
    for (RowLoop& loop : loops_.loops) std::sort(loop.saved.begin(), loop.saved.end());
    for (size_t i = 0; i < graph_.points.size(); ++i) {
      if (!varies(static_cast<PointId>(i))) loops_.row_points.push_back(static_cast<PointId>(i));
    }
    return std::move(loops_);
  }

 private:
  static size_t at(PointId id) { return static_cast<size_t>(id); }
  const Point& point(PointId id) const { return graph_.points[at(id)]; }
  bool varies(PointId id) const { return (point(id).depends & elements_) != 0; }

  int stage_of(const Reduction& reduction) const {
    int stage = 0;
    for (const PointId root : reduction.roots) stage = std::max(stage, stage_[at(root)]);
    return stage;
  }

  /// Reductions may stand in any order: repeats until nothing moves, once per stage.
  void find_stages() {
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t i = 0; i < graph_.points.size(); ++i) {
        const Point& p = graph_.points[i];
        int stage = 0;
        for (const PointId input : p.inputs) stage = std::max(stage, stage_[at(input)]);
        if (p.kind == Point::Kind::accumulator) {
          stage = stage_of(graph_.reductions[static_cast<size_t>(p.index)]) + 1;
        }
        changed = changed || stage != stage_[i];
        stage_[i] = stage;
      }
    }
  }

  RowLoop& loop_for(int stage, int lanes) {
    for (RowLoop& loop : loops_.loops) {
      if (loop.stage == stage && (loop.lanes == lanes || lanes == 0)) return loop;
    }
    loops_.loops.push_back({.stage = stage, .lanes = lanes});
    return loops_.loops.back();
  }

  /// Positions need no order: they share the lanes of the values, of which more are under way.
  static int lanes_of(const Reduction& reduction) {
    const ir::OpCode op = ir::finds_position(reduction.op) ? ir::OpCode::max : reduction.op;
    return static_cast<int>(ir::inner_lanes(op, reduction.dtype));
  }

  void make_loops() {
    for (size_t r = 0; r < graph_.reductions.size(); ++r) {
      const Reduction& reduction = graph_.reductions[r];
      loop_for(stage_of(reduction), lanes_of(reduction)).reductions.push_back(r);
    }
    std::stable_sort(loops_.loops.begin(), loops_.loops.end(),
                     [](const RowLoop& a, const RowLoop& b) { return a.stage < b.stage; });
    for (size_t i = 0; i < graph_.results.size(); ++i) {
      if (has_element_axes(i)) {
        loop_for(stage_[at(graph_.results[i])], 0).results.push_back(i);
      } else {
        loops_.row_results.push_back(i);
      }
    }
    std::stable_sort(loops_.loops.begin(), loops_.loops.end(),
                     [](const RowLoop& a, const RowLoop& b) { return a.stage < b.stage; });
  }

  /// Whether a result has an element for each of a row, even if they are all alike.
  bool has_element_axes(size_t result) const {
    const auto operand = static_cast<size_t>(graph_.first_result_operand) + result;
    const auto& axes = graph_.operands[operand].axes;
    return std::any_of(axes.begin() + graph_.kept, axes.end(),
                       [](const auto& axis) { return axis.dimension >= 0; });
  }

  /// What loop `l` computes or reads.
  void fill(size_t l) {
    RowLoop& loop = loops_.loops[l];
    std::vector<PointId> open;
    for (const size_t r : loop.reductions) {
      for (const PointId root : graph_.reductions[r].roots) open.push_back(root);
    }
    for (const size_t i : loop.results) open.push_back(graph_.results[i]);
    std::vector<bool> seen(graph_.points.size(), false);
    while (!open.empty()) {
      const PointId id = open.back();
      open.pop_back();
      if (!varies(id) || seen[at(id)]) continue;
      seen[at(id)] = true;
      loop.points.push_back(id);
      if (given_[at(id)] || is_kept(l, id)) continue;
      if (first_loop_[at(id)] < 0) first_loop_[at(id)] = static_cast<int>(l);
      open.insert(open.end(), point(id).inputs.begin(), point(id).inputs.end());
    }
    std::sort(loop.points.begin(), loop.points.end());
  }

  /// Whether loop `l` reads the value where an earlier one left it.
  bool is_kept(size_t l, PointId id) {
    const int first = first_loop_[at(id)];
    if (first < 0 || first == static_cast<int>(l)) return false;
    if (loops_.saved_by[at(id)] >= 0) return true;
    if (!may_save_ || cost_again(id) <= saving_cost) return false;
    loops_.saved_by[at(id)] = first;
    loops_.loops[static_cast<size_t>(first)].saved.push_back(id);
    return true;
  }

  double own_cost(PointId id) const {
    const Point& p = point(id);
    if (given_[at(id)]) return 1;
    if (p.kind != Point::Kind::load) return point_cost(p);
    const bool apart =
        graph_.moves(p.index, vectors_) && std::abs(graph_.known_stride(p.index, vectors_)) != 1;
    return apart ? gather_cost : 1;
  }

  /// What computing the value again takes.
  double cost_again(PointId id) const {
    double cost = 0;
    std::vector<PointId> open{id};
    std::vector<PointId> seen;
    while (!open.empty() && cost <= saving_cost) {
      const PointId next = open.back();
      open.pop_back();
      if (!varies(next) || std::find(seen.begin(), seen.end(), next) != seen.end()) continue;
      seen.push_back(next);
      const bool stored = loops_.saved_by[at(next)] >= 0 || given_[at(next)];
      cost += stored ? 1 : own_cost(next);
      if (!stored) open.insert(open.end(), point(next).inputs.begin(), point(next).inputs.end());
    }
    return cost;
  }

  const PointGraph& graph_;
  const bool may_save_;
  const int vectors_;
  const DimensionSet elements_;
  std::vector<int> stage_;
  std::vector<bool> given_;
  std::vector<int> first_loop_;  // by point: the loop that computes it first; -1: none so far
  RowLoops loops_;
};

}  // namespace

int64_t RowLoops::saved_bytes(const PointGraph& graph) const {
  int64_t bytes = 0;
  for (const RowLoop& loop : loops) {
    for (const PointId id : loop.saved) {
      bytes += byte_size(graph.points[static_cast<size_t>(id)].dtype);
    }
  }
  return bytes;
}

RowLoops cut_row_loops(const PointGraph& graph, bool may_save, const std::vector<PointId>& given,
                       int vectors) {
  return Cutter(graph, may_save, given, vectors).run();
}

}  // namespace onepass::codegen
