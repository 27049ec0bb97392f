// SPDX-License-Identifier: Apache-2.0
// Rows: the space of a reduction over the last axes. Extents of 1 do not count, so that a value
// with and without its reduced axes kept has one space.
#pragma once

#include <optional>
#include <vector>

#include "onepass/ir/graph.h"
#include "onepass/ir/reduction.h"

namespace onepass::ir {

/// The extents of a value but those of 1.
using Extents = std::vector<Dimension>;
Extents moving_extents(const Dimensions& dimensions);

/// Extents [0, kept) count the rows, the others the elements of a row.
struct RowSpace {
  Extents extents;
  int kept = 0;

  /// The extents of a value with one element per row.
  Extents rows() const { return {extents.begin(), extents.begin() + kept}; }
  friend bool operator==(const RowSpace&, const RowSpace&) = default;
};

/// The rows that a reduction reduces. Nothing if it reduces other axes than the last ones or none
/// but of extent 1.
std::optional<RowSpace> row_space(const Graph& graph, const Node& reduction);

/// The rows of a whole body: of its reductions over last axes, or of results of which some have one
/// element per row of the others.
std::optional<RowSpace> row_space(const Graph& body);

}  // namespace onepass::ir
