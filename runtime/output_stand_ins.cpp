// SPDX-License-Identifier: Apache-2.0
// Stand-ins for outputs, with the same layout.
#include "onepass/runtime/output_stand_ins.h"

#include <algorithm>

#include "onepass/runtime/program_arrays.h"

namespace onepass::runtime {

bool needs_stand_ins(const Program& program) {
  const auto computes_indices = [&](const Step& step) {
    const auto* const gather = std::get_if<Gather>(&step);
    if (gather == nullptr) return false;
    const size_t storage = storage_of(program, gather->indices);
    return program.arrays[storage].kind != ProgramArray::Kind::input;
  };
  const auto touches_output = [&](const Step& step) {
    bool found = false;
    for_each_array(step, [&](int array) {
      const size_t storage = storage_of(program, array);
      found |= program.arrays[storage].kind == ProgramArray::Kind::output;
    });
    return found;
  };
  const auto first_store = std::find_if(program.steps.begin(), program.steps.end(), touches_output);
  // The step that stores first checks its own indices before it does.
  return first_store != program.steps.end() &&
         std::any_of(first_store + 1, program.steps.end(), computes_indices);
}

OutputStandIns::OutputStandIns(std::span<const ArrayView* const> outputs) {
  for (const ArrayView* output : outputs) views_.push_back(*output);
  for (ArrayView& view : views_) {
    const ByteRange range = touched_bytes(view);
    memory_.emplace_back(range.end - range.begin);
    const int64_t offset = range.begin == nullptr ? 0 : view.data - range.begin;
    view.data = memory_.back().data() + offset;
    pointers_.push_back(&view);
  }
}

void OutputStandIns::copy_to(std::span<const ArrayView* const> outputs) const {
  for (size_t i = 0; i < views_.size(); ++i) copy_elements(views_[i], *outputs[i]);
}

}  // namespace onepass::runtime
