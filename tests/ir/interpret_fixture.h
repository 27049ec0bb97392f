// SPDX-License-Identifier: Apache-2.0
// Arrays for tests of the interpreter, and one call to run a graph from its text.
#pragma once

#include <cstring>
#include <string_view>
#include <vector>

#include "onepass/ir/interpret.h"
#include "onepass/ir/parse.h"

namespace onepass::ir {

/// An array with its own memory; dense unless it is made by a view function.
struct TestArray {
  std::vector<std::byte> memory;
  runtime::ArrayView view;
};

template <class T>
TestArray array_of(const Shape& shape, const std::vector<T>& values) {
  TestArray array;
  array.memory.resize(values.size() * sizeof(T) + 1);
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = values[i];
    std::memcpy(array.memory.data() + i * sizeof(T), &value, sizeof value);
  }
  array.view = runtime::dense_view(array.memory.data(), dtype_of<T>, shape);
  return array;
}

template <class T>
TestArray empty_array(const Shape& shape) {
  return array_of<T>(shape, std::vector<T>(static_cast<size_t>(element_count(shape))));
}

/// The elements in logical order.
template <class T>
std::vector<T> elements_of(const runtime::ArrayView& view) {
  const int64_t count = element_count(view.shape);
  std::vector<T> values;
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i;
    int64_t place = 0;
    for (int d = view.rank() - 1; d >= 0; --d) {
      place += rest % view.shape[d] * view.strides[d];
      rest /= view.shape[d];
    }
    T value;
    std::memcpy(&value, view.data + place * int64_t{sizeof(T)}, sizeof value);
    values.push_back(value);
  }
  return values;
}

/// The only output of the graph that `text` describes.
template <class T>
std::vector<T> run_text(std::string_view text, std::vector<runtime::ArrayView> inputs,
                        const Shape& shape, std::vector<int64_t> given = {}) {
  const TestArray result = empty_array<T>(shape);
  const std::vector<runtime::ArrayView> outputs = {result.view};
  interpret(parse(text), inputs, {}, given, outputs, Accuracy::strict);
  return elements_of<T>(result.view);
}

}  // namespace onepass::ir
