// SPDX-License-Identifier: Apache-2.0
// The packed copies of one constant and its views: made by the first evaluation that wants one,
// found without a lock by the others.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "onepass/engine/tape.h"
#include "onepass/engine/tensor.h"

namespace onepass {

class PackedForms {
 public:
  PackedForms() = default;
  ~PackedForms();
  PackedForms(const PackedForms&) = delete;
  PackedForms& operator=(const PackedForms&) = delete;

  /// The elements of `view`, a view of the constant, as dense rows.
  const Tensor& dense(const runtime::ArrayView& view);

  /// Of all constants of the process.
  static int64_t bytes_of_all();

 private:
  struct Form {
    runtime::ArrayView view;
    Tensor packed;
    const Form* next;
  };
  const Form* find(const runtime::ArrayView& view) const;

  std::mutex making_;
  std::atomic<const Form*> first_ = nullptr;
};

/// What the storage of a constant owns: the tensor it was made of, and its forms.
struct ConstantMemory {
  explicit ConstantMemory(const Tensor& w) : original(w) {}

  const Tensor original;
  PackedForms forms;
};

/// A call as its code sees it. A leaf is read in its packed form if it is a constant, nothing but
/// products read it, and the elements of its rows do not lie side by side.
class PackedCall {
 public:
  PackedCall(const Tape& tape, const CallArguments& call);

  CallArguments arguments() const { return {leaves_, call_.literals, call_.words, call_.extents}; }
  /// Which of the inputs, of which `input_leaves` names the leaves, are packed.
  std::vector<uint32_t> inputs(std::span<const uint32_t> input_leaves) const;

 private:
  const CallArguments call_;
  std::vector<bool> packed_;
  std::vector<const TensorHeader*> leaves_;
};

/// What a call reads in place of a leaf that is to be packed.
const TensorHeader& packed_form(const TensorHeader& leaf);

}  // namespace onepass
