// SPDX-License-Identifier: Apache-2.0
// The host kernels of f64.
#include "onepass/ir/host_kernel_table.h"

namespace onepass::ir {

constexpr HostKernelTable host_kernels_f64 = host_table<double>();

}  // namespace onepass::ir
