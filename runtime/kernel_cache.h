// SPDX-License-Identifier: Apache-2.0
// The process-wide caches of compiled kernels and of what the engine keeps.
#pragma once

#include "onepass/runtime/kernel.h"
#include "onepass/runtime/once_cache.h"

namespace onepass::runtime {

/// Kernels by the canonical bytes of what they compute. Bounded by setting ONEPASS_CACHE_ENTRIES.
TypedCache<Kernel>& kernel_cache();

/// What the engine keeps of each expression, by everything that decides its code. Bounded like the
/// kernels.
OnceCache& expression_cache();

}  // namespace onepass::runtime
