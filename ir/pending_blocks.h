// SPDX-License-Identifier: Apache-2.0
// Combines equal blocks of partial results pairwise by index, in the order that ir/interpret.h
// fixes.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "onepass/ir/host_kernels.h"
#include "onepass/ir/reduction.h"

namespace onepass::ir {

/// A binary counter whose bits are arrays of accumulators: `width` elements of `dtype` each.
class PendingBlocks {
 public:
  PendingBlocks(OpCode reduction, DType dtype, int64_t width)
      : combine_(host_kernel(reduction_info(reduction).combine, dtype, Accuracy::strict)),
        width_(width),
        bytes_(static_cast<size_t>(width * byte_size(dtype))) {}

  /// Takes the accumulators of the next block; `block` is overwritten.
  void push(void* block) {
    size_t level = 0;
    for (uint64_t rest = pushed_++; rest & 1; rest >>= 1) join_older(level++, block);
    if (level == levels_.size()) levels_.emplace_back(bytes_);
    std::memcpy(levels_[level].data(), block, bytes_);
  }

  /// All that was pushed, at least one block, combined into `total`; ready for the next reduction
  /// afterwards.
  void finish(void* total) {
    bool first = true;
    for (size_t level = 0; level < levels_.size(); ++level) {
      if (!(pushed_ >> level & 1)) continue;
      if (first) {
        std::memcpy(total, levels_[level].data(), bytes_);
      } else {
        join_older(level, total);
      }
      first = false;
    }
    pushed_ = 0;
  }

 private:
  void join_older(size_t level, void* newer) {
    const void* const operands[] = {levels_[level].data(), newer};
    combine_(operands, newer, width_);
  }

  HostKernel combine_;
  int64_t width_;
  size_t bytes_;
  uint64_t pushed_ = 0;
  std::vector<std::vector<std::byte>> levels_;
};

}  // namespace onepass::ir
