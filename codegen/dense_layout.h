// SPDX-License-Identifier: Apache-2.0
// Layouts of arrays that a program makes itself: they hold for every size, not only for the
// captured one.
#pragma once

#include "onepass/ir/type.h"
#include "onepass/runtime/layout.h"

namespace onepass::codegen {

/// Dense in row-major order.
runtime::Layout dense_layout(const ir::Type& type);

/// A range along `dimension` of a dense array whose other extents are those of `type`.
runtime::Layout section_layout(const ir::Type& type, int dimension);

}  // namespace onepass::codegen
