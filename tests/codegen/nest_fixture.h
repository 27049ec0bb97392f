// SPDX-License-Identifier: Apache-2.0
// Hand-written loop nests for the tests of code generation: short spellings, and running one phase
// on plain vectors.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "onepass/codegen/affine.h"
#include "onepass/codegen/jit.h"
#include "onepass/codegen/loop_nest.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/half.h"

namespace onepass::codegen::testing {

/// What this CPU can run.
inline std::vector<Target> targets() {
  std::vector<Target> result = {{InstructionSet::x86_64_v3}};
  const runtime::CpuInfo& cpu = runtime::cpu_info();
  if (cpu.x86_64_v4) result.push_back({InstructionSet::x86_64_v4, false, cpu.avx512_vnni});
  return result;
}

/// A nest under construction. Integer 0 is the extent n; others are added by `integer`.
struct TestNest {
  LoopNest nest;

  TestNest() {
    nest.name = "test";
    integer();
  }
  int integer() {
    nest.interface.integers.push_back({});
    return static_cast<int>(nest.interface.integers.size()) - 1;
  }
  VariableId variable(const char* name) {
    nest.variables.push_back(name);
    return static_cast<VariableId>(nest.variables.size()) - 1;
  }
  ValueId value() { return nest.value_count++; }
  ArrayId buffer(DType dtype, bool written = false) {
    Array array;
    array.name = "b" + std::to_string(nest.arrays.size());
    array.dtype = dtype;
    array.buffer = static_cast<int>(nest.interface.operands.size());
    array.written = written;
    nest.interface.operands.push_back({});
    nest.arrays.push_back(array);
    return static_cast<ArrayId>(nest.arrays.size()) - 1;
  }
  ArrayId local(Array::Space space, DType dtype, int64_t elements, int lanes = 1) {
    Array array;
    array.name = "l" + std::to_string(nest.arrays.size());
    array.dtype = dtype;
    array.space = space;
    array.elements = elements;
    array.lanes = lanes;
    array.written = true;
    nest.arrays.push_back(array);
    return static_cast<ArrayId>(nest.arrays.size()) - 1;
  }
};

inline Affine extent() { return parameter(0); }

inline For loop(LoopKind kind, VariableId variable, Affine begin, Bound end, int64_t step,
                std::vector<Statement> body) {
  For result;
  result.kind = kind;
  result.variable = variable;
  result.begin = std::move(begin);
  result.end = std::move(end);
  result.step = step;
  result.body = std::move(body);
  return result;
}

/// parallel i over n in chunks, and inside of it one vector loop over the chunk.
inline std::vector<Statement> vector_phase(VariableId i, VariableId j, int lanes,
                                           std::vector<Statement> body, int64_t chunk = 256) {
  return {loop(LoopKind::parallel, i, constant(0), bound(extent()), chunk,
               {loop(LoopKind::vector, j, codegen::variable(i),
                     bound(codegen::variable(i) + chunk, extent()), lanes, std::move(body))})};
}

/// What the phases of a nest run on.
struct Call {
  std::vector<void*> buffers;
  std::vector<int64_t> integers;
  std::vector<uint64_t> scalars;
};

/// Runs all phases over [0, n), where n is integer 0; without a parallel loop the range is ignored.
inline void run(const MachineCode& code, const Call& call) {
  constexpr size_t scratch_bytes = size_t{1} << 20;
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> scratch(scratch_bytes / sizeof(Line));
  std::vector<std::byte*> buffers;
  for (void* buffer : call.buffers) buffers.push_back(static_cast<std::byte*>(buffer));
  const runtime::Arguments arguments{buffers.data(), call.integers.data(), call.scalars.data(),
                                     scratch.data()->bytes};
  for (const runtime::PhaseFunction phase : code.phases) phase(&arguments, 0, call.integers[0]);
}

/// Bytes of an array of any element type, with guard bytes behind it.
class Bytes {
 public:
  static constexpr size_t guard = 64;
  static constexpr std::byte guard_value{0xA5};

  Bytes(DType dtype, int64_t count)
      : size_(static_cast<size_t>(count * byte_size(dtype))), bytes_(size_ + guard, guard_value) {}

  void* data() { return bytes_.data(); }
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(bytes_.data());
  }
  template <class T>
  T at(int64_t i) const {
    T value;
    std::memcpy(&value, bytes_.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    return value;
  }
  bool guard_is_intact() const {
    for (size_t i = size_; i < bytes_.size(); ++i)
      if (bytes_[i] != guard_value) return false;
    return true;
  }

 private:
  size_t size_;
  std::vector<std::byte> bytes_;
};

/// Equal bits, or both NaN.
inline bool same_element(DType dtype, const Bytes& a, const Bytes& b, int64_t i) {
  switch (dtype) {
    case DType::f32: {
      const float x = a.at<float>(i), y = b.at<float>(i);
      return (x != x && y != y) || std::memcmp(&x, &y, sizeof x) == 0;
    }
    case DType::f64: {
      const double x = a.at<double>(i), y = b.at<double>(i);
      return (x != x && y != y) || std::memcmp(&x, &y, sizeof x) == 0;
    }
    case DType::f16: {
      const Float16 x = a.at<Float16>(i), y = b.at<Float16>(i);
      const float p = to_float(x), q = to_float(y);
      return (p != p && q != q) || x.bits == y.bits;
    }
    case DType::bf16: {
      const BFloat16 x = a.at<BFloat16>(i), y = b.at<BFloat16>(i);
      const float p = to_float(x), q = to_float(y);
      return (p != p && q != q) || x.bits == y.bits;
    }
    default:
      return visit_dtype(dtype, [&](auto zero) {
        using T = decltype(zero);
        const T x = a.at<T>(i), y = b.at<T>(i);
        return std::memcmp(&x, &y, sizeof x) == 0;
      });
  }
}

/// The element as hexadecimal bits, for messages.
inline std::string bits_text(DType dtype, const Bytes& bytes, int64_t i) {
  uint64_t bits = 0;
  const auto size = static_cast<size_t>(byte_size(dtype));
  std::memcpy(&bits,
              static_cast<const std::byte*>(const_cast<Bytes&>(bytes).data()) +
                  static_cast<size_t>(i) * size,
              size);
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(bits));
  return text;
}

}  // namespace onepass::codegen::testing
