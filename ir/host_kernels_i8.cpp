// SPDX-License-Identifier: Apache-2.0
// The host kernels of i8.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_i8 = host_table<int8_t>();

}  // namespace onepass::ir
