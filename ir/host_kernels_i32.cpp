// SPDX-License-Identifier: Apache-2.0
// The host kernels of i32.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_i32 = host_table<int32_t>();

}  // namespace onepass::ir
