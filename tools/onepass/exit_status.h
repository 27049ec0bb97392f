// SPDX-License-Identifier: Apache-2.0
// What the tool answers to the shell.
#pragma once

namespace onepass::tool {

namespace exit_status {
inline constexpr int success = 0;
inline constexpr int user_error =
    1;                           // the expression, the data, or a file or memory that is not there
inline constexpr int usage = 2;  // the command line itself
inline constexpr int internal_error = 3;  // a bug of ours
}  // namespace exit_status

/// Parses the command line and runs the command. Errors are printed to stderr.
int run_tool(int argc, const char* const* argv);

}  // namespace onepass::tool
