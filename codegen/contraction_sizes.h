// SPDX-License-Identifier: Apache-2.0
// What the cut of a product depends on: the registers of the target, and the sizes and operands of
// the call. Answers about sizes that are used become facts.
#pragma once

#include <cstdint>
#include <optional>

#include "onepass/codegen/contraction_space.h"
#include "onepass/codegen/product_tuning.h"
#include "onepass/codegen/target.h"

namespace onepass::codegen {

/// What register tiles an instruction set has room for.
struct TileRegisters {
  explicit TileRegisters(const Target& target);

  /// By number of vectors, and by number of rows, 1 first.
  int rows(int vectors) const;
  int vectors(int rows) const;

  bool many;
  int usual_vectors;  // of the widest tile when there are more columns
  int widest;         // vectors that are one tile, if there are no more
  int few_rows;       // fewer rows than this, or as many, are one tile
  int wide_row;       // vectors of a single row that leave registers for little else
};

class ContractionSizes {
 protected:
  ContractionSizes(const PlanContext& context, const PointGraph& graph,
                   const ContractionSpace& space, SizeFacts& facts);

  ir::Dimension symbol(size_t group) const;
  int64_t extent(std::optional<size_t> group) const;
  /// Whether the point is a load of elements that lie side by side along `group`.
  bool is_plain(PointId id, size_t group) const;
  /// Whether a dimension has at least `limit` elements; the answer becomes a fact.
  bool has(std::optional<size_t> group, int64_t limit);
  /// Whether a right operand has at least so many bytes; the answer becomes a fact.
  bool holds_right(int64_t bytes);

  bool has_many_columns();
  bool is_narrow() const;
  bool has_few_rows() const;
  /// So many rows are one tile: more of them beside a single vector.
  int most_few_rows() const;
  /// A product of bytes by signed bytes, where there are enough rows and terms to be worth copies.
  bool sums_bytes();
  /// For which tuning may know a tile.
  std::optional<ProductClass> product_class() const;

  const PlanContext& context_;
  const PointGraph& graph_;
  const ContractionSpace& space_;
  SizeFacts& facts_;
  const TileRegisters registers_;
  const int lanes_;  // of a vector of columns

 private:
  int narrowed(int lanes);
};

}  // namespace onepass::codegen
