// SPDX-License-Identifier: Apache-2.0
// The process-wide caches of compiled kernels and programs.
#pragma once

#include "onepass/runtime/kernel.h"
#include "onepass/runtime/once_cache.h"
#include "onepass/runtime/program.h"

namespace onepass::runtime {

/// Kernels by the canonical bytes of what they compute. Bounded by setting ONEPASS_CACHE_ENTRIES.
TypedCache<Kernel>& kernel_cache();

/// Programs by the canonical bytes of their graph and guard. Bounded like the kernels.
TypedCache<Program>& program_cache();

/// What the engine keeps of each expression, by everything that decides its code. Bounded like the
/// kernels.
OnceCache& expression_cache();

}  // namespace onepass::runtime
