// SPDX-License-Identifier: Apache-2.0
// The functions of composites.def as data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "onepass/ir/op.h"

namespace onepass::ir {

enum class Composite : uint8_t {
#define ONEPASS_COMPOSITE(name, ...) name,
#include "onepass/ir/composites.def"
};

struct CompositeInfo {
  std::string_view name;
  int arity;
  TypeRule rule;                // of the first parameter
  std::string_view parameters;  // "x, slope"
  std::string_view doc;
};

const CompositeInfo& info(Composite function);
inline std::string_view to_string(Composite function) { return info(function).name; }
std::optional<Composite> composite_from_name(std::string_view name);
/// Every row, in order.
std::span<const Composite> composites();

}  // namespace onepass::ir
