// SPDX-License-Identifier: Apache-2.0
// Running entries: checks of targets, aliasing, and the hand-over to program or interpreter.
#include "onepass/engine/run.h"

#include <string>
#include <utility>

#include "onepass/engine/packed_forms.h"
#include "onepass/ir/interpret.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/small_array.h"

namespace onepass {

namespace {

using runtime::ArrayView;

std::string described(DType dtype, const Shape& shape) {
  return std::string(to_string(dtype)) + to_string(shape);
}

/// True if two different indices of the view may name one element: a stride of 0, or rows that
/// interleave. Exact for views made by slicing and permuting; conservative for strides that the
/// caller invented.
bool may_overlap_itself(const TensorHeader& header) {
  const ArrayView& view = header.view;
  int64_t reach = 0;  // of the dimensions with smaller strides
  for (int i = view.rank() - 1; i >= 0; --i) {
    const int d = header.layout.by_stride(i);
    if (view.shape[d] == 0) return false;
    if (view.shape[d] == 1) continue;
    const int64_t stride = std::abs(view.strides[d]);
    if (stride <= reach) return true;
    reach += stride * (view.shape[d] - 1);
  }
  return false;
}

void check_shapes(const Entry& entry, std::span<const int64_t> symbol_values,
                  std::span<const Tensor> targets) {
  for (size_t i = 0; i < targets.size(); ++i) {
    const Shape shape = entry.output_shape(i, symbol_values);
    if (targets[i].shape() == shape && targets[i].dtype() == entry.outputs[i].dtype) continue;
    throw UserError("evaluate_into: target is " +
                    described(targets[i].dtype(), targets[i].shape()) + ", the expression is " +
                    described(entry.outputs[i].dtype, shape) + "; shape and dtype must be equal.");
  }
}

/// True if target `output` can be written while the operands are read.
bool is_safe_target(const Entry& entry, const CallArguments& call, size_t output,
                    std::span<const Tensor> targets) {
  const TensorHeader& target = targets[output].header();
  for (size_t i = 0; i < entry.input_leaves.size(); ++i) {
    const TensorHeader& leaf = *call.leaves[entry.input_leaves[i]];
    if (!overlap(target.bytes, leaf.bytes)) continue;
    const bool in_place = entry.program != nullptr && entry.program->may_alias[output][i];
    if (!in_place || target.view != leaf.view) return false;
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    if (i != output && overlap(target.bytes, targets[i].header().bytes)) return false;
  }
  return true;
}

/// Memory of its own under the strides of `target`, which compiled code may rely on.
Tensor stand_in_for(const Tensor& target) {
  const runtime::ByteRange bytes = target.header().bytes;
  const Tensor memory = Tensor::uninitialized(
      {(bytes.end - bytes.begin) / byte_size(target.dtype())}, target.dtype());
  ArrayView view = target.view();
  view.data = memory.view().data + (view.data - bytes.begin);
  return memory.with_view(view);
}

void execute(const Entry& entry, const CallArguments& call, std::span<const int64_t> symbol_values,
             std::span<const Tensor> targets) {
  const size_t leaves = entry.input_leaves.size();
  const std::span<const runtime::PanelInput> panels =
      entry.program ? entry.program->panels : std::span<const runtime::PanelInput>();
  const auto leaf = [&](size_t i) -> const TensorHeader& {
    return *call.leaves[entry.input_leaves[i]];
  };
  runtime::SmallArray<const ArrayView*, 16> inputs(leaves + panels.size());
  for (size_t i = 0; i < leaves; ++i) inputs[i] = &leaf(i).view;
  for (const uint32_t i : entry.packed_inputs) inputs[i] = &packed_rows(leaf(i)).view();
  for (size_t i = 0; i < panels.size(); ++i) {
    const auto input = static_cast<size_t>(panels[i].input);
    inputs[leaves + i] = &packed_panels(leaf(input), panels[i].width).view();
  }
  runtime::SmallArray<const ArrayView*, 4> outputs(targets.size());
  for (size_t i = 0; i < outputs.size(); ++i) outputs[i] = &targets[i].view();
  runtime::SmallArray<uint64_t, 16> scalars(entry.scalars.size());
  entry.convert_literals(call, {scalars.data(), scalars.size()});
  if (entry.program != nullptr) {
    runtime::run(*entry.program, {inputs.span(), outputs.span(), symbol_values, scalars.span()});
    return;
  }
  runtime::SmallArray<int64_t, 16> given(entry.given_extents.size());
  for (size_t i = 0; i < given.size(); ++i) given[i] = call.extents[entry.given_extents[i]];
  std::vector<ArrayView> input_views, output_views;
  for (const ArrayView* view : inputs.span()) input_views.push_back(*view);
  for (const ArrayView* view : outputs.span()) output_views.push_back(*view);
  ir::interpret(*entry.graph, input_views, scalars.span(), given.span(), output_views,
                entry.options.accuracy);
}

}  // namespace

void check_targets(std::span<const Tensor> targets) {
  for (const Tensor& target : targets) {
    const TensorHeader& header = target.header();
    if (header.read_only) {
      throw UserError(
          "evaluate_into: target is a read-only " + described(target.dtype(), target.shape()) +
          "; it must be writable. Wrap a pointer to non-const, or evaluate into a copy.");
    }
    if (!header.layout.is_dense() && may_overlap_itself(header)) {
      throw UserError("evaluate_into: several indices of target " +
                      described(target.dtype(), target.shape()) +
                      " name one element; every element must have its own place. Evaluate into a "
                      "tensor that is not broadcast.");
    }
  }
}

void run_into_new(const Entry& entry, const CallArguments& call,
                  std::span<const int64_t> symbol_values, std::span<Tensor> results) {
  for (size_t i = 0; i < results.size(); ++i) {
    results[i] =
        Tensor::uninitialized(entry.output_shape(i, symbol_values), entry.outputs[i].dtype);
  }
  execute(entry, call, symbol_values, results);
}

void run_into(const Entry& entry, const CallArguments& call, std::span<const int64_t> symbol_values,
              std::span<const Tensor> targets) {
  check_shapes(entry, symbol_values, targets);
  bool safe = true;
  for (size_t i = 0; i < targets.size(); ++i)
    safe = safe && is_safe_target(entry, call, i, targets);
  if (safe) {
    execute(entry, call, symbol_values, targets);
    return;
  }
  std::vector<Tensor> temporaries(targets.begin(), targets.end());
  for (size_t i = 0; i < targets.size(); ++i) {
    if (!is_safe_target(entry, call, i, targets)) temporaries[i] = stand_in_for(targets[i]);
  }
  execute(entry, call, symbol_values, temporaries);
  for (size_t i = 0; i < targets.size(); ++i) {
    if (!temporaries[i].is_same(targets[i]))
      runtime::copy_elements(temporaries[i].view(), targets[i].view());
  }
}

}  // namespace onepass
