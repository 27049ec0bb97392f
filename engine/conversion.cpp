// SPDX-License-Identifier: Apache-2.0
// Strided arrays and single numbers through the conversion that the IR defines.
#include "onepass/engine/conversion.h"

#include "onepass/ir/convert_elements.h"
#include "onepass/runtime/buffer.h"
#include "onepass/runtime/mxcsr.h"

namespace onepass {

void convert_elements(const runtime::ArrayView& source, void* target, DType dtype) {
  if (source.dtype == dtype) {
    return copy_elements(source, runtime::dense_view(target, dtype, source.shape));
  }
  const int64_t count = element_count(source.shape);
  runtime::ArrayView dense = source;
  runtime::Buffer packed;
  if (!is_dense(source)) {
    packed = runtime::Buffer(count * byte_size(source.dtype));
    dense = runtime::dense_view(packed.data(), source.dtype, source.shape);
    copy_elements(source, dense);
  }
  const runtime::FloatingPointDefaults defaults;
  ir::convert_elements(source.dtype, dense.data, dtype, target, count);
}

uint64_t float_bits(double value, DType dtype) {
  const runtime::FloatingPointDefaults defaults;
  uint64_t bits = 0;
  ir::store_number(value, dtype, &bits);
  return bits;
}

}  // namespace onepass
