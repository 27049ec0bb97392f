// SPDX-License-Identifier: Apache-2.0
// Runs an entry on a call: targets, aliasing, and the hand-over to the runtime.
#pragma once

#include <cstdint>
#include <span>

#include "onepass/engine/entry.h"

namespace onepass {

/// UserError if a target is read-only, or if elements of it share memory with each other.
void check_targets(std::span<const Tensor> targets);

inline bool overlap(const runtime::ByteRange& a, const runtime::ByteRange& b) {
  return a.begin < b.end && b.begin < a.end;
}

/// Into fresh dense tensors.
void run_into_new(const Entry& entry, const CallArguments& call,
                  std::span<const int64_t> symbol_values, std::span<Tensor> results);

/// Into the caller's tensors. A target that shares memory with an operand is written in place where
/// every element is read before it is written, and through a temporary where not. UserError if
/// shapes or dtypes differ.
void run_into(const Entry& entry, const CallArguments& call, std::span<const int64_t> symbol_values,
              std::span<const Tensor> targets);

}  // namespace onepass
