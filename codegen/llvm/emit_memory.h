// SPDX-License-Identifier: Apache-2.0
// Loads and stores of a loop nest: contiguous, broadcast, strided, partial, and register arrays.
#pragma once

#include "onepass/codegen/llvm/phase_frame.h"

namespace onepass::codegen {

/// AVX2 masks elements of 4 and 8 bytes only, AVX-512 all.
bool masks_in_hardware(const Target& target, DType dtype);

void emit_load(PhaseFrame& frame, const Load& load);
void emit_store(PhaseFrame& frame, const Store& store);
void emit_prefetch(PhaseFrame& frame, const Prefetch& prefetch);

/// Whether every streamed store of `loop` writes whole aligned vectors when `loop` starts at its
/// begin, none of them to memory that was just read: an i1 known at run time. Null if the loop has
/// no store that could bypass the caches.
llvm::Value* may_stream_stores(PhaseFrame& frame, const For& loop);

}  // namespace onepass::codegen
