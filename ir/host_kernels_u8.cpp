// SPDX-License-Identifier: Apache-2.0
// The host kernels of u8.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_u8 = host_table<uint8_t>();

}  // namespace onepass::ir
