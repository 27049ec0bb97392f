// SPDX-License-Identifier: Apache-2.0
// The loops of a product over a part of its rows and columns: blocks for the caches, panels of
// columns, register tiles. Every element accumulates k in index order, however the product is cut.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "onepass/codegen/contraction_tile.h"

namespace onepass::codegen {

class ContractionLoops {
 public:
  ContractionLoops(const PlanContext& context, const PointGraph& graph,
                   const ContractionSpace& space, const Blocking& blocking, NestBuilder& nest);

  /// Writes what is known at kernel entry; once.
  void begin(std::vector<Statement>& entry);
  /// From here on group `group` of the batch stands at `index`: writes what is known by that.
  void open(size_t group, Affine index, std::vector<Statement>& into);
  /// Serial loops over the groups of the batch from number `group` on, then `innermost`.
  void batch_loops(size_t group, std::vector<Statement>& into,
                   const std::function<void(std::vector<Statement>&)>& innermost);
  /// All of a group, or the one point of an absent one.
  Span whole(std::optional<size_t> group);
  /// The product of all rows and columns of two spans.
  void product(const Span& rows, const Span& columns, std::vector<Statement>& into);

  PointEmitter& emitter() { return emitter_; }

 private:
  using Block = std::vector<Statement>;
  using SpanBody = std::function<void(const Span&, Block&)>;
  using PartBody = std::function<void(const Affine& begin, int units, Block&)>;

  void blocks(const char* name, const Span& span, int64_t step, Block& into, const SpanBody& body);
  void row_blocks(const Span& rows, Block& into, const SpanBody& body);
  void parts(const char* name, const Span& span, const PartSizes& sizes, int64_t unit, Block& into,
             const PartBody& body);
  void tiles(const Span& rows, const Span& columns, const Span& depth, Block& into);
  std::vector<size_t> all_products() const;
  void panels(const std::vector<size_t>& products, const Span& rows, const Span& columns,
              const Span& depth, Block& into);
  void row_tiles(Tile tile, const std::vector<size_t>& products, const Span& rows,
                 const Span& depth, Block& into);

  const PointGraph& graph_;
  const ContractionSpace& space_;
  const Blocking& blocking_;
  NestBuilder& nest_;
  PointEmitter emitter_;
  ContractionPacking packing_;
  ContractionTile tile_;
  const int lanes_;
};

}  // namespace onepass::codegen
