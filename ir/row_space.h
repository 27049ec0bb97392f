// SPDX-License-Identifier: Apache-2.0
// Rows and columns: the spaces of reductions over the last axes, and over an axis in front of them.
// Extents of 1 do not count, so that a value with and without its reduced axes kept has one space.
#pragma once

#include <compare>
#include <optional>
#include <vector>

#include "onepass/ir/graph.h"
#include "onepass/ir/reduction.h"

namespace onepass::ir {

/// The extents of a value but those of 1.
using Extents = std::vector<Dimension>;
Extents moving_extents(const Dimensions& dimensions);

/// All extents, and which of them a reduction keeps: the first ones, and of columns also the last
/// ones.
struct RowSpace {
  Extents extents;
  int kept = 0;     // how many are kept
  int columns = 0;  // how many of these stand behind the reduced ones; 0: elements form rows

  /// Whether an extent is one of the reduced ones.
  bool reduces(int extent) const {
    const int last = static_cast<int>(extents.size()) - columns;
    return extent >= kept - columns && extent < last;
  }
  /// The number of an extent where those that are kept come first.
  int place(int extent) const {
    if (reduces(extent)) return extent + columns;
    const bool behind = extent >= static_cast<int>(extents.size()) - columns;
    return behind ? extent - (static_cast<int>(extents.size()) - kept) : extent;
  }
  /// The extents of a value with one element per row, or per column.
  Extents rows() const;
  friend auto operator<=>(const RowSpace&, const RowSpace&) = default;
};

/// The rows that a reduction reduces. Nothing if it reduces other axes than the last ones or none
/// but of extent 1.
std::optional<RowSpace> row_space(const Graph& graph, const Node& reduction);

/// The columns that a reduction reduces: along one axis, with others behind it.
std::optional<RowSpace> column_space(const Graph& graph, const Node& reduction);

/// The rows or columns of a whole body: of its reductions over last axes; of several reductions
/// over the same other axis, or of one with results that have all elements; or of results of which
/// some have one element per row or column of the others.
std::optional<RowSpace> row_space(const Graph& body);

}  // namespace onepass::ir
