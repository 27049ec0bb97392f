// SPDX-License-Identifier: Apache-2.0
// The reasons of edge_reasons.def as data.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace onepass::ir {

enum class EdgeReason : uint8_t {
#define ONEPASS_EDGE_REASON(name, doc) name,
#include "onepass/ir/edge_reasons.def"
};

inline constexpr std::string_view edge_reason_names[] = {
#define ONEPASS_EDGE_REASON(name, doc) #name,
#include "onepass/ir/edge_reasons.def"
};

constexpr std::string_view to_string(EdgeReason reason) {
  return edge_reason_names[static_cast<int>(reason)];
}
constexpr std::optional<EdgeReason> edge_reason_from_name(std::string_view name) {
  for (size_t i = 0; i < std::size(edge_reason_names); ++i) {
    if (edge_reason_names[i] == name) return static_cast<EdgeReason>(i);
  }
  return std::nullopt;
}

}  // namespace onepass::ir
