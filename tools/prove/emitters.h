// SPDX-License-Identifier: Apache-2.0
// The two emitters as functions over dense blocks.
#pragma once

#include <functional>

#include "onepass/ir/modes.h"
#include "onepass/ir/op.h"

namespace onepass::prove {

/// output[i] = f(inputs[0][i], inputs[1][i], ...). Called by several threads at once.
template <class T>
using Function = std::function<void(const T* const* inputs, T* output, int64_t count)>;

/// The lanes of ir/host_emitter.h, by ir/host_kernels.h.
template <class T>
Function<T> on_the_host(ir::OpCode op, ir::Accuracy accuracy);

/// Machine code for this CPU, or the target that ONEPASS_TARGET names, by the engine.
template <class T>
Function<T> compiled(ir::OpCode op, ir::Accuracy accuracy);

}  // namespace onepass::prove
