// SPDX-License-Identifier: Apache-2.0
// The C library serves small blocks; large ones are mapped, aligned so that the kernel can back
// them by huge pages.
#include "onepass/runtime/system_memory.h"

#include <sys/mman.h>

#include <cstdlib>

#include "onepass/runtime/buffer.h"

#if defined(__SANITIZE_ADDRESS__)
#define ONEPASS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONEPASS_ASAN 1
#endif
#endif
#ifdef ONEPASS_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace onepass::runtime {
namespace {

constexpr size_t huge_page = size_t{2} << 20;
/// From here on rounding up to pages is small change and fewer TLB misses pay for the madvise.
constexpr size_t mapped_from = 2 * huge_page;

/// Maps one huge page more than needed and gives back what lies outside the aligned middle.
std::byte* map_aligned(size_t bytes) {
  const size_t mapped = bytes + huge_page;
  void* const base =
      mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  const auto address = reinterpret_cast<uintptr_t>(base);
  const size_t before = (huge_page - address % huge_page) % huge_page;
  auto* const data = static_cast<std::byte*>(base) + before;
  if (before > 0) munmap(base, before);
  if (huge_page > before) munmap(data + bytes, huge_page - before);
  // Only advice: without huge pages everything works, slower.
  madvise(data, bytes, MADV_HUGEPAGE);
  return data;
}

}  // namespace

std::byte* system_allocate(int64_t bytes) noexcept {
  const auto size = static_cast<size_t>(bytes);
  if (size >= mapped_from) return map_aligned(size);
  return static_cast<std::byte*>(std::aligned_alloc(buffer_alignment, size));
}

void system_free(std::byte* data, int64_t bytes) noexcept {
  mark_used(data, bytes);
  if (static_cast<size_t>(bytes) >= mapped_from) {
    munmap(data, static_cast<size_t>(bytes));
  } else {
    std::free(data);
  }
}

#ifdef ONEPASS_ASAN
void mark_idle(const std::byte* data, int64_t bytes) noexcept {
  __asan_poison_memory_region(data, static_cast<size_t>(bytes));
}
void mark_used(const std::byte* data, int64_t bytes) noexcept {
  __asan_unpoison_memory_region(data, static_cast<size_t>(bytes));
}
#else
void mark_idle(const std::byte*, int64_t) noexcept {}
void mark_used(const std::byte*, int64_t) noexcept {}
#endif

}  // namespace onepass::runtime
