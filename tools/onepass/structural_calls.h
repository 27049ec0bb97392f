// SPDX-License-Identifier: Apache-2.0
// The functions of whole arrays as the command line spells them: those of engine/structural.h.
#pragma once

#include <span>
#include <string_view>

#include "onepass/engine/onepass.h"

namespace onepass::tool {

class CallArguments;

struct StructuralCall {
  std::string_view signature;  // = marks a parameter that may be left out, and shows its default
  Value (*build)(const CallArguments& arguments);

  std::string_view name() const { return signature.substr(0, signature.find('(')); }
};

/// The functions of engine/structural.h, and those of engine/array_functions.h, which are made of
/// others.
std::span<const StructuralCall> structural_calls();
std::span<const StructuralCall> array_composite_calls();
/// By name, in both.
const StructuralCall* find_structural_call(std::string_view name);

}  // namespace onepass::tool
