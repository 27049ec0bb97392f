// SPDX-License-Identifier: Apache-2.0
// Which shapes the results of one kernel may have: one, or that of rows and one element per row, or
// that of columns and one element per column.
#pragma once

#include <optional>
#include <vector>

#include "onepass/ir/row_space.h"

namespace onepass::ir {

/// Results have these extents, or if rows are known also one element per row.
struct ResultSpace {
  Extents extents;
  std::optional<RowSpace> rows{};  // of these extents

  bool has_rows() const { return rows.has_value(); }
  bool holds(const Extents& result) const {
    return result == extents || (has_rows() && result == rows->rows());
  }
  friend bool operator==(const ResultSpace&, const ResultSpace&) = default;
};

/// The space that holds what two spaces hold.
std::optional<ResultSpace> joined(const ResultSpace& a, const ResultSpace& b);

/// For each node the rows that it is a reduction of, or that it follows with one element each.
/// Columns count where a kernel that walks them in strips pays (column_strips.h).
std::vector<std::optional<ResultSpace>> row_values(const Graph& graph);

}  // namespace onepass::ir
