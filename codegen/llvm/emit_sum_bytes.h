// SPDX-License-Identifier: Apache-2.0
// Sums of products of bytes.
#pragma once

#include "onepass/codegen/llvm/phase_frame.h"
#include "onepass/codegen/loop_nest.h"

namespace onepass::codegen {

void emit_load_bytes(PhaseFrame& frame, const LoadBytes& load);
void emit_sum_bytes(PhaseFrame& frame, const SumBytes& sum);

}  // namespace onepass::codegen
