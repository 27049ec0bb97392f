// SPDX-License-Identifier: Apache-2.0
// How a product is cut: the register tile, blocks for the caches, what is copied, and what the
// threads share out. Decided from the sizes of a call; what is used becomes a fact.
#pragma once

#include <cstdint>
#include <string>

#include "onepass/codegen/contraction_space.h"
#include "onepass/codegen/target.h"

namespace onepass::codegen {

/// How many units the parts of a dimension hold: from `least` to `most`. Exact: the dimension is
/// one part of `most` units, or empty; single: it is not empty either.
struct PartSizes {
  int least = 1;
  int most = 1;
  bool exact = false;
  bool single = false;
  bool has_others = true;  // there may be less than `least` units
};

struct Blocking {
  enum class Parallel : uint8_t { none, batch, rows, columns };
  int lanes = 1;                 // of a vector of columns
  PartSizes rows;                // of a register tile
  PartSizes vectors;             // of columns of a register tile
  int wide_vectors = 0;          // of whole tiles before all others; 0: there are none
  int64_t depth_block = 0;       // 0: all of k at once
  int64_t row_block = 0;         // 0: all rows at once
  int64_t column_block = 0;      // 0: all columns at once
  int64_t most_depth = 0;        // of what is copied at once; 0: unknown
  bool finishes_panels = false;  // all blocks of k of a panel of columns before the next panel
  bool copies_left = false;
  bool packs_right = false;
  int64_t panel_width = 0;  // of the panels that right operands are given as; 0: they are not
  bool sums_bytes = false;  // both operands are copied with four bytes of k side by side
  /// Tiles of many rows ask for so many cache lines of the columns of the right operand that come
  /// next, few rows for all of them; 0: none.
  int lines_ahead = 0;
  bool fetches_rows = false;    // tiles ask for the rows of the left operand that come next
  bool fetches_beside = false;  // and for what follows the products reads of matrices
  Parallel parallel = Parallel::rows;
  int64_t chunk = 1;           // of what the threads share out
  int64_t row_chunk = 0;       // of rows, if columns and rows are shared out; 0: they are not
  bool masks_are_free = true;  // else whole tiles have code of their own
  /// Several products: one after the other for each tile, each panel of columns, or all columns.
  enum class Turns : uint8_t { tile, panel, columns };
  Turns turns = Turns::tile;
  bool columns_fill_vectors = false;
  std::string tuned;  // for what; else empty
};

/// With a window blocks of as many rows as it has follow each other, each with all its columns.
Blocking choose_blocking(const PlanContext& context, const PointGraph& graph,
                         const ContractionSpace& space, SizeFacts& facts);

}  // namespace onepass::codegen
