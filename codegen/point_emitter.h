// SPDX-License-Identifier: Apache-2.0
// Writes points as statements, each in the outermost loop where all it depends on is known.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "onepass/codegen/loop_groups.h"
#include "onepass/codegen/nest_builder.h"

namespace onepass::codegen {

class PointEmitter {
 public:
  PointEmitter(NestBuilder& nest, const PointGraph& graph, std::vector<LoopGroup> groups);

  /// What is known at one place of the nest: where each group stands, and the values of points.
  /// Copied when a loop opens, put back when it closes.
  struct Scope {
    std::vector<Affine> index;  // by group; meaningful where `open` has the bit of its dimensions
    DimensionSet open = 0;
    std::vector<ValueId> values;  // by point; -1: not there
  };
  const Scope& scope() const { return scope_; }
  void restore(Scope scope) { scope_ = std::move(scope); }

  /// From here on group `group` stands at `index`.
  void open(size_t group, Affine index);
  /// Opens groups [first, last] at point `number` of theirs, counted in row-major order, around
  /// `body`.
  void open_at(size_t first, size_t last, const Affine& number, std::vector<Statement>& into,
               const std::function<void(std::vector<Statement>&)>& body);

  /// Writes those of `points` that are not there yet and depend on open groups only.
  void emit(std::span<const PointId> points, std::vector<Statement>& into);

  bool has(PointId point) const { return scope_.values[static_cast<size_t>(point)] >= 0; }
  ValueId value(PointId point) const;
  void set_value(PointId point, ValueId value) {
    scope_.values[static_cast<size_t>(point)] = value;
  }

  /// Index of an operand's element at the open position. Groups that are not open count as 0.
  Affine element(int operand);
  /// How far apart its elements are along a dimension that it moves along.
  Affine stride(int operand, int dimension);
  /// Stores results [0, results.size()) of the graph.
  void store_results(std::vector<Statement>& into);

  const std::vector<LoopGroup>& groups() const { return groups_; }
  /// How many iterations a group has.
  Affine extent(size_t group);

 private:
  Affine window_element();
  void emit_point(PointId id, std::vector<Statement>& into);
  void emit_position(const Point& point, ValueId result, std::vector<Statement>& into);

  NestBuilder& nest_;
  const PointGraph& graph_;
  std::vector<LoopGroup> groups_;
  Scope scope_;
};

}  // namespace onepass::codegen
