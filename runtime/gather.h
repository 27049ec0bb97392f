// SPDX-License-Identifier: Apache-2.0
// Copies the slices of an array that a vector of indices names.
#pragma once

#include "onepass/runtime/array_view.h"

namespace onepass::runtime {

/// UserError unless every index lies in [-extent, extent) of dimension `axis` of `source`.
void check_indices(const ArrayView& source, const ArrayView& indices, int axis);

/// Slice i of `result` along `axis` becomes slice indices[i] of `source`; negative indices count
/// from the end. The indices must have been checked.
void gather(const ArrayView& source, const ArrayView& indices, const ArrayView& result, int axis);

}  // namespace onepass::runtime
