// SPDX-License-Identifier: Apache-2.0
// The ordered table of passes and the one loop that runs it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "onepass/ir/edge_reason.h"
#include "onepass/ir/passes/passes.h"

namespace onepass::ir {

struct Pass {
  std::string_view name;
  void (*run)(Graph&, const PassOptions&);
  /// Whether the pass runs at all with these options; null: always.
  bool (*enabled)(const PassOptions&) = nullptr;
};

/// The passes in the order they run.
std::span<const Pass> pipeline();

/// What a pass did, as explain shows it.
struct PassRecord {
  std::string_view name;
  int64_t nanoseconds = 0;
  bool changed = false;
  std::string text;  // the graph afterwards; empty if unchanged
};
using PassSink = std::function<void(const PassRecord&)>;

/// Runs every pass that is enabled and that setting ONEPASS_DISABLE_PASSES does not name, verifying
/// after each in checked builds and whenever a sink listens. The sink hears nothing of the others.
void run_pipeline(Graph& graph, const PassOptions& options, const PassSink& sink = nullptr);

/// One edge between nodes of the graph before `fuse`, and what became of it.
struct Edge {
  std::string producer, consumer;
  EdgeReason reason = EdgeReason::fused;
  int64_t bytes =
      0;  // traffic that the boundary costs (written and read once each) or that fusion saves
};

/// The edges of a graph that went through the pipeline: inside bodies (fused) and between kernels.
std::vector<Edge> explain_edges(const Graph& graph);

}  // namespace onepass::ir
