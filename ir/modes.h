// SPDX-License-Identifier: Apache-2.0
// The choices that a call may make about how a graph is computed.
#pragma once

#include <cstdint>

namespace onepass::ir {

/// How kernels are cut: as large as possible, one per node, or not at all.
enum class Mode : uint8_t { fused, unfused, interpreted };

/// strict: the bounds of the op table, no contraction. fast: up to the table's ulp_fast.
enum class Accuracy : uint8_t { strict, fast };

/// Who computes a product. tuned: whom a measurement found faster, else generated code; a wish of a
/// call, which no node carries.
enum class Provider : uint8_t { generated, openblas, tuned };

}  // namespace onepass::ir
