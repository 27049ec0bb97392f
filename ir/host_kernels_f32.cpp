// SPDX-License-Identifier: Apache-2.0
// The host kernels of f32.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_f32 = host_table<float>();

}  // namespace onepass::ir
