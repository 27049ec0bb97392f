// SPDX-License-Identifier: Apache-2.0
// The host kernels of i16.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_i16 = host_table<int16_t>();

}  // namespace onepass::ir
