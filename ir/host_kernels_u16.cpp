// SPDX-License-Identifier: Apache-2.0
// The host kernels of u16.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_u16 = host_table<uint16_t>();

}  // namespace onepass::ir
