// SPDX-License-Identifier: Apache-2.0
// Recycles small objects of one type: an evaluation makes a tensor header and a storage, and must
// not pay malloc for them.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace onepass {

/// Memory for objects of type T from a list of idle pieces that each thread keeps. A piece may be
/// given back on another thread than it was taken on, and after the list of a thread has ended.
template <class T>
class ObjectPool {
 public:
  template <class... Arguments>
  static T* make(Arguments&&... arguments) {
    static_assert(std::is_nothrow_constructible_v<T, Arguments...>);
    return new (take()) T(std::forward<Arguments>(arguments)...);
  }
  static void destroy(T* object) noexcept {
    object->~T();
    give_back(object);
  }

 private:
  static constexpr int max_idle = 64;  // per thread

  union Piece {
    Piece* next;
    alignas(T) std::byte bytes[sizeof(T)];
  };

  /// Needs no construction, so that objects destroyed after the thread's other data still find it.
  struct Idle {
    Piece* first;
    int count;
    bool ended;
  };
  /// Frees the pieces when the thread ends.
  struct Cleaner {
    ~Cleaner() {
      idle.ended = true;
      while (idle.first != nullptr) delete std::exchange(idle.first, idle.first->next);
    }
  };

  static void* take() {
    if (idle.first == nullptr) return new Piece;
    --idle.count;
    return std::exchange(idle.first, idle.first->next);
  }
  static void give_back(T* object) noexcept {
    auto* const piece = reinterpret_cast<Piece*>(object);
    if (idle.ended || idle.count == max_idle) {
      delete piece;
      return;
    }
    if (idle.first == nullptr) start_cleaner();
    piece->next = std::exchange(idle.first, piece);
    ++idle.count;
  }
  static void start_cleaner() {
    static thread_local Cleaner cleaner;
    static_cast<void>(cleaner);
  }

  static inline thread_local constinit Idle idle{nullptr, 0, false};
};

}  // namespace onepass
