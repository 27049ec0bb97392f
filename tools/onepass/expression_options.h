// SPDX-License-Identifier: Apache-2.0
// The arguments that every command with an expression has.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "onepass/engine/onepass.h"

namespace onepass::tool {

struct ExpressionOptions {
  std::string expression;
  std::vector<std::string> bindings;
  std::string mode = "fused";
  std::string accuracy = "strict";
  std::string provider;
  int threads = 0;
  uint64_t seed = 0;

  /// Adds expression and bindings; answers the option of the expression.
  CLI::Option* add_expression(CLI::App& command);
  void add_mode(CLI::App& command);
  /// Adds --threads, --accuracy and --seed.
  void add_choices(CLI::App& command);
  void add_provider(CLI::App& command);

  EvaluateOptions evaluate_options() const;
};

/// The names of the modes, and the mode of a name that is one of them.
std::vector<std::string> mode_names();
Mode mode_from_name(std::string_view name);
std::string_view to_string(Mode mode);

}  // namespace onepass::tool
