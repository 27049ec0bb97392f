// SPDX-License-Identifier: Apache-2.0
// Reads the environment by the rows of settings.def. Owns the settings service.
#include "onepass/runtime/settings.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string_view>

#include "onepass/runtime/error.h"

namespace onepass::runtime {
namespace {

void read_value(const char*, std::string_view text, std::string& value) { value = text; }

void read_value(const char*, std::string_view text, std::vector<std::string>& value) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) value.emplace_back(item);
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
}

void read_value(const char* variable, std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc{} || end != text.end() || value < 0) {
    throw UserError(fmt::format("settings: {} is '{}'; it must be an integer that is not negative.",
                                variable, text));
  }
}

void read_value(const char* variable, std::string_view text, bool& value) {
  if (text != "0" && text != "1") {
    throw UserError(fmt::format("settings: {} is '{}'; it must be 0 or 1.", variable, text));
  }
  value = text == "1";
}

const char* process_environment(const char* variable) { return std::getenv(variable); }

}  // namespace

Settings read_settings(const Environment& environment) {
  Settings result;
  // An empty value counts as not set, as `VARIABLE= command` means in a shell.
#define ONEPASS_SETTING(field, variable, kind, default_text, doc)    \
  {                                                                  \
    const char* text = environment(variable);                        \
    const bool given = text != nullptr && *text != '\0';             \
    read_value(variable, given ? text : default_text, result.field); \
  }
#include "onepass/runtime/settings.def"
  return result;
}

const Settings& settings() {
  static const Settings* const service = new Settings(read_settings(process_environment));
  return *service;
}

std::string settings_table(const Environment& environment) {
  std::string table;
  const auto row = [&](const char* variable, const char* default_text, const char* doc) {
    const char* text = environment(variable);
    fmt::format_to(std::back_inserter(table), "{:<24} {:<14} default {:<6} {}\n", variable,
                   text == nullptr ? "(not set)" : text, *default_text == '\0' ? "-" : default_text,
                   doc);
  };
#define ONEPASS_SETTING(field, variable, kind, default_text, doc) row(variable, default_text, doc);
#include "onepass/runtime/settings.def"
  return table;
}

std::string settings_table() { return settings_table(process_environment); }

std::string repro_directory() {
  if (!settings().repro_dir.empty()) return settings().repro_dir;
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

}  // namespace onepass::runtime
