// SPDX-License-Identifier: Apache-2.0
// The host kernels of u64.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_u64 = host_table<uint64_t>();

}  // namespace onepass::ir
