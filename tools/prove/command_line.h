// SPDX-License-Identifier: Apache-2.0
// onepass-prove as the shell sees it.
#pragma once

namespace onepass::prove {

namespace exit_status {
inline constexpr int proven = 0;
inline constexpr int violated = 1;  // a bound, or the agreement of the emitters
inline constexpr int usage = 2;     // the command line, or a file that cannot be written
inline constexpr int internal_error = 3;
}  // namespace exit_status

int run_prove(int argc, const char* const* argv);

}  // namespace onepass::prove
