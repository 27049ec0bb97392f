// SPDX-License-Identifier: Apache-2.0
// The stages that explain shows, by name.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace onepass {
class Explanation;
}

namespace onepass::tool {

class GraphReplay;

/// graph passes fused loops llvm asm dot edges all.
std::vector<std::string> stage_names();

/// Prints one stage, every stage under a heading (all), or a summary (an empty name).
void print_stage(std::ostream& stream, const std::string& stage, const Explanation& explanation);
void print_stage(std::ostream& stream, const std::string& stage, const GraphReplay& replay);

}  // namespace onepass::tool
