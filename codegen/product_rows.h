// SPDX-License-Identifier: Apache-2.0
// The product in a kernel that reduces its rows: block by block it goes to scratch, where the loops
// over rows find it, so that the matrix never leaves the caches.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "onepass/codegen/contraction_loops.h"

namespace onepass::codegen {

class ProductRows {
 public:
  /// `graph` holds one product and reductions of its rows.
  ProductRows(const PlanContext& context, PointGraph graph, SizeFacts& facts);

  /// The whole kernel: all operands, and the window that the product is written to.
  const PointGraph& kernel() const { return kernel_; }
  /// What follows the product, which is a load of the window.
  const PointGraph& rows() const { return rows_; }
  /// The kept dimensions of the rows: those of the batch, then the row.
  std::vector<LoopGroup> kept() const;

  /// Writes the work on rows [first, end), the groups of the batch standing at `batch`. It is a
  /// procedure: its constants then want no registers beside those of the tiles.
  using WriteRows = std::function<void(const std::vector<Affine>& batch, const Affine& first,
                                       const Affine& end, Block& into)>;
  /// The one phase of the kernel.
  void plan_phase(NestBuilder& nest, const WriteRows& write_rows);

  std::string describe() const;

 private:
  void declare_rows(NestBuilder& nest, const WriteRows& write_rows);
  void walk_block(NestBuilder& nest, const Affine& first, Bound last, Block& into);

  const PlanContext& context_;
  PointGraph kernel_, product_, rows_;
  ContractionSpace space_;
  Blocking blocking_;
  std::optional<ContractionLoops> loops_;
  int procedure_ = -1;  // the work on rows
};

}  // namespace onepass::codegen
