// SPDX-License-Identifier: Apache-2.0
// The commands: each adds itself to the command line and runs when it is chosen.
#pragma once

#include <CLI/CLI.hpp>

namespace onepass::tool {

void add_eval_command(CLI::App& app);
void add_explain_command(CLI::App& app);
void add_bench_command(CLI::App& app);
void add_tune_command(CLI::App& app);
void add_info_command(CLI::App& app);
void add_ops_command(CLI::App& app);

}  // namespace onepass::tool
