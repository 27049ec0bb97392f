// SPDX-License-Identifier: Apache-2.0
// What the two orders of reduction have in common: where roots come from, loops over kept
// dimensions, epilogues.
#pragma once

#include <functional>
#include <vector>

#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/point_emitter.h"
#include "onepass/codegen/reduction_tree.h"

namespace onepass::codegen {

/// Plans reductions whose reduced axes include the last one, and products with one column.
Plan plan_inner_reduction(const PlanContext& context, PointGraph graph, SizeFacts facts);

/// Plans reductions over other axes.
Plan plan_outer_reduction(const PlanContext& context, PointGraph graph, SizeFacts facts);

/// Plans reductions of everything in logical order, where memory lies along the outermost dimension
/// and planes across it are whole blocks of the order.
bool can_plan_planes(const PlanContext& context, const PointGraph& graph, SizeFacts& facts);
Plan plan_planes(const PlanContext& context, PointGraph graph, SizeFacts facts);

/// A graph whose kept dimensions are [kept_first, kept_first + kept_count) and whose reduced ones
/// are the others.
struct ReductionSpace {
  int kept_first = 0, kept_count = 0, reduced_first = 0, reduced_count = 0;
};

class ReductionPlanner {
 public:
  ReductionPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts,
                   ReductionSpace space);
  virtual ~ReductionPlanner() = default;

  Plan run();

 protected:
  using Block = std::vector<Statement>;

  /// What explain calls the way the elements are walked.
  virtual const char* way() const = 0;
  virtual void plan_phases() = 0;

  const Reduction& reduction() const { return graph_.reductions[0]; }
  /// A fresh emitter: values do not cross phases.
  PointEmitter start_phase(Block& entry);
  /// The operands of the reduction at the open position of all dimensions; last its position, if
  /// the reduction finds one: `index` of the flattened reduced dimensions.
  std::vector<ValueId> roots(PointEmitter& emitter, const Affine& index, Block& into);
  /// Opens the reduced groups at `index` of the flattened reduced dimensions, then `body`.
  void at_reduced(PointEmitter& emitter, const Affine& index, Block& into,
                  const std::function<void(Block&)>& body);
  /// Workspaces for partial accumulators of `tree`: `elements` for each chunk of `chunk` reduced
  /// elements.
  std::vector<ArrayId> partials(const ReductionTree& tree, int64_t elements, int64_t chunk);
  /// partials[place] = accumulators, and back.
  void store_partials(const ReductionTree& tree, const std::vector<ArrayId>& partials,
                      const Affine& place, Block& into);
  void load_partials(const ReductionTree& tree, const std::vector<ArrayId>& partials,
                     const Affine& place, Block& into);
  /// What follows the reduction, and the stores, at the open position.
  void finish(PointEmitter& emitter, ValueId result, Block& into);
  /// Position of the open kept dimensions in row-major order.
  Affine kept_position(const PointEmitter& emitter);

  /// From here on kept group `group` stands at `index`: writes what is known by that.
  void open_kept(PointEmitter& emitter, size_t group, Affine index, Block& into);
  /// Serial loops over kept groups [group, end), then `innermost`.
  void kept_loops(PointEmitter& emitter, size_t group, size_t end, Block& into,
                  const std::function<void(Block&)>& innermost);

  size_t kept_groups() const { return kept_.size(); }
  Affine reduced_extent() { return parameter(reduced_parameter()); }
  int reduced_parameter() { return nest_.extent(space_.reduced_first, space_.reduced_count); }
  /// True if one reduction is cut into chunks of its own: few results, each of many elements.
  bool cuts_reduction(int64_t most_kept, int64_t least_reduced) {
    return has_reduced() &&
           facts_.holds_at_most(graph_, space_.kept_first, space_.kept_count, most_kept) &&
           !facts_.holds_at_most(graph_, space_.reduced_first, space_.reduced_count, least_reduced);
  }
  bool has_reduced() const { return space_.reduced_count > 0; }
  /// Affine value of the number of reduced elements: 1 if nothing is reduced.
  Affine count() { return has_reduced() ? reduced_extent() : constant(1); }

  const PlanContext& context_;
  PointGraph graph_;
  SizeFacts facts_;
  ReductionSpace space_;
  std::vector<LoopGroup> kept_, reduced_;
  std::vector<PointId> root_points_, result_points_;
  BodyCost cost_;
  NestBuilder nest_;
};

}  // namespace onepass::codegen
