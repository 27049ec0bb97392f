// SPDX-License-Identifier: Apache-2.0
// Tensors to test with: for every dtype ordinary and special values, in every kind of layout.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "onepass/engine/onepass.h"

namespace onepass::testing {

/// Elements of `dtype`: special values first (zeros of both signs, infinities, NaN, subnormals,
/// extremes), then ordinary ones. The same seed gives the same tensor on every machine.
Tensor sample_tensor(DType dtype, const Shape& shape, uint64_t seed);

/// How the operands of one op lie in memory.
enum class SampleLayout : uint8_t {
  dense,       // one long dimension, not a multiple of any vector
  broadcast,   // a column against a row
  strided,     // every second element of a longer tensor
  reversed,    // a negative stride
  offset,      // an unaligned start inside a row
  transposed,  // column-major against row-major
  empty,       // an extent of 0
  scalar,      // no dimensions
  single,      // one element in two dimensions
};
std::vector<SampleLayout> sample_layouts();
std::string_view to_string(SampleLayout layout);

/// Operand number `operand` of an op in that layout; operands of one call broadcast against each
/// other.
Tensor sample_operand(DType dtype, SampleLayout layout, int operand);

/// The dtypes of the operands of an op whose rule accepts `dtype`.
std::vector<DType> operand_dtypes(ir::OpCode op, DType dtype);

/// The dtypes that an op accepts.
std::vector<DType> accepted_dtypes(ir::OpCode op);

/// True if shapes and dtypes agree and every element has the same bits, or is NaN in both.
bool same_bits(const Tensor& a, const Tensor& b);

/// A hash of shape, dtype and bits, every NaN counting as one.
uint64_t digest(const Tensor& tensor);

}  // namespace onepass::testing
