// SPDX-License-Identifier: Apache-2.0
// Tensors from and to .npy files.
#pragma once

#include <string>

#include "onepass/engine/tensor.h"

namespace onepass {

/// The array of a file. Its data is mapped privately where its alignment allows: pages are read
/// when they are touched, and writing to the tensor leaves the file as it was. UserError if the
/// file is not what it claims to be.
Tensor load_npy(const std::string& path);

/// Writes any tensor or view. The file is replaced as a whole or not at all.
void save_npy(const std::string& path, const Tensor& tensor);

}  // namespace onepass
