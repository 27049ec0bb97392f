// SPDX-License-Identifier: Apache-2.0
// How structural functions encode what they are given; the joins, which are values.
#include "onepass/engine/structural.h"

#include <bit>

#include "onepass/engine/array_functions.h"
#include "onepass/engine/index_words.h"
#include "onepass/runtime/error.h"

namespace onepass {

namespace {

constexpr int bits_per_entry = 8;
constexpr size_t words_per_index = 4;

}  // namespace

int64_t packed(std::span<const int> list) {
  uint64_t word = 0;
  for (size_t i = 0; i < list.size() && i < max_rank; ++i) {
    word |= static_cast<uint64_t>(static_cast<uint8_t>(list[i])) << (bits_per_entry * i);
  }
  return static_cast<int64_t>(word);
}

std::vector<int64_t> unpacked(int64_t count, int64_t word) {
  std::vector<int64_t> list;
  for (int64_t i = 0; i < count; ++i) {
    list.push_back(static_cast<int8_t>(static_cast<uint64_t>(word) >> (bits_per_entry * i)));
  }
  return list;
}

std::vector<int64_t> words_of(std::span<const Index> indices) {
  std::vector<int64_t> words;
  for (const Index& index : indices) {
    words.insert(words.end(),
                 {static_cast<int64_t>(index.kind), index.start, index.stop, index.step});
  }
  return words;
}

std::vector<Index> indices_of(std::span<const int64_t> words) {
  std::vector<Index> indices;
  for (size_t i = 0; i < words.size(); i += words_per_index) {
    indices.emplace_back(static_cast<Index::Kind>(words[i]), words[i + 1], words[i + 2],
                         words[i + 3]);
  }
  return indices;
}

AxesWords axes_words(const Axes& axes, bool keepdims) {
  AxesWords call;
  int list[max_rank] = {};
  const int count = std::min(axes.count(), max_rank);
  for (int i = 0; i < count; ++i) list[i] = axes[i];
  call.words[0] = axes.every() ? -1 : axes.count();
  call.words[1] = packed({list, static_cast<size_t>(count)});
  call.words[2] = keepdims;
  return call;
}

CompositeWords composite_words(const CommonOptions& options, double default_number) {
  const AxesWords axes = axes_words(options.axis, options.keepdims);
  const double number = options.number.value_or(default_number);
  return {{axes.words[0], axes.words[1], axes.words[2], std::bit_cast<int64_t>(number)}, {}};
}

ListWords list_words(std::span<const int> list) {
  if (list.size() > max_rank) {
    throw UserError("permute_dims: " + std::to_string(list.size()) + " axes; at most " +
                    std::to_string(max_rank) + " are supported.");
  }
  return {{static_cast<int64_t>(list.size()), packed(list)}, {}};
}

ShapeWords shape_words(const Shape& shape) {
  ShapeWords call;
  call.words[0] = shape.rank();
  for (int i = 0; i < shape.rank(); ++i) {
    // Extents of 1 and -1 shape the graph; the others are only sizes.
    if (shape[i] == 1) call.words[1] |= int64_t{1} << i;
    if (shape[i] == -1) call.words[1] |= int64_t{1} << (i + max_rank);
    call.extents[i] = shape[i];
  }
  return call;
}

Value concat(std::span<const Value> parts, int axis) {
  const int64_t word = axis;
  return Value::structural(StructuralFunction::concat, parts, {&word, 1}, {});
}
Value concat(std::initializer_list<Value> parts, int axis) {
  return concat(std::span<const Value>(parts.begin(), parts.size()), axis);
}

Value stack(std::span<const Value> parts, int axis) {
  const int64_t word = axis;
  return Value::structural(StructuralFunction::stack, parts, {&word, 1}, {});
}
Value stack(std::initializer_list<Value> parts, int axis) {
  return stack(std::span<const Value>(parts.begin(), parts.size()), axis);
}

Value index(const Value& x, std::span<const Index> indices) {
  return Value::structural(StructuralFunction::index, {x}, words_of(indices), {});
}

}  // namespace onepass
