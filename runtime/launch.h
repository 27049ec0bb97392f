// SPDX-License-Identifier: Apache-2.0
// Runs one kernel: binds its arguments, cuts the parallel loop into ranges, gives each task scratch.
#pragma once

#include <cstdint>
#include <span>

#include "onepass/runtime/array_view.h"
#include "onepass/runtime/kernel.h"

namespace onepass::runtime {

/// Runs all phases of `kernel` on `arrays` (indexed by Operand::array). Everything that can fail happens before the
/// first store. Uses at most the threads that ThreadScope and set_threads allow, fewer where the work is small.
void launch(const Kernel& kernel, std::span<const ArrayView> arrays,
            std::span<const int64_t> symbol_values, std::span<const uint64_t> scalars);

}  // namespace onepass::runtime
