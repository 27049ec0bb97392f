// SPDX-License-Identifier: Apache-2.0
// The micro-kernel: a register tile of rows times vectors of columns, accumulated over k in index
// order, for one product after the other, and what follows them.
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

  /// Writes what is known at the open position.
  void emit_known(std::vector<Statement>& into);
  /// The constant that sums begin with; once, at kernel entry.
  void emit_zero(std::vector<Statement>& into);

  /// The sums of some products over a part of k; after the last of them what follows the products.
  void multiply(const Tile& tile, const std::vector<size_t>& products, const Span& depth,
                std::vector<Statement>& into);

 private:
  using Block = std::vector<Statement>;
  using Body = std::function<void(const Affine& index, Block&)>;

  void choose_arrays();
  void keep_sums_in_memory();
  For unrolled(VariableId id, int count) const;
  void for_vectors(const Tile& tile, Block& into, const Body& body);
  void for_rows(const Tile& tile, Block& into, const Body& body);
  /// For each register: its element of the tile.
  void for_registers(const Tile& tile, Block& into, const Body& body);
  void begin(const Tile& tile, const Span& depth, size_t product, Block& into);
  void subtract_shifts(const Tile& tile, Block& into);
  void accumulate(const Tile& tile, const Span& depth, size_t product, Block& into);
  void fetch_rows(const Tile& tile, const Affine& depth, Block& into);
  void fetch_beside(const Tile& tile, Block& into);
  void fetch_ahead(const Tile& tile, const Affine& depth, size_t product, Block& into);
  void add_products(const Tile& tile, const Affine& depth, size_t product, Block& into);
  void add_product(const Affine& place, ValueId left, ValueId right, Block& into);
  void end(const Tile& tile, const Span& depth, size_t product, Block& into);
  void finish(const Tile& tile, size_t product, Block& into);
  void finish_registers(const Tile& tile, size_t product, Block& into);
  void keep(const Tile& tile, size_t product, Block& into);
  void call_finish(const Tile& tile, Block& into);
  void declare_finish();
  /// Copies a sum to memory, at the open element.
  void store_sum(size_t product, const Affine& place, Block& into);
  /// The sums of all products that wait, in order. Tiles in scratch have them at `place`.
  std::vector<ValueId> load_kept(const Affine& place, Block& into);
  void finish_element(const std::vector<ValueId>& sums, Block& into);
  void store_bare(size_t product, ValueId sum, Block& into);
  /// Whether the result is nothing but the sums of the product.
  bool is_bare(size_t result, size_t product) const;
  Affine partial_index(size_t product);

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
  std::vector<ArrayId> kept_;     // by product that waits for others or for what is too long to
                                  // repeat: its tile in scratch; -1: it waits in memory
  std::vector<ArrayId> partial_;  // by product: its sums in memory
  const bool is_bare_;            // nothing follows the products
  const bool is_long_;            // what follows them
  std::vector<int> beside_;       // matrices that what follows reads, asked for while sums are made
  int finish_procedure_ = -1;     // of what is long
  ValueId zero_ = -1;
};

}  // namespace onepass::codegen
