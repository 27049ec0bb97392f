// SPDX-License-Identifier: Apache-2.0
// Arrays of random elements in every layout.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "onepass/runtime/array_view.h"
#include "random_numbers.h"

namespace onepass::ir {

/// A value that makes trouble now and then.
double random_number(RandomNumbers& random);

struct RandomArray {
  runtime::ArrayView view;
  std::shared_ptr<std::vector<std::byte>> memory;  // behind the view
};

/// Dense, or with gaps, or transposed, or reversed.
RandomArray random_array(DType dtype, const Shape& shape, RandomNumbers& random);

}  // namespace onepass::ir
