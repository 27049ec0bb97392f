// SPDX-License-Identifier: Apache-2.0
// The packed copies of one constant and its views: made by the first evaluation that wants one,
// found without a lock by the others.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
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
  const Tensor& dense(const runtime::ArrayView& view) { return form(view, 0); }
  /// The elements of a matrix, a view of the constant, as runtime::PanelInput says.
  const Tensor& panels(const runtime::ArrayView& view, int64_t width) { return form(view, width); }

  /// Of all constants of the process.
  static int64_t bytes_of_all();

 private:
  struct Form {
    runtime::ArrayView view;
    int64_t width;  // of panels; 0: dense rows
    Tensor packed;
    const Form* next;
  };
  const Form* find(const runtime::ArrayView& view, int64_t width) const;
  const Tensor& form(const runtime::ArrayView& view, int64_t width);

  std::mutex making_;
  std::atomic<const Form*> first_ = nullptr;
};

/// What the storage of a constant owns: the tensor it was made of, and its forms.
struct ConstantMemory {
  explicit ConstantMemory(const Tensor& w) : original(w) {}

  const Tensor original;
  PackedForms forms;
};

/// A call as its code sees it. A leaf is read as dense rows if it is a constant, nothing but
/// products read it, and the elements of its rows do not lie side by side. Nothing is packed yet.
class PackedCall {
 public:
  PackedCall(const Tape& tape, const CallArguments& call);

  CallArguments arguments() const { return {leaves_, call_.literals, call_.words, call_.extents}; }
  /// Which of the inputs, of which `input_leaves` names the leaves, are packed.
  std::vector<uint32_t> inputs(std::span<const uint32_t> input_leaves) const;
  /// For each of them whether it is a constant matrix, of which code may read panels.
  std::vector<bool> constant_matrices(std::span<const uint32_t> input_leaves) const;

 private:
  const CallArguments call_;
  std::vector<bool> packed_;
  std::vector<const TensorHeader*> leaves_;
  std::unordered_map<const TensorHeader*, Tensor> as_rows_;  // without elements, by leaf
};

/// What a call reads in place of a leaf, a constant: dense rows, or panels of `width` columns.
const Tensor& packed_rows(const TensorHeader& leaf);
const Tensor& packed_panels(const TensorHeader& leaf, int64_t width);

}  // namespace onepass
