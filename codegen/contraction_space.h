// SPDX-License-Identifier: Apache-2.0
// The iteration space of a product, and parts of it.
#pragma once

#include <optional>
#include <vector>

#include "onepass/codegen/loop_groups.h"
#include "onepass/codegen/loop_nest.h"

namespace onepass::codegen {

/// Groups for the batch, then rows, columns and depth.
struct ContractionSpace {
  std::vector<LoopGroup> groups;
  size_t batches = 0;
  std::optional<size_t> row, depth;  // absent where the extent is 1
  size_t column = 0;
};
ContractionSpace contraction_space(const PointGraph& graph);

/// Whether nothing follows the products: each is a result.
bool results_are_products(const PointGraph& graph);

/// Part of one dimension: [begin, end).
struct Span {
  Affine begin;
  Bound end;
};

/// `rows` rows from `row`, `vectors` vectors of columns from `column`. Unless the tile is whole,
/// the last vector may reach beyond `column_end`.
struct Tile {
  Affine row;
  int rows = 1;
  Affine column;
  int vectors = 1;
  Bound column_end{};
  bool whole = false;
};

}  // namespace onepass::codegen
