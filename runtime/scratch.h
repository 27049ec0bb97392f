// SPDX-License-Identifier: Apache-2.0
// Small scratch memory that each thread keeps, so that a launch that needs a little asks nobody.
#pragma once

#include <cstddef>
#include <cstdint>

#include "onepass/runtime/buffer.h"

namespace onepass::runtime {

/// The most that a thread keeps; larger needs are met by the buffer pool at each launch.
inline constexpr int64_t thread_scratch_bytes = int64_t{1} << 18;

/// Borrows the calling thread's scratch for a scope. A second borrower on the same thread gets a
/// buffer of its own.
class ThreadScratch {
 public:
  explicit ThreadScratch(int64_t bytes) {
    if (bytes > 0) borrow(bytes);
  }
  ~ThreadScratch() {
    if (borrowed_) give_back();
  }
  ThreadScratch(const ThreadScratch&) = delete;
  ThreadScratch& operator=(const ThreadScratch&) = delete;

  std::byte* data() const { return data_; }

 private:
  void borrow(int64_t bytes);
  void give_back();

  std::byte* data_ = nullptr;
  bool borrowed_ = false;
  Buffer own_;
};

}  // namespace onepass::runtime
