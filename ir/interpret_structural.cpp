// SPDX-License-Identifier: Apache-2.0
// Nodes that move or convert elements: each is a copy between views.
#include <algorithm>

#include "onepass/ir/convert_elements.h"
#include "onepass/ir/interpret.h"
#include "onepass/ir/strided_cursor.h"
#include "onepass/runtime/gather.h"
#include "onepass/runtime/symbol.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

constexpr int64_t block_elements = 1024;
constexpr size_t max_element_bytes = 8;

}  // namespace

void interpret_cast(const NodeRun& run) {
  const ArrayView& x = run.inputs[0];
  const int64_t count = element_count(x.shape);
  if (count == 0) return;
  alignas(max_element_bytes) std::byte from[block_elements * max_element_bytes];
  alignas(max_element_bytes) std::byte to[block_elements * max_element_bytes];
  StridedCursor reader(x);
  StridedCursor writer(run.result);
  for (int64_t done = 0; done < count; done += block_elements) {
    const int64_t block = std::min(block_elements, count - done);
    reader.read(from, block);
    convert_elements(x.dtype, from, run.result.dtype, to, block);
    writer.write(to, block);
  }
}

void interpret_broadcast_to(const NodeRun& run) {
  copy_elements(broadcasted(run.inputs[0], run.result.shape), run.result);
}

void interpret_reshape(const NodeRun& run) {
  const int64_t count = element_count(run.result.shape);
  if (count == 0) return;
  alignas(max_element_bytes) std::byte block[block_elements * max_element_bytes];
  StridedCursor reader(run.inputs[0]);
  StridedCursor writer(run.result);
  for (int64_t done = 0; done < count; done += block_elements) {
    const int64_t elements = std::min(block_elements, count - done);
    reader.read(block, elements);
    writer.write(block, elements);
  }
}

void interpret_permute_dims(const NodeRun& run) {
  const auto permutation = run.node.attributes.words(AttributeKey::permutation);
  copy_elements(permuted(run.inputs[0], permutation), run.result);
}

void interpret_slice(const NodeRun& run) {
  const auto start = run.node.attributes.words(AttributeKey::start);
  const auto step = run.node.attributes.words(AttributeKey::step);
  ArrayView view = run.inputs[0];
  for (int d = 0; d < view.rank(); ++d) {
    const auto at = static_cast<size_t>(d);
    const int64_t first = runtime::slice_first(view.shape[d], start[at], step[at]);
    view = sliced(view, d, first, run.result.shape[d], step[at]);
  }
  copy_elements(view, run.result);
}

void interpret_concat(const NodeRun& run) {
  const auto axis = static_cast<int>(run.node.attributes.word(AttributeKey::axis));
  int64_t first = 0;
  for (const ArrayView& x : run.inputs) {
    copy_elements(x, sliced(run.result, axis, first, x.shape[axis], 1));
    first += x.shape[axis];
  }
}

void interpret_take(const NodeRun& run) {
  const auto axis = static_cast<int>(run.node.attributes.word(AttributeKey::axis));
  runtime::check_indices(run.inputs[0], run.inputs[1], axis);
  runtime::gather(run.inputs[0], run.inputs[1], run.result, axis);
}

void interpret_iota(const NodeRun& run) {
  const auto axis = static_cast<int>(run.node.attributes.word(AttributeKey::axis));
  const int64_t extent = run.result.shape[axis];
  if (element_count(run.result.shape) == 0) return;
  alignas(max_element_bytes) std::byte element[max_element_bytes];
  Shape of_one;
  for (int d = 0; d < run.result.rank(); ++d) of_one.push_back(1);
  for (int64_t i = 0; i < extent; ++i) {
    convert_elements(i64, &i, run.result.dtype, element, 1);
    const ArrayView target = sliced(run.result, axis, i, 1, 1);
    const ArrayView value = runtime::dense_view(element, run.result.dtype, of_one);
    copy_elements(broadcasted(value, target.shape), target);
  }
}

}  // namespace onepass::ir
