// SPDX-License-Identifier: Apache-2.0
// onepass-prove: the accuracy of the op table, measured on all inputs.
#include "command_line.h"

int main(int argc, char** argv) { return onepass::prove::run_prove(argc, argv); }
