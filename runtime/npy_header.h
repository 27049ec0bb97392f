// SPDX-License-Identifier: Apache-2.0
// The header of a .npy file: parsed without trust, written as NumPy writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "onepass/runtime/dtype.h"
#include "onepass/runtime/shape.h"

namespace onepass::runtime {

struct NpyHeader {
  DType dtype = DType::f32;
  bool fortran_order = false;
  Shape shape;
  int64_t data_offset = 0;  // from the beginning of the file
  int64_t data_bytes = 0;
};

/// Reads the header at the beginning of `file`. UserError, naming `name`, on whatever is not a
/// header of versions 1.0 to 3.0 with a type and a size that we have. Says nothing about the data
/// after it.
NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& name);

/// The bytes before the data of an array, a multiple of 64. UserError if NumPy has no such type.
std::string make_npy_header(DType dtype, bool fortran_order, const Shape& shape,
                            const std::string& name);

}  // namespace onepass::runtime
