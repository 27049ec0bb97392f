// SPDX-License-Identifier: Apache-2.0
// Who else runs two tasks on two threads.
#pragma once

#include <functional>
#include <span>

namespace bench {

struct ForkJoin {
  const char* name;
  /// Calls part(0) and part(1), worth `nanoseconds` together, on two threads if it can, and returns
  /// when both have returned.
  void (*run)(const std::function<void(int)>& part, double nanoseconds);
};

/// onepass first.
std::span<const ForkJoin> fork_joins();

}  // namespace bench
