// SPDX-License-Identifier: Apache-2.0
// Planners: one fused node in, one loop nest out. No LLVM here.
#pragma once

#include <string>
#include <vector>

#include "onepass/codegen/loop_nest.h"
#include "onepass/codegen/target.h"
#include "onepass/ir/graph.h"
#include "onepass/runtime/layout.h"
#include "onepass/runtime/program.h"

namespace onepass::codegen {

/// What a planner knows of the arrays around a fused node.
struct PlanContext {
  const ir::Graph& graph;                // its symbols hold the captured extents
  const ir::Node& fused;                 // the node to plan
  std::vector<runtime::Layout> layouts;  // of the operands of `fused`, then of its results
  Target target;
  ir::Accuracy accuracy = ir::Accuracy::strict;
  std::vector<bool> constants = {};  // by operand of `fused`: its elements never change
};

/// How a kernel that reduces walks its elements, at the captured sizes: what explain tells of it.
struct Walk {
  std::string way;          // empty: there is nothing to tell
  int loops = 1;            // over each element
  int64_t bytes_again = 0;  // read and written besides the operands' first reading and the results
  int64_t span = 0;         // bytes that are touched before the same ones are touched again
};

struct Plan {
  LoopNest nest;
  Walk walk;
  /// Facts of the sizes that the nest relies on.
  std::vector<runtime::ValidityRange> validity;
  std::vector<runtime::ValidityProduct> valid_products;
  /// For each operand of the fused node: true if each result element is stored only after every
  /// load of the operand's element at the same place, and no other place of the operand is read
  /// later: results may overwrite the operand.
  std::vector<bool> may_alias;
  /// Operands of the fused node of which the nest reads panels; `input` is the operand.
  std::vector<runtime::PanelInput> panels;
};

/// Picks the planner by what the body contains.
Plan plan_kernel(const PlanContext& context);

Plan plan_map(const PlanContext& context);
Plan plan_reduce(const PlanContext& context);
Plan plan_cumulative(const PlanContext& context);
Plan plan_contraction(const PlanContext& context);

}  // namespace onepass::codegen
