// SPDX-License-Identifier: Apache-2.0
// Owns the cache services. They are never destroyed: static destructors of users may still
// evaluate.
#include "onepass/runtime/kernel_cache.h"

#include <pthread.h>

#include <algorithm>

#include "onepass/runtime/settings.h"

namespace onepass::runtime {
namespace {

template <class T>
struct Service {
  static TypedCache<T>& get() {
    static TypedCache<T>* const cache = make();
    return *cache;
  }

 private:
  static TypedCache<T>* make() {
    pthread_atfork([] { get().untyped().before_fork(); },
                   [] { get().untyped().after_fork_in_parent(); },
                   [] { get().untyped().after_fork_in_child(); });
    const int64_t entries = std::max<int64_t>(settings().cache_entries, 1);
    return new TypedCache<T>(static_cast<size_t>(entries));
  }
};

}  // namespace

TypedCache<Kernel>& kernel_cache() { return Service<Kernel>::get(); }

OnceCache& expression_cache() { return Service<void>::get().untyped(); }

}  // namespace onepass::runtime
