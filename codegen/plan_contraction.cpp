// SPDX-License-Identifier: Apache-2.0
// Generated products, in layers: loops over blocks for the caches (contraction_blocking), copies of
// operands (contraction_packing), register tiles (contraction_tile). With tile_size the blocks have
// exactly that size. Every element accumulates k in index order, however the product is cut.
#include <algorithm>

#include "onepass/codegen/body_cost.h"
#include "onepass/codegen/contraction_loops.h"
#include "onepass/codegen/contraction_report.h"
#include "onepass/codegen/map_planner.h"
#include "onepass/codegen/outer_product.h"
#include "onepass/codegen/reduction_planner.h"
#include "onepass/codegen/row_planner.h"
#include "onepass/ir/row_space.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

class ContractionPlanner {
 public:
  ContractionPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts)
      : context_(context),
        graph_(std::move(graph)),
        facts_(std::move(facts)),
        space_(contraction_space(graph_)),
        blocking_(choose_blocking(context, graph_, space_, facts_)),
        nest_(context, graph_),
        loops_(context, graph_, space_, blocking_, nest_) {}

  Plan run() {
    Block entry;
    loops_.begin(entry);
    plan_parallel(std::move(entry));
    Plan plan;
    plan.nest = nest_.finish();
    plan.walk.way = describe_contraction(context_, graph_, space_, blocking_);
    plan.validity = facts_.take();
    plan.valid_products = facts_.take_products();
    plan.may_alias.assign(context_.fused.body->inputs.size(), false);
    add_panels(plan);
    return plan;
  }

 private:
  using Parallel = Blocking::Parallel;

  void add_panels(Plan& plan) const {
    if (blocking_.panel_width == 0) return;
    for (const Reduction& product : graph_.reductions) {
      const Point& load = graph_.points[static_cast<size_t>(product.roots[1])];
      const int array = graph_.operands[static_cast<size_t>(load.index)].array;
      plan.panels.push_back({array, blocking_.panel_width});
    }
  }

  /// The parallel loop: over the batch, or ranges of rows or of columns. A single tile has none.
  void plan_parallel(Block phase) {
    const double fma_per_nanosecond = 4.0 * blocking_.lanes;
    const double nanoseconds = static_cast<double>(graph_.reductions.size()) / fma_per_nanosecond;
    if (blocking_.parallel == Parallel::none) {
      loops_.batch_loops(0, phase, [&](Block& into) {
        loops_.product(loops_.whole(space_.row), loops_.whole(space_.column), into);
      });
      return add_phase(std::move(phase), -1, 1, nanoseconds);
    }
    const bool by_batch = blocking_.parallel == Parallel::batch;
    const bool by_rows = blocking_.parallel == Parallel::rows;
    const size_t group = by_batch ? 0 : by_rows ? *space_.row : space_.column;
    const VariableId index = nest_.variable("i");
    For parallel = loop_over(LoopKind::parallel, index, {}, bound(loops_.emitter().extent(group)),
                             blocking_.chunk);
    Span rows = loops_.whole(space_.row), columns = loops_.whole(space_.column);
    if (by_batch) {
      loops_.open(0, variable(index), parallel.body);
    } else {
      parallel.range_end = nest_.variable("e");
      Span range{variable(index), bound(variable(parallel.range_end))};
      (by_rows ? rows : columns) = std::move(range);
    }
    if (blocking_.row_chunk > 0) {
      const LoopGroup& group_of_rows = space_.groups[*space_.row];
      const auto range =
          nest_.across(group_of_rows.first, group_of_rows.count, blocking_.row_chunk);
      rows = {parameter(range.begin), bound(parameter(range.end))};
    }
    loops_.batch_loops(by_batch ? 1 : 0, parallel.body,
                       [&](Block& into) { loops_.product(rows, columns, into); });
    phase.push_back(std::move(parallel));
    add_phase(std::move(phase),
              nest_.extent(space_.groups[group].first, space_.groups[group].count), blocking_.chunk,
              nanoseconds);
  }

  void add_phase(Block phase, int extent, int64_t chunk, double nanoseconds) {
    nest_.add_phase(std::move(phase), extent, chunk, nanoseconds);
    if (results_are_products(graph_)) return;
    const auto points = reachable(graph_, graph_.results);
    nest_.add_result_cost(graph_.kept, body_cost(graph_, points, context_.target).nanoseconds);
  }

  const PlanContext& context_;
  PointGraph graph_;
  SizeFacts facts_;
  ContractionSpace space_;
  const Blocking blocking_;
  NestBuilder nest_;
  ContractionLoops loops_;
};

/// Several products differ in their right operand only.
void check_products(const PointGraph& graph) {
  const Reduction& first = graph.reductions.at(0);
  for (const Reduction& r : graph.reductions) {
    internal_check(r.product && r.roots[0] == first.roots[0] && r.rows == first.rows &&
                       r.columns == first.columns && r.dtype == first.dtype &&
                       r.tile_size == first.tile_size,
                   "products of one kernel do not share their left operand");
  }
}

}  // namespace

Plan plan_contraction(const PlanContext& context) {
  PointGraph graph = build_point_graph(context);
  SizeFacts facts(context);
  if (ir::row_space(*context.fused.body)) {
    return plan_product_rows(context, std::move(graph), std::move(facts));
  }
  check_products(graph);
  // Whether there is one column decides the order of summation, so the sizes of later calls must
  // agree.
  const ir::Dimension symbol = graph.reductions[0].column_symbol;
  const int64_t columns = context.graph.captured_extent(symbol);
  if (symbol != ir::one) {
    facts.require(symbol, std::min<int64_t>(columns, 2), columns < 2 ? columns : INT64_MAX);
  }
  if (columns == 1) return plan_inner_reduction(context, std::move(graph), std::move(facts));
  if (is_outer_product(graph)) return plan_map(context, without_sum(graph), std::move(facts));
  return ContractionPlanner(context, std::move(graph), std::move(facts)).run();
}

}  // namespace onepass::codegen
