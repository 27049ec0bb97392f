// SPDX-License-Identifier: Apache-2.0
// Binds the arrays of a program.
#include "onepass/runtime/program_arrays.h"

#include <algorithm>

#include "onepass/runtime/error.h"

namespace onepass::runtime {
namespace {

using Kind = ProgramArray::Kind;

bool is_bound_by_caller(const ProgramArray& array) {
  return array.kind == Kind::input || array.kind == Kind::output;
}

size_t count_own(const Program& program) {
  const auto bound =
      std::count_if(program.arrays.begin(), program.arrays.end(), is_bound_by_caller);
  return program.arrays.size() - static_cast<size_t>(bound);
}

/// The part of `whole` that a section is.
ArrayView section_of(const ArrayView& whole, const ProgramArray& array,
                     std::span<const int64_t> symbol_values) {
  int64_t first = 0;
  for (const int symbol : array.start) {
    first += symbol < 0 ? 1 : symbol_values[static_cast<size_t>(symbol)];
  }
  const int64_t length = shape_of(array, symbol_values)[array.dimension];
  internal_check(first + length <= whole.shape[array.dimension],
                 "run: a section ends outside its array");
  return sliced(whole, array.dimension, first, length, 1);
}

}  // namespace

Shape shape_of(const ProgramArray& array, std::span<const int64_t> symbol_values) {
  Shape shape;
  for (const int symbol : array.extents) {
    shape.push_back(symbol < 0 ? 1 : symbol_values[static_cast<size_t>(symbol)]);
  }
  return shape;
}

size_t storage_of(const Program& program, int array) {
  auto index = static_cast<size_t>(array);
  for (;;) {
    const ProgramArray& here = program.arrays[index];
    if (here.kind != Kind::reshaped && here.kind != Kind::section) return index;
    index = static_cast<size_t>(here.index);
  }
}

BoundArrays::BoundArrays(const Program& program, const Call& call,
                         std::span<const ArrayView* const> outputs,
                         const TemporaryMemory& temporaries)
    : pointers_(program.arrays.size()), own_(count_own(program)) {
  size_t own = 0;
  for (size_t i = 0; i < program.arrays.size(); ++i) {
    const ProgramArray& array = program.arrays[i];
    const auto index = static_cast<size_t>(array.index);
    if (is_bound_by_caller(array)) {
      pointers_[i] = array.kind == Kind::input ? call.inputs[index] : outputs[index];
      continue;
    }
    ArrayView& view = own_[own++];
    pointers_[i] = &view;
    if (array.kind == Kind::section) {
      view = section_of(*pointers_[index], array, call.symbol_values);
      continue;
    }
    std::byte* data = temporaries.data(i);
    if (array.kind == Kind::reshaped) {
      internal_check(is_dense(*pointers_[index]), "run: only a dense array can be reshaped");
      data = pointers_[index]->data;
    }
    view = dense_view(data, array.dtype, shape_of(array, call.symbol_values));
  }
}

}  // namespace onepass::runtime
