// SPDX-License-Identifier: Apache-2.0
// What the environment decides, stamped from settings.def and read once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace onepass::runtime {

struct Settings {
  using text = std::string;
  using list = std::vector<std::string>;
  using number = int64_t;
  using flag = bool;
#define ONEPASS_SETTING(field, variable, kind, default_text, doc) kind field{};
#include "onepass/runtime/settings.def"
};

/// The value of an environment variable, or null if it is not set.
using Environment = std::function<const char*(const char* variable)>;

/// Settings as `environment` has them. UserError on a value that its row does not allow.
Settings read_settings(const Environment& environment);

/// The settings of this process: the environment at the first call.
const Settings& settings();

/// One line per setting: variable, value in `environment`, default and meaning.
std::string settings_table(const Environment& environment);
/// The same for the environment of this process.
std::string settings_table();

/// The folder for repro files: the setting, or the system's folder for temporary files.
std::string repro_directory();

}  // namespace onepass::runtime
