// SPDX-License-Identifier: Apache-2.0
// The host kernels of u32.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_u32 = host_table<uint32_t>();

}  // namespace onepass::ir
