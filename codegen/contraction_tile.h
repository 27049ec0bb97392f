// SPDX-License-Identifier: Apache-2.0
// The register tile of a product: rows times vectors of columns, accumulated over k in index order.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "onepass/codegen/point_emitter.h"

namespace onepass::codegen {

/// The iteration space of a product: groups for the batch, then rows, columns and depth.
struct ContractionSpace {
  std::vector<LoopGroup> groups;
  size_t batches = 0;
  std::optional<size_t> row, depth;  // absent where the extent is 1
  size_t column = 0;
};
ContractionSpace contraction_space(const PointGraph& graph);

/// `rows` rows from `row`, `vectors` vectors of columns from `column`, cut at `column_end` if
/// masked.
struct Tile {
  Affine row;
  int rows = 1;
  Affine column;
  int vectors = 1;
  bool masked = false;
  Bound column_end{};
};

/// The part of k that a tile adds up.
struct DepthRange {
  Affine begin;
  Bound end;
};

class ContractionTile {
 public:
  ContractionTile(const Target& target, const PointGraph& graph, const ContractionSpace& space,
                  NestBuilder& nest, PointEmitter& emitter);

  int lanes() const { return lanes_; }
  int rows() const { return rows_; }
  int vectors() const { return vectors_; }
  int64_t columns() const { return int64_t{vectors_} * lanes_; }

  /// Writes what is known at the open position.
  void emit_known(std::vector<Statement>& into);
  /// The constant that sums begin with; once, at kernel entry.
  void emit_zero(std::vector<Statement>& into);
  ValueId zero() const { return zero_; }

  /// The whole sum over k in registers, then what follows the product.
  void finished(const Tile& tile, const DepthRange& depth, std::vector<Statement>& into);
  /// A part of k: the sum so far comes from array `partial` at `index` and goes back there.
  void partial(const Tile& tile, const DepthRange& depth, ArrayId partial,
               const std::function<Affine()>& index, std::vector<Statement>& into);
  /// What follows the product at the open element, whose sum is `sum`, and the stores.
  void finish(ValueId sum, std::vector<Statement>& into);

 private:
  using Block = std::vector<Statement>;
  using Body = std::function<void(VariableId index, Block&)>;

  For unrolled(VariableId id, int count) const;
  Affine register_index(const Tile& tile, VariableId row, VariableId vector) const;
  void for_vectors(const Tile& tile, Block& into, const Body& body);
  void for_rows(const Tile& tile, Block& into, const Body& body);
  void multiply(const Tile& tile, const DepthRange& depth, Block& into);
  void finish_registers(const Tile& tile, Block& into);
  void finish_through_scratch(const Tile& tile, Block& into);
  void accumulate(const Affine& place, Block& into);

  const PointGraph& graph_;
  const ContractionSpace& space_;
  NestBuilder& nest_;
  PointEmitter& emitter_;
  std::vector<PointId> left_, right_, results_;
  const DType dtype_;
  const int lanes_, vectors_, rows_;
  const ArrayId accumulators_;
  ArrayId finished_ = -1;  // scratch for the tile, if what follows is too much code to unroll
  ValueId zero_ = -1;
};

}  // namespace onepass::codegen
