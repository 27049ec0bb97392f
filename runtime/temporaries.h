// SPDX-License-Identifier: Apache-2.0
// Memory of the temporaries of one call. All of it is taken at once, before anything runs;
// temporaries that never live at the same time share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "onepass/runtime/buffer.h"
#include "onepass/runtime/program.h"
#include "onepass/runtime/small_array.h"

namespace onepass::runtime {

class TemporaryMemory {
 public:
  TemporaryMemory(const Program& program, std::span<const int64_t> symbol_values);

  /// Where the temporary `array` lies; null for any other array.
  std::byte* data(size_t array) const {
    return offsets_.size() == 0 || offsets_[array] < 0 ? nullptr : block_.data() + offsets_[array];
  }
  /// Bytes taken, shared memory counted once.
  int64_t bytes() const { return block_.size(); }

 private:
  SmallArray<int64_t, 32> offsets_;  // by array, -1: not a temporary; no elements if there is none
  Buffer block_;
};

}  // namespace onepass::runtime
