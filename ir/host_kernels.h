// SPDX-License-Identifier: Apache-2.0
// The element-wise ops as functions over dense blocks: one table per element type, compiled for
// x86-64-v3.
#pragma once

#include <cstdint>
#include <iterator>

#include "onepass/ir/modes.h"
#include "onepass/ir/op.h"
#include "onepass/runtime/dtype.h"

namespace onepass::ir {

/// output[i] = op(inputs[0][i], inputs[1][i], ...) for i in [0, count). Booleans are bytes 0 and 1.
/// The output may be one of the inputs.
using HostKernel = void (*)(const void* const* inputs, void* output, int64_t count);

/// The kernel of `op` on operands of `dtype` (of `where`: its second and third). Null where the
/// op's rule refuses the dtype, and for f16 and bf16. UserError on a CPU below x86-64-v3.
HostKernel host_kernel(OpCode op, DType dtype, Accuracy accuracy);

/// The kernel of pow with a literal exponent: one of -2, -1, -0.5, 0.5, 2, 3, 4.
HostKernel host_pow_kernel(double exponent, DType dtype);

inline constexpr int elementwise_op_count = 0
#define ONEPASS_OP(name, ...) +1
#include "onepass/ir/ops.def"
    ;

/// sums[i] = factor * row[i] + sums[i], fused for floats: a step of a matrix product.
using HostRowProduct = void (*)(const void* factor, const void* row, void* sums, int64_t count);

/// Null for boolean, f16 and bf16.
HostRowProduct host_row_product(DType dtype);
/// output[i] = inputs[0][i] * inputs[1][i] + inputs[2][i], fused for floats. Null as above.
HostKernel host_multiply_add(DType dtype);

/// The literal exponents of pow.
inline constexpr double literal_exponents[] = {-2, -1, -0.5, 0.5, 2, 3, 4};

/// What a host_kernels_<dtype>.cpp provides, in the order of ops.def and of literal_exponents.
struct HostKernelTable {
  HostKernel strict[elementwise_op_count];
  HostKernel fast[elementwise_op_count];
  HostKernel literal_power[std::size(literal_exponents)];
  HostKernel multiply_add;
  HostRowProduct row_product;
};

#define ONEPASS_DTYPE(name, ...) extern const HostKernelTable host_kernels_##name;
#include "onepass/runtime/dtype.def"

}  // namespace onepass::ir
