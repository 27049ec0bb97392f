// SPDX-License-Identifier: Apache-2.0
// .npy files: arrays as NumPy stores them.
#pragma once

#include <memory>
#include <string>

#include "onepass/runtime/array_view.h"

namespace onepass::runtime {

/// An array and what keeps its memory.
struct OwnedArray {
  ArrayView view;
  std::shared_ptr<void> owner;
};

/// Loads a file. Its data is mapped private and copy-on-write where it is aligned to its elements,
/// read otherwise; Fortran order becomes strides. UserError if the file is not what it claims to
/// be, SystemError if it cannot be read.
OwnedArray load_npy(const std::string& path);

/// Saves an array: into a temporary file beside `path` first, which then takes its name, so that a
/// reader sees the old file or the new one and a failure leaves the old one. Dense in Fortran order
/// is saved so, all else in C order.
void save_npy(const std::string& path, const ArrayView& array);

}  // namespace onepass::runtime
