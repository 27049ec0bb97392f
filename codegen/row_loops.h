// SPDX-License-Identifier: Apache-2.0
// The loops over one row of a kernel that reduces rows: which of them computes what, and what is
// kept for later ones.
#pragma once

#include <vector>

#include "onepass/codegen/point_graph.h"

namespace onepass::codegen {

/// One walk over the elements of a row.
struct RowLoop {
  int stage = 0;  // how many reductions, one after the other, stand in front of it
  int lanes = 0;  // of its accumulators; 0: it has none
  std::vector<size_t> reductions{};  // of the graph, that it reduces
  std::vector<size_t> results{};     // of the graph, that it stores
  std::vector<PointId> points{};  // that vary along the row, inputs before users; those read from
                                  // memory of a row included
  std::vector<PointId> saved{};   // of these, kept for later loops
};

struct RowLoops {
  std::vector<RowLoop> loops;       // in order
  std::vector<size_t> row_results;  // results with one element per row
  std::vector<int> saved_by;        // by point: the loop that keeps it; -1: none
  std::vector<PointId> row_points;  // what does not vary along a row
  /// Bytes that an element of a row takes in what is kept.
  int64_t saved_bytes(const PointGraph& graph) const;
};

/// Cuts the work on a row. Values that later loops need again are kept where that is cheaper than
/// computing them again, if `may_save`. `given` are points that stand in memory. Vectors lie along
/// the last dimension of a row, or along `vectors`.
RowLoops cut_row_loops(const PointGraph& graph, bool may_save, const std::vector<PointId>& given,
                       int vectors = -1);

}  // namespace onepass::codegen
