// SPDX-License-Identifier: Apache-2.0
// How long the kernels of an expression took to compile.
#pragma once

#include <cstdint>

#include "onepass/engine/onepass.h"

namespace onepass::tool {

/// Nanoseconds of code generation for all kernels that `value` runs under `options`, as the
/// compiler recorded them. Compiles what is not compiled yet. Nothing in interpreted mode.
int64_t compile_nanoseconds(const Value& value, const EvaluateOptions& options);

}  // namespace onepass::tool
