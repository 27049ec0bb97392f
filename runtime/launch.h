// SPDX-License-Identifier: Apache-2.0
// Runs one kernel: binds its arguments, cuts the parallel loop into ranges, gives each task
// scratch.
#pragma once

#include <cstdint>
#include <span>

#include "onepass/runtime/array_view.h"
#include "onepass/runtime/kernel.h"

namespace onepass::runtime {

/// Runs all phases of `kernel` on `arrays` (indexed by Operand::array). Everything that can fail
/// happens before the first store. Uses at most the threads that ThreadScope and set_threads allow,
/// fewer where the work is small.
void launch(const Kernel& kernel, std::span<const ArrayView> arrays,
            std::span<const int64_t> symbol_values, std::span<const uint64_t> scalars);

/// What a launch is made from, for callers that hold their arrays in several places.
struct LaunchRequest {
  const KernelInterface& kernel;
  std::span<const ArrayView* const> arrays;
  std::span<const int64_t> symbol_values;
  std::span<const uint64_t> scalars;
};

/// Bytes of workspaces and scratch that a launch needs now, on this thread.
int64_t launch_bytes(const LaunchRequest& request);

/// As above. Uses `memory`, aligned like a Buffer, if it is as large as launch_bytes says; else the
/// launch finds its own.
void launch(const LaunchRequest& request, std::span<std::byte> memory = {});

}  // namespace onepass::runtime
