// SPDX-License-Identifier: Apache-2.0
// Finds host kernels, once the CPU is known to run them.
#include "onepass/ir/host_kernels.h"

#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

/// Half floats have no kernels: they are computed in f32.
constexpr HostKernelTable no_kernels = {};

const HostKernelTable& table_of(DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return host_kernels_boolean;
    case DType::i8:
      return host_kernels_i8;
    case DType::i16:
      return host_kernels_i16;
    case DType::i32:
      return host_kernels_i32;
    case DType::i64:
      return host_kernels_i64;
    case DType::u8:
      return host_kernels_u8;
    case DType::u16:
      return host_kernels_u16;
    case DType::u32:
      return host_kernels_u32;
    case DType::u64:
      return host_kernels_u64;
    case DType::f32:
      return host_kernels_f32;
    case DType::f64:
      return host_kernels_f64;
    case DType::f16:
    case DType::bf16:
      break;
  }
  return no_kernels;
}

void require_cpu() {
  static const bool runs = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                           __builtin_cpu_supports("bmi2");
  if (!runs) {
    throw UserError(
        "evaluate: this CPU is below x86-64-v3; onepass needs AVX2, FMA and BMI2. Run it on an "
        "Intel "
        "Haswell, AMD Zen or newer CPU.");
  }
}

}  // namespace

HostKernel host_kernel(OpCode op, DType dtype, Accuracy accuracy) {
  require_cpu();
  const HostKernelTable& table = table_of(dtype);
  const int row = static_cast<int>(op) - static_cast<int>(OpCode::add);
  return accuracy == Accuracy::strict ? table.strict[row] : table.fast[row];
}

HostRowProduct host_row_product(DType dtype) {
  require_cpu();
  return table_of(dtype).row_product;
}

HostKernel host_multiply_add(DType dtype) {
  require_cpu();
  return table_of(dtype).multiply_add;
}

HostKernel host_pow_kernel(double exponent, DType dtype) {
  require_cpu();
  for (size_t i = 0; i < std::size(literal_exponents); ++i) {
    if (literal_exponents[i] == exponent) return table_of(dtype).literal_power[i];
  }
  return nullptr;
}

}  // namespace onepass::ir
