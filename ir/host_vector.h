// SPDX-License-Identifier: Apache-2.0
// Lanes on the host: vectors of 32 bytes by the vector extensions of GCC and Clang, masks,
// functions of one lane.
//
// Only host_kernels_<dtype>.cpp may include this file: those are compiled for x86-64-v3. All of it
// has internal linkage and no standard header with code is included, so that nothing compiled for
// that level can be linked in elsewhere. Plain loops over a struct of lanes are taken apart into
// scalars by GCC 12 before it vectorises; vectors are not.
#pragma once

#include <cstdint>

namespace onepass::ir {
namespace {

inline constexpr int host_vector_bytes = 32;

template <int Bytes>
struct IntegerOfSize;
template <>
struct IntegerOfSize<1> {
  using Signed = int8_t;
  using Unsigned = uint8_t;
};
template <>
struct IntegerOfSize<2> {
  using Signed = int16_t;
  using Unsigned = uint16_t;
};
template <>
struct IntegerOfSize<4> {
  using Signed = int32_t;
  using Unsigned = uint32_t;
};
template <>
struct IntegerOfSize<8> {
  using Signed = int64_t;
  using Unsigned = uint64_t;
};

template <class T>
struct HostVector {
  typedef T Type __attribute__((vector_size(host_vector_bytes)));
};

/// Masks are all ones or all zeros in each lane; they look the same for every type of one size.
template <class T>
class HostMasks {
 public:
  using Lane = typename IntegerOfSize<sizeof(T)>::Signed;
  using Lanes = typename HostVector<Lane>::Type;
  struct Mask {
    Lanes lanes;
  };
  static constexpr int lane_count = host_vector_bytes / static_cast<int>(sizeof(T));

  Mask mask_and(Mask a, Mask b) { return {a.lanes & b.lanes}; }
  Mask mask_or(Mask a, Mask b) { return {a.lanes | b.lanes}; }
  Mask mask_xor(Mask a, Mask b) { return {a.lanes ^ b.lanes}; }
  Mask mask_not(Mask a) { return {~a.lanes}; }

  bool any(Mask m) {
    using Words = typename HostVector<int64_t>::Type;
    const Words words = reinterpret_cast<Words>(m.lanes);
    return (words[0] | words[1] | words[2] | words[3]) != 0;
  }
};

/// The functions that the compiler has for one number but not for a vector; lane by lane it makes
/// one instruction of them. Integers never get there.
template <class T>
struct HostScalar {
  static T fma(T, T, T c) { return c; }
  static T sqrt(T x) { return x; }
  static T round(T x) { return x; }
  static T floor(T x) { return x; }
  static T ceil(T x) { return x; }
  static T trunc(T x) { return x; }
};
template <>
struct HostScalar<float> {
  static float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static float sqrt(float x) { return __builtin_sqrtf(x); }
  static float round(float x) { return __builtin_rintf(x); }
  static float floor(float x) { return __builtin_floorf(x); }
  static float ceil(float x) { return __builtin_ceilf(x); }
  static float trunc(float x) { return __builtin_truncf(x); }
};
template <>
struct HostScalar<double> {
  static double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
  static double sqrt(double x) { return __builtin_sqrt(x); }
  static double round(double x) { return __builtin_rint(x); }
  static double floor(double x) { return __builtin_floor(x); }
  static double ceil(double x) { return __builtin_ceil(x); }
  static double trunc(double x) { return __builtin_trunc(x); }
};

}  // namespace
}  // namespace onepass::ir
