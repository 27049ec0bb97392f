// SPDX-License-Identifier: Apache-2.0
// Tells ThreadSanitizer of orderings that it cannot see because a library is not instrumented.
// Nothing otherwise.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define ONEPASS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ONEPASS_TSAN 1
#endif
#endif

#ifdef ONEPASS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace onepass::runtime {

#ifdef ONEPASS_TSAN
inline void tsan_acquire(void* address) { __tsan_acquire(address); }
inline void tsan_release(void* address) { __tsan_release(address); }
#else
inline void tsan_acquire(void*) {}
inline void tsan_release(void*) {}
#endif

}  // namespace onepass::runtime
