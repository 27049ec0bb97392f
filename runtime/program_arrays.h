// SPDX-License-Identifier: Apache-2.0
// The arrays of a program in one call: which memory each is, and its view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "onepass/runtime/program.h"
#include "onepass/runtime/small_array.h"
#include "onepass/runtime/temporaries.h"

namespace onepass::runtime {

/// How many arrays a program has unless it is unusually large.
inline constexpr size_t usual_arrays = 32;

/// The extents of a program's array in a call.
Shape shape_of(const ProgramArray& array, std::span<const int64_t> symbol_values);

/// The array whose memory `array` lies in: itself, or what it reshapes or is a section of.
size_t storage_of(const Program& program, int array);

/// Calls `visit` with every array that `step` reads or writes.
template <class Visitor>
void for_each_array(const Step& step, Visitor&& visit) {
  if (const auto* launch = std::get_if<KernelLaunch>(&step)) {
    for (const int array : launch->arrays) visit(array);
  } else if (const auto* product = std::get_if<LibraryProduct>(&step)) {
    for (const int array : {product->lhs, product->rhs, product->result}) visit(array);
  } else {
    const auto& gather = std::get<Gather>(step);
    for (const int array : {gather.source, gather.indices, gather.result}) visit(array);
  }
}

/// Views of all arrays of a call. Those of inputs and outputs stay where the caller has them.
class BoundArrays {
 public:
  /// `outputs` are where results are stored: those of the call, or stand-ins for them.
  BoundArrays(const Program& program, const Call& call, std::span<const ArrayView* const> outputs,
              const TemporaryMemory& temporaries);

  const ArrayView* operator[](int array) const { return pointers_[static_cast<size_t>(array)]; }

 private:
  SmallArray<const ArrayView*, usual_arrays> pointers_;
  SmallArray<ArrayView, 8> own_;
};

}  // namespace onepass::runtime
