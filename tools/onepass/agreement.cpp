// SPDX-License-Identifier: Apache-2.0
// Element by element, on bits.
#include "agreement.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "onepass/engine/creation.h"

namespace onepass::tool {
namespace {

const std::byte* bytes_of(const Tensor& tensor) { return tensor.view().data; }

}  // namespace

Agreement compare(const Tensor& a, const Tensor& b) {
  internal_check(a.dtype() == b.dtype() && a.shape() == b.shape(),
                 "only results of one shape and dtype can be compared");
  Agreement agreement;
  const Tensor x = Tensor::copy_of(a), y = Tensor::copy_of(b);  // dense
  const auto size = static_cast<size_t>(byte_size(x.dtype()));
  const auto count = static_cast<size_t>(x.size());
  if (count == 0 || std::memcmp(bytes_of(x), bytes_of(y), size * count) == 0) return agreement;

  const std::vector<double> left = x.to_vector<double>(), right = y.to_vector<double>();
  for (size_t i = 0; i < count; ++i) {
    if (std::memcmp(bytes_of(x) + i * size, bytes_of(y) + i * size, size) == 0) continue;
    if (std::isnan(left[i]) && std::isnan(right[i])) continue;
    if (agreement.differing++ == 0) agreement.first = static_cast<int64_t>(i);
    const double difference = std::abs(left[i] - right[i]);
    if (!std::isnan(difference))
      agreement.max_abs_diff = std::max(agreement.max_abs_diff, difference);
  }
  return agreement;
}

}  // namespace onepass::tool
