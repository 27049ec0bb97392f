// SPDX-License-Identifier: Apache-2.0
// Matrix products by OpenBLAS, loaded on first use so that neither building nor running needs it.
// One thread in the library; large products are cut over our own pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "onepass/runtime/array_view.h"
#include "onepass/runtime/program.h"

namespace onepass::runtime {

/// True if libopenblas.so.0 is there and has what is needed.
bool blas_available();

/// Version, kernels and threads of the library in use, for people; says so if there is none.
std::string blas_description();

/// A library product with its arrays. f32 or f64, any strides; lhs and rhs may lack batch
/// dimensions or stretch them.
struct ProductRequest {
  const LibraryProduct& product;
  const ArrayView& lhs;
  const ArrayView& rhs;
  const ArrayView& result;
  std::span<const int64_t> symbol_values;
};

/// Bytes for dense copies of the arrays whose strides BLAS cannot take. SystemError if there is no
/// BLAS.
int64_t product_bytes(const ProductRequest& request);

/// Computes the product. `memory` is product_bytes(request) bytes, aligned like a Buffer. Cannot
/// fail.
void run_product(const ProductRequest& request, std::span<std::byte> memory);

}  // namespace onepass::runtime
