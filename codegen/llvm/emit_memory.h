// SPDX-License-Identifier: Apache-2.0
// Loads and stores of a loop nest: contiguous, broadcast, strided, partial, and register arrays.
#pragma once

#include "onepass/codegen/llvm/phase_frame.h"

namespace onepass::codegen {

void emit_load(PhaseFrame& frame, const Load& load);
void emit_store(PhaseFrame& frame, const Store& store);
void emit_prefetch(PhaseFrame& frame, const Prefetch& prefetch);

/// Whether every streamed store of `loop` writes whole aligned vectors when `loop` starts at its
/// begin, none of them to memory that was just read: an i1 known at run time. Null if the loop has
/// no store that could bypass the caches.
llvm::Value* may_stream_stores(PhaseFrame& frame, const For& loop);

}  // namespace onepass::codegen
