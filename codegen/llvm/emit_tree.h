// SPDX-License-Identifier: Apache-2.0
// The steps of the fixed reduction tree.
#pragma once

#include "onepass/codegen/llvm/phase_frame.h"

namespace onepass::codegen {

void emit_tree_push(PhaseFrame& frame, const TreePush& push);
void emit_tree_fold(PhaseFrame& frame, const TreeFold& fold);
void emit_lane_fold(PhaseFrame& frame, const LaneFold& fold);

}  // namespace onepass::codegen
