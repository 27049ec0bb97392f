// SPDX-License-Identifier: Apache-2.0
// An array of any strides whose surroundings and gaps tell whether somebody wrote to them.
#pragma once

#include <cstddef>
#include <vector>

#include "onepass/runtime/array_view.h"

namespace onepass::fuzz {

class GuardedArray {
 public:
  GuardedArray(DType dtype, const Shape& shape, const Strides& strides);
  GuardedArray(GuardedArray&&) = default;
  GuardedArray(const GuardedArray&) = delete;

  const runtime::ArrayView& view() const { return view_; }
  /// False if a byte that belongs to no element was written.
  bool gaps_untouched() const;
  /// The elements in row-major order.
  std::vector<std::byte> elements() const;

 private:
  static constexpr int64_t guard_bytes = 128;
  static constexpr std::byte guard_value{0xA5};
  std::vector<std::byte> bytes_;
  runtime::ArrayView view_;
};

/// Elements of both in row-major order: the first where they are neither the same bits nor both
/// NaN; -1 if there is none.
int64_t first_difference(DType dtype, const std::vector<std::byte>& a,
                         const std::vector<std::byte>& b);

}  // namespace onepass::fuzz
