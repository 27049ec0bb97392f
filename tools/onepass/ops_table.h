// SPDX-License-Identifier: Apache-2.0
// The op table for people: as text, and as docs/ops.md.
#pragma once

#include <string>

namespace onepass::tool {

std::string ops_text();
std::string ops_markdown();

}  // namespace onepass::tool
