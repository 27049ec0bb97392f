// SPDX-License-Identifier: Apache-2.0
// As many threads as this process may use, for contenders that have none of their own.
#pragma once

#include <functional>

namespace bench {

/// Calls part(0, parts) .. part(parts - 1, parts) at the same time, one of them on the calling
/// thread, and returns when all have returned.
void run_on_all_threads(const std::function<void(int part, int parts)>& part);

}  // namespace bench
