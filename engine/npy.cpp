// SPDX-License-Identifier: Apache-2.0
// Tensors from and to .npy files: the tensor shares the mapping that runtime/npy.h makes.
#include "onepass/engine/npy.h"

#include <utility>

#include "onepass/engine/storage.h"
#include "onepass/runtime/npy.h"

namespace onepass {

Tensor load_npy(const std::string& path) {
  runtime::OwnedArray array = runtime::load_npy(path);
  return make_tensor(array.view, Storage::make(std::move(array.owner)), false);
}

void save_npy(const std::string& path, const Tensor& tensor) {
  runtime::save_npy(path, tensor.view());
}

}  // namespace onepass
