// SPDX-License-Identifier: Apache-2.0
// Combines equal blocks of partial results pairwise by index, in the order that ir/interpret.h
// fixes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "onepass/ir/accumulators.h"

namespace onepass::ir {

/// A binary counter whose bits are rows of accumulators, `width` each.
class PendingBlocks {
 public:
  PendingBlocks(const Accumulators& accumulators, int64_t width)
      : accumulators_(accumulators), width_(width) {}

  /// Takes the accumulators of the next block; `block` is overwritten.
  void push(AccumulatorRow block) {
    size_t level = 0;
    for (uint64_t rest = pushed_++; rest & 1; rest >>= 1) join_older(level++, block);
    if (level == levels_.size()) levels_.push_back(std::make_unique<RowMemory>());
    accumulators_.copy(block, levels_[level]->row(), width_);
  }

  /// All that was pushed, at least one block, combined into `total`; ready for the next reduction
  /// afterwards.
  void finish(AccumulatorRow total) {
    bool first = true;
    for (size_t level = 0; level < levels_.size(); ++level) {
      if (!(pushed_ >> level & 1)) continue;
      if (first) {
        accumulators_.copy(levels_[level]->row(), total, width_);
      } else {
        join_older(level, total);
      }
      first = false;
    }
    pushed_ = 0;
  }

 private:
  void join_older(size_t level, AccumulatorRow newer) {
    accumulators_.join(levels_[level]->row(), newer, newer, width_);
  }

  Accumulators accumulators_;
  int64_t width_;
  uint64_t pushed_ = 0;
  std::vector<std::unique_ptr<RowMemory>> levels_;
};

}  // namespace onepass::ir
