// SPDX-License-Identifier: Apache-2.0
// The functions of array_composites.def as data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "onepass/ir/op.h"

namespace onepass::ir {

enum class ArrayComposite : uint8_t {
#define ONEPASS_ARRAY_COMPOSITE(name, ...) name,
#include "onepass/ir/array_composites.def"
};

/// What a call sets besides its operands.
struct ArrayOptions {
  enum class Kind : uint8_t {
    over,     // axes, all by default; keepdims
    spread,   // the same, and number: the correction
    order,    // the same, and number: ord
    along,    // axes, the last one by default
    scaled,   // the same, and number: epsilon
    channel,  // axis of the channels, 1 by default, and number: epsilon
  };
  std::vector<int64_t> axes;  // ascending, never negative
  bool keepdims = false;
  double number = 0;
};

struct ArrayCompositeInfo {
  std::string_view name;
  int least, most;            // operands
  TypeRule rule;              // of the first operand
  std::string_view operands;  // "x, weight, bias"
  ArrayOptions::Kind options;
  double number;  // the default of ArrayOptions::number
  std::string_view doc;
};

const ArrayCompositeInfo& info(ArrayComposite function);
inline std::string_view to_string(ArrayComposite function) { return info(function).name; }
/// Every row, in order.
std::span<const ArrayComposite> array_composites();

}  // namespace onepass::ir
