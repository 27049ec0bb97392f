// SPDX-License-Identifier: Apache-2.0
// An array of a size known at run time that lives on the stack when it is short: for the warm path
// of a launch.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "onepass/runtime/buffer.h"

namespace onepass::runtime {

/// Elements begin uninitialised. More than `inline_count` of them lie in a pooled buffer, so that
/// even then a repeated call does not ask the system for memory.
template <class T, size_t inline_count>
class SmallArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  explicit SmallArray(size_t size) : size_(size), data_(reinterpret_cast<T*>(inline_)) {
    if (size > inline_count) [[unlikely]] {
      overflow_ = Buffer(static_cast<int64_t>(size * sizeof(T)));
      data_ = reinterpret_cast<T*>(overflow_.data());
    }
  }
  SmallArray(const SmallArray&) = delete;
  SmallArray& operator=(const SmallArray&) = delete;

  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  std::span<const T> span() const { return {data_, size_}; }

 private:
  size_t size_;
  T* data_;
  Buffer overflow_;
  alignas(T) std::byte inline_[inline_count * sizeof(T)];
};

}  // namespace onepass::runtime
