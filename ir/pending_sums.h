// SPDX-License-Identifier: Apache-2.0
// Combines equal blocks of partial sums pairwise by index, in the order that ir/interpret.h fixes.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "onepass/ir/host_kernels.h"

namespace onepass::ir {

/// A binary counter whose bits are arrays of sums: `width` elements of `dtype` each.
class PendingSums {
 public:
  PendingSums(DType dtype, int64_t width)
      : add_(host_kernel(OpCode::add, dtype, Accuracy::strict)),
        width_(width),
        bytes_(static_cast<size_t>(width * byte_size(dtype))) {}

  /// Takes the sums of the next block; `block` is overwritten.
  void push(void* block) {
    size_t level = 0;
    for (uint64_t rest = pushed_++; rest & 1; rest >>= 1) add_older(level++, block);
    if (level == levels_.size()) levels_.emplace_back(bytes_);
    std::memcpy(levels_[level].data(), block, bytes_);
  }

  /// The sum of everything pushed, at least one block, into `total`; ready for the next sum
  /// afterwards.
  void finish(void* total) {
    bool first = true;
    for (size_t level = 0; level < levels_.size(); ++level) {
      if (!(pushed_ >> level & 1)) continue;
      if (first) {
        std::memcpy(total, levels_[level].data(), bytes_);
      } else {
        add_older(level, total);
      }
      first = false;
    }
    pushed_ = 0;
  }

 private:
  void add_older(size_t level, void* newer) {
    const void* const operands[] = {levels_[level].data(), newer};
    add_(operands, newer, width_);
  }

  HostKernel add_;
  int64_t width_;
  size_t bytes_;
  uint64_t pushed_ = 0;
  std::vector<std::vector<std::byte>> levels_;
};

}  // namespace onepass::ir
