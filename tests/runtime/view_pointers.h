// SPDX-License-Identifier: Apache-2.0
// A call points to views; tests hold them in a row.
#pragma once

#include <span>
#include <vector>

#include "onepass/runtime/array_view.h"

namespace onepass::runtime {

inline std::vector<const ArrayView*> pointers_to(std::span<const ArrayView> views) {
  std::vector<const ArrayView*> pointers;
  for (const ArrayView& view : views) pointers.push_back(&view);
  return pointers;
}

}  // namespace onepass::runtime
