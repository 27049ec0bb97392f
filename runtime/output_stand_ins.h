// SPDX-License-Identifier: Apache-2.0
// Outputs that are stored elsewhere first: for programs that may find out in the middle that they
// must fail.
#pragma once

#include <span>
#include <vector>

#include "onepass/runtime/array_view.h"
#include "onepass/runtime/buffer.h"
#include "onepass/runtime/program.h"

namespace onepass::runtime {

/// True if indices that the program computes are checked only after an output may have been stored.
bool needs_stand_ins(const Program& program);

/// Arrays with the shapes and strides of `outputs` (which compiled code may rely on) in memory of
/// their own.
class OutputStandIns {
 public:
  explicit OutputStandIns(std::span<const ArrayView* const> outputs);

  std::span<const ArrayView* const> pointers() const { return pointers_; }
  void copy_to(std::span<const ArrayView* const> outputs) const;

 private:
  std::vector<ArrayView> views_;
  std::vector<const ArrayView*> pointers_;
  std::vector<Buffer> memory_;
};

}  // namespace onepass::runtime
