// SPDX-License-Identifier: Apache-2.0
// Greedy cutting in order, then liveness across the cuts.
#include "onepass/codegen/strips.h"

#include <algorithm>
#include <unordered_map>

namespace onepass::codegen {
namespace {

constexpr int strip_operations = 64;
constexpr int strip_streams = 24;

/// Loads and constants are repeated in every strip that needs them; anything else is computed once.
bool is_repeatable(const Point& point) {
  return point.kind == Point::Kind::load || point.kind == Point::Kind::constant ||
         point.kind == Point::Kind::position;
}

/// Assigns the points that are computed once to strips.
class Cutter {
 public:
  Cutter(const PointGraph& graph, std::span<const PointId> points)
      : graph_(graph),
        points_(points),
        strip_of_(graph.points.size(), -1),
        member_(graph.points.size(), 0),
        stored_(graph.points.size(), 0) {
    for (const PointId id : points) member_[at(id)] = 1;
    for (const PointId id : graph.results) ++stored_[at(id)];
  }

  std::vector<Strip> run() {
    assign();
    std::vector<Strip> strips(static_cast<size_t>(last_) + 1);
    for (const PointId id : points_) {
      if (is_repeatable(point(id))) continue;
      add(strips, id);
    }
    place_stores(strips);
    for (Strip& strip : strips) {
      for (auto* list : {&strip.points, &strip.reloads, &strip.spills}) {
        std::sort(list->begin(), list->end());
        list->erase(std::unique(list->begin(), list->end()), list->end());
      }
    }
    return strips;
  }

 private:
  static size_t at(PointId id) { return static_cast<size_t>(id); }
  const Point& point(PointId id) const { return graph_.points[at(id)]; }

  void assign() {
    int operations = 0, streams = 0;
    std::unordered_map<PointId, int> seen_in;  // strip that last used a stream
    for (const PointId id : points_) {
      if (is_repeatable(point(id))) continue;
      int new_streams = stored_[at(id)];
      for (const PointId input : point(id).inputs) new_streams += is_new_stream(input, seen_in);
      if (operations + 1 > strip_operations ||
          (streams + new_streams > strip_streams && operations > 0)) {
        ++last_;
        operations = streams = 0;
        new_streams = stored_[at(id)];
        for (const PointId input : point(id).inputs) new_streams += is_new_stream(input, seen_in);
      }
      for (const PointId input : point(id).inputs) seen_in[input] = last_;
      strip_of_[at(id)] = last_;
      ++operations;
      streams += new_streams;
    }
  }

  /// A load, or a value of an earlier strip, that the current strip has not touched yet.
  bool is_new_stream(PointId input, const std::unordered_map<PointId, int>& seen_in) const {
    if (!member_[at(input)]) return false;
    const bool is_stream = point(input).kind == Point::Kind::load ||
                           (!is_repeatable(point(input)) && strip_of_[at(input)] != last_);
    if (!is_stream) return false;
    const auto seen = seen_in.find(input);
    return seen == seen_in.end() || seen->second != last_;
  }

  void add(std::vector<Strip>& strips, PointId id) {
    Strip& strip = strips[static_cast<size_t>(strip_of_[at(id)])];
    for (const PointId input : point(id).inputs) need(strips, strip, strip_of_[at(id)], input);
    strip.points.push_back(id);
  }

  /// Makes `input` available in a strip.
  void need(std::vector<Strip>& strips, Strip& strip, int number, PointId input) {
    if (!member_[at(input)]) return;
    if (is_repeatable(point(input))) {
      strip.points.push_back(input);
    } else if (strip_of_[at(input)] != number) {
      strip.reloads.push_back(input);
      strips[static_cast<size_t>(strip_of_[at(input)])].spills.push_back(input);
    }
  }

  void place_stores(std::vector<Strip>& strips) {
    for (size_t i = 0; i < graph_.results.size(); ++i) {
      const PointId id = graph_.results[i];
      const bool computed_here = member_[at(id)] && !is_repeatable(point(id));
      Strip& strip = computed_here ? strips[static_cast<size_t>(strip_of_[at(id)])] : strips.back();
      if (member_[at(id)] && !computed_here) strip.points.push_back(id);
      strip.stores.push_back(i);
    }
  }

  const PointGraph& graph_;
  std::span<const PointId> points_;
  std::vector<int> strip_of_;
  std::vector<char> member_;
  std::vector<int> stored_;
  int last_ = 0;
};

}  // namespace

std::vector<Strip> cut_strips(const PointGraph& graph, std::span<const PointId> points) {
  return Cutter(graph, points).run();
}

}  // namespace onepass::codegen
