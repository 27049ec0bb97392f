// SPDX-License-Identifier: Apache-2.0
// Evaluation: find the entry that serves a call, or make it, and run it. The warm path is the top
// of this file.
#include "onepass/engine/evaluate.h"

#include <optional>

#include "onepass/engine/entry.h"
#include "onepass/engine/repeated_call.h"
#include "onepass/engine/run.h"
#include "onepass/engine/value_node.h"
#include "onepass/runtime/small_array.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {

namespace {

using SymbolValues = runtime::SmallArray<int64_t, 16>;

/// Calls of the same sizes have the same one.
std::atomic<const Entry*>& recent_place(Slot& slot, const CallArguments& call) {
  constexpr uint64_t multiplier = 0x9E3779B97F4A7C15;
  constexpr int hash_shift = 60;
  static_assert(Slot::recents == size_t{1} << (64 - hash_shift));
  uint64_t hash = 0;
  for (const TensorHeader* leaf : call.leaves) {
    for (const int64_t extent : leaf->view.shape) {
      hash = (hash + static_cast<uint64_t>(extent)) * multiplier;
    }
  }
  return slot.recent[hash >> hash_shift];
}

/// Calls serve(entry) with the slot's entries until one returns true; false if none does.
template <class Serve>
bool any_entry(Slot& slot, const CallArguments& call, const Serve& serve) {
  std::atomic<const Entry*>* place = nullptr;
  const Entry* recent = nullptr;
  for (size_t i = 0; i < Slot::capacity; ++i) {
    const Entry* const entry = slot.entries[i].load(std::memory_order_acquire);
    if (entry == nullptr) return false;
    if (i == Slot::near) {
      place = &recent_place(slot, call);
      recent = place->load(std::memory_order_acquire);
      if (recent != nullptr && serve(*recent)) return true;
    }
    if (entry == recent || !serve(*entry)) continue;
    if (place != nullptr) place->store(entry, std::memory_order_release);
    return true;
  }
  return false;
}

/// Small calls into targets of their own: on this thread, whatever the options say of threads.
bool run_direct(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                std::span<const Tensor> targets) {
  if (RepeatedCall::may_be(call, targets)) {
    RepeatedCall& repeated = RepeatedCall::of(targets[0]);
    if (repeated.run(slot, call, options, targets)) return true;
    return repeated.bind_and_run(slot, call, options, targets, [&](runtime::BoundLaunch& bound) {
      return any_entry(slot, call, [&](const Entry& entry) {
        return entry.direct && entry.direct->bind(entry, call, options, targets, bound);
      });
    });
  }
  return any_entry(slot, call, [&](const Entry& entry) {
    return entry.direct && entry.direct->run(entry, call, options, targets);
  });
}

/// Calls run(entry, symbol values) with the slot's entry for this call; false if it has none.
template <class Run>
bool with_slot_entry(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                     std::span<const Tensor> targets, const Run& run) {
  return any_entry(slot, call, [&](const Entry& entry) {
    if (!entry.matches(call, options, targets)) return false;
    SymbolValues values(entry.symbols.size());
    if (!entry.resolve(call, {values.data(), values.size()})) return false;
    run(entry, values.span());
    return true;
  });
}

/// Publishes an entry in a free place of the slot, where it stays for ever; a full slot leaves it
/// to the cache.
void publish(Slot& slot, const std::shared_ptr<const Entry>& entry) {
  for (std::atomic<const Entry*>& place : slot.entries) {
    const Entry* expected = nullptr;
    if (place.load(std::memory_order_acquire) == entry.get()) return;
    if (place.load(std::memory_order_relaxed) != nullptr) continue;
    if (place.compare_exchange_strong(expected, entry.get(), std::memory_order_acq_rel)) {
      entry->pinned.store(entry, std::memory_order_release);
      return;
    }
    if (expected == entry.get()) return;
  }
}

/// The way of a call whose slot had nothing: from the cache, or from the compiler.
template <class Run>
void with_found_entry(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                      std::span<const Tensor> targets, const Run& run) {
  Tape tape;
  TapeWriter writer(tape);
  slot.describe(writer);
  const std::shared_ptr<const Entry> entry = find_or_make_entry(tape, call, options, targets);
  publish(slot, entry);
  SymbolValues values(entry->symbols.size());
  internal_check(entry->resolve(call, {values.data(), values.size()}),
                 "evaluate: a new entry does not serve the call it was made for");
  run(*entry, values.span());
}

template <class Run>
void with_entry(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                std::span<const Tensor> targets, const Run& run) {
  std::optional<ThreadScope> scope;
  if (options.threads > 0) scope.emplace(options.threads);
  if (with_slot_entry(slot, call, options, targets, run)) return;
  with_found_entry(slot, call, options, targets, run);
}

/// Values hold their entries themselves.
template <class Run>
void with_value_entry(std::span<const Value> values, const EvaluateOptions& options,
                      std::span<const Tensor> targets, const Run& run) {
  std::optional<ThreadScope> scope;
  if (options.threads > 0) scope.emplace(options.threads);
  std::unique_ptr<const FlatValues> own;
  const FlatValues& flat = flattened(values, own);
  const CallArguments call = flat.arguments();
  std::shared_ptr<const Entry> entry = flat.entries.find(call, options, targets);
  if (entry == nullptr) {
    entry = find_or_make_entry(flat.tape, call, options, targets);
    flat.entries.keep(entry);
  }
  SymbolValues symbol_values(entry->symbols.size());
  internal_check(entry->resolve(call, {symbol_values.data(), symbol_values.size()}),
                 "evaluate: an entry does not serve the value it was made for");
  run(*entry, call, symbol_values.span());
}

}  // namespace

RepeatedCall& RepeatedCall::of(const Tensor& target) {
  // Loops take turns between a few targets.
  static constinit thread_local RepeatedCall calls[8];
  return calls[target.header().serial % std::size(calls)];
}

void evaluate_call(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                   std::span<Tensor> results) {
  with_entry(slot, call, options, {}, [&](const Entry& entry, std::span<const int64_t> values) {
    run_into_new(entry, call, values, results);
  });
}

void evaluate_call_into(Slot& slot, const CallArguments& call, const EvaluateOptions& options,
                        std::span<const Tensor> targets) {
  if (options.threads <= 1 && run_direct(slot, call, options, targets)) return;
  check_targets(targets);
  with_entry(slot, call, options, targets,
             [&](const Entry& entry, std::span<const int64_t> values) {
               run_into(entry, call, values, targets);
             });
}

void evaluate_values(std::span<const Value> values, const EvaluateOptions& options,
                     std::span<Tensor> results) {
  with_value_entry(
      values, options, {},
      [&](const Entry& entry, const CallArguments& call, std::span<const int64_t> symbol_values) {
        run_into_new(entry, call, symbol_values, results);
      });
}

void evaluate_values_into(std::span<const Value> values, const EvaluateOptions& options,
                          std::span<const Tensor> targets) {
  check_targets(targets);
  with_value_entry(
      values, options, targets,
      [&](const Entry& entry, const CallArguments& call, std::span<const int64_t> symbol_values) {
        run_into(entry, call, symbol_values, targets);
      });
}

std::vector<Tensor> evaluate(std::span<const Value> values, const EvaluateOptions& options) {
  std::vector<Tensor> results(values.size());
  evaluate_values(values, options, results);
  return results;
}

}  // namespace onepass
