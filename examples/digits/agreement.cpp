// SPDX-License-Identifier: Apache-2.0
#include "digits/agreement.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

bool same_bits(const onepass::Tensor& a, const onepass::Tensor& b) {
  const std::vector<float> left = a.to_vector<float>(), right = b.to_vector<float>();
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](float x, float y) {
    return std::bit_cast<uint32_t>(x) == std::bit_cast<uint32_t>(y) ||
           (std::isnan(x) && std::isnan(y));
  });
}
