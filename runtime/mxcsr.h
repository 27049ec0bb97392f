// SPDX-License-Identifier: Apache-2.0
// The floating point mode of a thread: what every computation runs under, and how a caller gets its
// own back.
#pragma once

#include <xmmintrin.h>

#include <cstdint>

namespace onepass::runtime {

/// Round to nearest, subnormals kept, all exceptions masked.
inline constexpr uint32_t default_mxcsr = 0x1F80;
/// The bits that decide results; the lower six only record what happened.
inline constexpr uint32_t mxcsr_control_mask = 0xFFC0;

/// Within its lifetime the calling thread computes in the default mode. Code linked with
/// -ffast-math sets FTZ and DAZ for its whole process, so this is checked wherever a thread begins
/// to compute; usually it is one comparison.
class FloatingPointDefaults {
 public:
  FloatingPointDefaults() : previous_(_mm_getcsr()) {
    if (differs()) [[unlikely]]
      _mm_setcsr(default_mxcsr);
  }
  ~FloatingPointDefaults() {
    if (differs()) [[unlikely]]
      _mm_setcsr(previous_);
  }
  FloatingPointDefaults(const FloatingPointDefaults&) = delete;
  FloatingPointDefaults& operator=(const FloatingPointDefaults&) = delete;

 private:
  bool differs() const { return (previous_ & mxcsr_control_mask) != default_mxcsr; }

  uint32_t previous_;
};

}  // namespace onepass::runtime
