// SPDX-License-Identifier: Apache-2.0
// The micro-kernel: a register tile of rows times vectors of columns, accumulated over k in index
// order, and what follows the product.
#pragma once

#include <functional>
#include <vector>

#include "onepass/codegen/contraction_packing.h"

namespace onepass::codegen {

class ContractionTile {
 public:
  ContractionTile(const Target& target, const PointGraph& graph, const ContractionSpace& space,
                  const Blocking& blocking, NestBuilder& nest, PointEmitter& emitter,
                  ContractionPacking& packing);

  /// Sums over parts of k go to memory in between: to a result of the right dtype or a workspace.
  void keep_partial_sums();

  /// Writes what is known at the open position.
  void emit_known(std::vector<Statement>& into);
  /// The constant that sums begin with; once, at kernel entry.
  void emit_zero(std::vector<Statement>& into);

  /// The sum over a part of k; after the last one what follows the product.
  void multiply(const Tile& tile, const Span& depth, std::vector<Statement>& into);

 private:
  using Block = std::vector<Statement>;
  using Body = std::function<void(const Affine& index, Block&)>;

  For unrolled(VariableId id, int count) const;
  void for_vectors(const Tile& tile, Block& into, const Body& body);
  void for_rows(const Tile& tile, Block& into, const Body& body);
  /// For each register: its element of the tile.
  void for_registers(const Tile& tile, Block& into, const Body& body);
  void begin(const Tile& tile, const Span& depth, Block& into);
  void accumulate(const Tile& tile, const Span& depth, Block& into);
  void fetch_ahead(const Tile& tile, const Affine& depth, Block& into);
  void add_products(const Tile& tile, const Affine& depth, Block& into);
  void add_product(const Affine& place, ValueId left, ValueId right, Block& into);
  void end(const Tile& tile, const Span& depth, Block& into);
  void finish(const Tile& tile, Block& into);
  void finish_registers(const Tile& tile, Block& into);
  void finish_through_scratch(const Tile& tile, Block& into);
  void declare_finish();
  void finish_element(ValueId sum, Block& into);
  bool is_plain() const;
  Affine partial_index();

  const PointGraph& graph_;
  const ContractionSpace& space_;
  const Blocking& blocking_;
  NestBuilder& nest_;
  PointEmitter& emitter_;
  ContractionPacking& packing_;
  std::vector<PointId> results_;
  const DType dtype_;
  const int lanes_;
  const int64_t columns_;  // of the largest tile
  const ArrayId accumulators_;
  ArrayId finished_ = -1;      // the tile in scratch, if what follows is too long to repeat
  int finish_procedure_ = -1;  // for every register
  ArrayId partial_ = -1;
  ValueId zero_ = -1;
};

}  // namespace onepass::codegen
