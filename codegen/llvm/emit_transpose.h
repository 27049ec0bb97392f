// SPDX-License-Identifier: Apache-2.0
// Blocks of memory turned over through registers.
#pragma once

#include "onepass/codegen/llvm/phase_frame.h"

namespace onepass::codegen {

void emit_load_turned(PhaseFrame& frame, const LoadTurned& load);
void emit_transpose(PhaseFrame& frame, const Transpose& transpose);

}  // namespace onepass::codegen
