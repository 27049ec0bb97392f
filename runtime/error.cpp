// SPDX-License-Identifier: Apache-2.0
// The text of internal errors: what, and where it was noticed.
#include "onepass/runtime/error.h"

#include <fmt/format.h>

#include <string_view>

namespace onepass {
namespace {

std::string_view file_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

InternalError::InternalError(const std::string& what, std::source_location where)
    : Error(fmt::format("{} ({}:{})", what, file_name(where.file_name()), where.line())) {}

}  // namespace onepass
