// SPDX-License-Identifier: Apache-2.0
// The nodes behind values, and their flattened form.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "onepass/engine/entry.h"
#include "onepass/engine/tape.h"
#include "onepass/engine/tensor.h"

namespace onepass {

/// One or several values as a tape and the arguments of their only possible call. Owns the leaves.
struct FlatValues {
  Tape tape;
  std::vector<Tensor> leaves;
  std::vector<const TensorHeader*> headers;
  std::vector<uint64_t> literals;
  std::vector<int64_t> words, extents;
  EntrySlots entries;

  CallArguments arguments() const { return {headers, literals, words, extents}; }
};

/// Walks the nodes once, without recursion: shared nodes become shared instructions.
std::unique_ptr<FlatValues> flatten(std::span<const Value> values);

/// The flattened form of values: remembered by the node of a single value, else made into `own`.
const FlatValues& flattened(std::span<const Value> values, std::unique_ptr<const FlatValues>& own);

struct ValueNode {
  mutable std::atomic<int64_t> references{1};
  TapeInstruction instruction;
  uint64_t literal = 0;
  Tensor leaf;
  std::vector<Value> inputs;
  std::vector<int64_t> words, extents;
  /// Made by the first evaluation; the node never changes, so neither does this.
  mutable std::atomic<const FlatValues*> flat{nullptr};

  ~ValueNode() { delete flat.load(std::memory_order_relaxed); }
};

}  // namespace onepass
