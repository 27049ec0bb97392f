// SPDX-License-Identifier: Apache-2.0
// Parts of long texts: chosen lines, the inner loop of LLVM IR or assembly, a marked region of a
// source file.
#pragma once

#include <string>

namespace onepass::docs {

/// The lines that `ranges` names, as in "1, 8-21, last 3", counted from 1; "..." stands for what is
/// left out.
std::string chosen_lines(const std::string& text, const std::string& ranges);

/// The longest basic block that jumps back to its own beginning, with its label.
std::string assembly_loop(const std::string& assembly);
std::string llvm_loop(const std::string& llvm_ir);

/// What lies between `// [name]` and `// [/name]`, moved to the left margin.
std::string region(const std::string& source, const std::string& name);

}  // namespace onepass::docs
