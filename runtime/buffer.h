// SPDX-License-Identifier: Apache-2.0
// Memory of arrays: uninitialised blocks from a process-wide pool, so that a repeated evaluation
// gets the pages that it had before and faults none in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace onepass::runtime {

/// Every buffer begins at a multiple of this many bytes.
inline constexpr size_t buffer_alignment = 64;

/// The pool keeps at most this many bytes of idle blocks; the ones idle for longest go first.
inline constexpr int64_t max_idle_bytes = int64_t{1} << 30;

/// Besides, every thread keeps at most this many, in blocks of at most 4096 bytes, until it ends.
inline constexpr int64_t max_thread_idle_bytes = int64_t{1} << 16;

/// Owns one block. Its contents are whatever was there; even an empty buffer has an address.
class Buffer {
 public:
  Buffer() = default;
  /// At least `bytes` bytes; SystemError if the system refuses.
  explicit Buffer(int64_t bytes);
  ~Buffer() { release(); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  std::byte* data() const { return data_; }
  /// The bytes asked for; the block may be up to a quarter larger.
  int64_t size() const { return size_; }

 private:
  void release() noexcept;

  std::byte* data_ = nullptr;
  int64_t size_ = 0;
};

/// The bytes of a block that holds `bytes`: four sizes to each doubling, in whole cache lines. -1
/// if none is as large.
int64_t block_bytes(int64_t bytes);

struct PoolStatistics {
  int64_t allocations = 0;  // blocks taken from the system
  int64_t reuses = 0;       // buffers served by an idle block
  int64_t bytes_in_use = 0;
  int64_t bytes_idle = 0;
};
PoolStatistics pool_statistics();

/// Gives all idle blocks back to the system but those that other threads keep.
void trim();

}  // namespace onepass::runtime
