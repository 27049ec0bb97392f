// SPDX-License-Identifier: Apache-2.0
// onepass: expressions from the shell.
#include "exit_status.h"

int main(int argc, char** argv) { return onepass::tool::run_tool(argc, argv); }
