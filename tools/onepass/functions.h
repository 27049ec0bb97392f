// SPDX-License-Identifier: Apache-2.0
// What can be called: the rows of the op table, the composites, and the functions of whole arrays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "onepass/ir/composite.h"
#include "onepass/ir/op.h"
#include "structural_calls.h"

namespace onepass::tool {

using Function = std::variant<ir::OpCode, ir::Composite, const StructuralCall*>;

std::optional<Function> find_function(std::string_view name);

/// Every name that find_function knows.
std::vector<std::string_view> function_names();

/// How the function is called: "sum(x, axis=all, keepdims=False)".
std::string signature(const Function& function);

}  // namespace onepass::tool
