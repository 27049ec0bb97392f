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

  /// What the loops over rows write into the one phase: that a group of the batch stands at an
  /// index, and the work on rows [first, end).
  struct Follower {
    std::function<void(size_t group, const Affine& index, Block& into)> open;
    std::function<void(const Affine& first, const Affine& end, Block& into)> walk;
  };
  void plan_phase(NestBuilder& nest, Block entry, const Follower& follower);

  std::string describe() const;

 private:
  void walk_block(NestBuilder& nest, const Affine& first, const Follower& follower, Block& into);
  void batch_loops(NestBuilder& nest, size_t group, const Follower& follower, Block& into,
                   const std::function<void(Block&)>& innermost);

  const PlanContext& context_;
  PointGraph kernel_, product_, rows_;
  ContractionSpace space_;
  Blocking blocking_;
  std::optional<ContractionLoops> loops_;
};

}  // namespace onepass::codegen
