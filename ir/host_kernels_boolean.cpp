// SPDX-License-Identifier: Apache-2.0
// The host kernels of boolean.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_boolean = host_table<bool>();

}  // namespace onepass::ir
