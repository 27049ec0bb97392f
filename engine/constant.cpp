// SPDX-License-Identifier: Apache-2.0
// Making constants.
#include "onepass/engine/constant.h"

#include <memory>

#include "onepass/engine/packed_forms.h"
#include "onepass/engine/storage.h"

namespace onepass {

Tensor constant(const Tensor& w) {
  if (is_constant(w)) return w;
  const runtime::ArrayView view = w.view();
  // The new storage keeps the old one alive, if there is one: memory of the caller has none.
  return make_tensor(view, Storage::make(std::make_shared<ConstantMemory>(w)), true);
}

bool is_constant(const Tensor& x) { return x.header().constant; }

int64_t packed_constant_bytes() { return PackedForms::bytes_of_all(); }

}  // namespace onepass
