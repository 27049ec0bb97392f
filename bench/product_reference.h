// SPDX-License-Identifier: Apache-2.0
// Matrix products in double: what the gates of products and layers compare with.
#pragma once

#include <onepass/onepass.h>

#include <string>
#include <vector>

#include "contenders/contender.h"

namespace bench {

/// Rows at a time, so that the right operand is read once for all of them.
std::vector<double> product_reference(const onepass::Tensor& a, const onepass::Tensor& b,
                                      const ProductSize& size);

/// "512x3072x768": rows, columns, terms.
std::string text_of(const ProductSize& size);

/// Bytes of the three matrices, each moved once.
int64_t product_bytes(const ProductSize& size);
double product_flops(const ProductSize& size);

/// f32 products of normally distributed numbers: the error grows with the length of the sum.
double product_tolerance(const ProductSize& size);

}  // namespace bench
