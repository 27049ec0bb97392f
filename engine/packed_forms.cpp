// SPDX-License-Identifier: Apache-2.0
// Which operands are packed, and the list of what was.
#include "onepass/engine/packed_forms.h"

#include <algorithm>
#include <cstring>

#include "onepass/engine/storage.h"
#include "onepass/ir/composite.h"

namespace onepass {
namespace {

std::atomic<int64_t> bytes_of_all_forms = 0;

int64_t bytes_of(const Tensor& packed) { return packed.size() * byte_size(packed.dtype()); }

/// True if operand `operand` of the instruction is a factor of a matrix product.
bool is_factor(const TapeInstruction& instruction, uint32_t operand) {
  using Kind = TapeInstruction::Kind;
  if (instruction.kind == Kind::composite) {
    constexpr uint32_t factors = 2;
    return static_cast<ir::Composite>(instruction.code) == ir::Composite::linear &&
           operand < factors;
  }
  if (instruction.kind != Kind::structural) return false;
  const auto function = static_cast<StructuralFunction>(instruction.code);
  return function == StructuralFunction::matmul || function == StructuralFunction::tiled_matmul;
}

/// True if the elements of a row, or of a vector, do not lie side by side.
bool rows_lie_across(const runtime::ArrayView& view) {
  const int last = view.rank() - 1;
  return last >= 0 && view.shape[last] > 1 && view.strides[last] != 1 &&
         element_count(view.shape) > 0;
}

Tensor rows_of(const runtime::ArrayView& view) {
  Tensor rows = Tensor::uninitialized(view.shape, view.dtype);
  runtime::copy_elements(view, rows.view());
  return rows;
}

/// Panel after panel: columns that are there from `view`, others zero.
Tensor panels_of(const runtime::ArrayView& view, int64_t width) {
  const int64_t rows = view.shape[0], columns = view.shape[1];
  Tensor panels = Tensor::uninitialized({(columns + width - 1) / width, rows, width}, view.dtype);
  const runtime::ArrayView& all = panels.view();
  std::memset(all.data, 0, static_cast<size_t>(bytes_of(panels)));
  for (int64_t column = 0; column < columns; column += width) {
    const int64_t count = std::min(width, columns - column);
    runtime::ArrayView panel{
        all.data + column * rows * byte_size(view.dtype), view.dtype, {rows, count}, {width, 1}};
    runtime::copy_elements(runtime::sliced(view, 1, column, count, 1), panel);
  }
  return panels;
}

/// For each leaf whether it is packed.
std::vector<bool> leaves_to_pack(const Tape& tape, const CallArguments& call) {
  std::vector<bool> pack;
  std::vector<int64_t> leaf_of(tape.instructions.size(), -1);
  for (size_t i = 0; i < tape.instructions.size(); ++i) {
    if (tape.instructions[i].kind != TapeInstruction::Kind::leaf) continue;
    const TensorHeader& leaf = *call.leaves[pack.size()];
    leaf_of[i] = static_cast<int64_t>(pack.size());
    pack.push_back(leaf.constant && rows_lie_across(leaf.view));
  }
  size_t input = 0;
  for (const TapeInstruction& instruction : tape.instructions) {
    for (uint32_t operand = 0; operand < instruction.inputs; ++operand) {
      const int64_t leaf = leaf_of[tape.inputs[input++]];
      if (leaf >= 0 && !is_factor(instruction, operand)) pack[static_cast<size_t>(leaf)] = false;
    }
  }
  for (const uint32_t output : tape.outputs) {
    if (leaf_of[output] >= 0) pack[static_cast<size_t>(leaf_of[output])] = false;
  }
  return pack;
}

}  // namespace

PackedForms::~PackedForms() {
  const Form* form = first_.load(std::memory_order_acquire);
  while (form != nullptr) {
    bytes_of_all_forms.fetch_sub(bytes_of(form->packed), std::memory_order_relaxed);
    const Form* const next = form->next;
    delete form;
    form = next;
  }
}

const PackedForms::Form* PackedForms::find(const runtime::ArrayView& view, int64_t width) const {
  const Form* form = first_.load(std::memory_order_acquire);
  while (form != nullptr && (form->width != width || form->view != view)) form = form->next;
  return form;
}

const Tensor& PackedForms::form(const runtime::ArrayView& view, int64_t width) {
  if (const Form* form = find(view, width)) return form->packed;
  const std::lock_guard lock(making_);
  if (const Form* form = find(view, width)) return form->packed;
  Tensor packed = width > 0 ? panels_of(view, width) : rows_of(view);
  const Form* const form = new Form{view, width, std::move(packed), first_.load()};
  bytes_of_all_forms.fetch_add(bytes_of(form->packed), std::memory_order_relaxed);
  first_.store(form, std::memory_order_release);
  return form->packed;
}

int64_t PackedForms::bytes_of_all() { return bytes_of_all_forms.load(std::memory_order_relaxed); }

PackedCall::PackedCall(const Tape& tape, const CallArguments& call)
    : call_(call), packed_(leaves_to_pack(tape, call)) {
  for (size_t i = 0; i < packed_.size(); ++i) {
    const TensorHeader* const leaf = call.leaves[i];
    leaves_.push_back(leaf);
    if (!packed_[i]) continue;
    const runtime::ArrayView rows =
        runtime::dense_view(nullptr, leaf->view.dtype, leaf->view.shape);
    leaves_.back() =
        &as_rows_.try_emplace(leaf, make_tensor(rows, nullptr, true)).first->second.header();
  }
}

std::vector<uint32_t> PackedCall::inputs(std::span<const uint32_t> input_leaves) const {
  std::vector<uint32_t> inputs;
  for (uint32_t i = 0; i < input_leaves.size(); ++i) {
    if (packed_[input_leaves[i]]) inputs.push_back(i);
  }
  return inputs;
}

std::vector<bool> PackedCall::constant_matrices(std::span<const uint32_t> input_leaves) const {
  std::vector<bool> matrices;
  for (const uint32_t leaf : input_leaves) {
    matrices.push_back(call_.leaves[leaf]->constant && call_.leaves[leaf]->view.rank() == 2);
  }
  return matrices;
}

const Tensor& packed_rows(const TensorHeader& leaf) {
  return leaf.storage->constant()->forms.dense(leaf.view);
}

const Tensor& packed_panels(const TensorHeader& leaf, int64_t width) {
  return leaf.storage->constant()->forms.panels(leaf.view, width);
}

}  // namespace onepass
