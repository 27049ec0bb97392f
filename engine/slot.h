// SPDX-License-Identifier: Apache-2.0
// The kernel slot of an expression type, and the type-free functions that every evaluation goes
// through.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "onepass/engine/options.h"
#include "onepass/engine/tape.h"
#include "onepass/engine/tensor.h"

namespace onepass {

class Value;
struct Entry;

/// One per expression type: how to describe it, and up to 128 compiled variants, tried in turn. An
/// entry, once published, is never freed, so that the warm path reads it without a lock or a count.
struct Slot {
  static constexpr size_t capacity = 128;
  static constexpr size_t near = 4;  // places that are found soon enough
  static constexpr size_t recents = 16;

  constexpr explicit Slot(void (*write)(TapeWriter&)) : describe(write) {}

  void (*describe)(TapeWriter&);
  std::atomic<const Entry*> entries[capacity] = {};
  /// From far places: the last that served calls of such sizes, by a hash of them.
  std::atomic<const Entry*> recent[recents] = {};
};

/// Evaluates one call of a slot's expression into new tensors.
void evaluate_call(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                   std::span<Tensor> results);

/// Evaluates one call into existing tensors, which may be views and may alias operands.
void evaluate_call_into(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                        std::span<const Tensor> targets);

/// The same for values.
void evaluate_values(std::span<const Value> values, const EvaluateOptions& options,
                     std::span<Tensor> results);
void evaluate_values_into(std::span<const Value> values, const EvaluateOptions& options,
                          std::span<const Tensor> targets);

}  // namespace onepass
