// SPDX-License-Identifier: Apache-2.0
// Blocks from the operating system for the buffer pool, and what AddressSanitizer should think of
// idle ones.
#pragma once

#include <cstddef>
#include <cstdint>

namespace onepass::runtime {

/// An uninitialised block, aligned to 64 bytes; large ones to huge pages. Null if the system
/// refuses.
std::byte* system_allocate(int64_t bytes) noexcept;

/// Frees a block of system_allocate, with the same `bytes`.
void system_free(std::byte* data, int64_t bytes) noexcept;

/// From now on a touch of these bytes is an error, or none again.
void mark_idle(const std::byte* data, int64_t bytes) noexcept;
void mark_used(const std::byte* data, int64_t bytes) noexcept;

}  // namespace onepass::runtime
