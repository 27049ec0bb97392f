// SPDX-License-Identifier: Apache-2.0
// Products that share a provider where it is chosen by measurement.
#pragma once

#include <compare>

#include "onepass/ir/modes.h"
#include "onepass/runtime/dtype.h"

namespace onepass::ir {

/// Sizes by the number of bits: 7 is [64, 127]. A vector has one row or column.
struct ProviderClass {
  DType dtype = DType::f32;
  bool is_batch = false;
  int row_bits = 1, column_bits = 1, depth_bits = 1;
  friend auto operator<=>(const ProviderClass&, const ProviderClass&) = default;
};

/// Who was faster, and by how much.
struct ProviderLead {
  Provider provider = Provider::generated;
  int thousandths = 0;
  friend bool operator==(const ProviderLead&, const ProviderLead&) = default;
};

}  // namespace onepass::ir
