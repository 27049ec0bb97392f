// SPDX-License-Identifier: Apache-2.0
// The host kernels of i64.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_i64 = host_table<int64_t>();

}  // namespace onepass::ir
