// SPDX-License-Identifier: Apache-2.0
// Places temporaries by the steps they live through.
#include "onepass/runtime/temporaries.h"

#include <algorithm>

#include "onepass/runtime/program_arrays.h"
#include "onepass/runtime/schedule.h"

namespace onepass::runtime {
namespace {

/// The steps from the first to the last that touches an array.
struct Lifetime {
  int first = -1;
  int last = -1;
};
using Lifetimes = SmallArray<Lifetime, usual_arrays>;

/// Memory that temporaries use one after the other.
struct Slot {
  int64_t bytes;
  int64_t offset;
  int busy_until;  // the last step of its latest user
};

void find_lifetimes(const Program& program, Lifetimes& lifetimes) {
  std::fill(lifetimes.data(), lifetimes.data() + lifetimes.size(), Lifetime{});
  const auto touch = [&](int array, int step) {
    Lifetime& life = lifetimes[storage_of(program, array)];
    if (life.first < 0) life.first = step;
    life.last = step;
  };
  for (size_t i = 0; i < program.steps.size(); ++i) {
    for_each_array(program.steps[i], [&](int array) { touch(array, static_cast<int>(i)); });
  }
}

/// The free slot that wastes least: the smallest that is large enough, else the largest, which then
/// grows.
Slot* best_slot(std::span<Slot> slots, int64_t bytes, int first_step) {
  Slot* best = nullptr;
  for (Slot& slot : slots) {
    if (slot.busy_until >= first_step) continue;
    const bool fits = slot.bytes >= bytes;
    const bool best_fits = best != nullptr && best->bytes >= bytes;
    const bool better = best == nullptr || (fits && !best_fits) ||
                        (fits == best_fits && (slot.bytes < best->bytes) == fits);
    if (better) best = &slot;
  }
  return best;
}

bool has_temporaries(const Program& program) {
  return std::any_of(program.arrays.begin(), program.arrays.end(), [](const ProgramArray& array) {
    return array.kind == ProgramArray::Kind::temporary;
  });
}

}  // namespace

TemporaryMemory::TemporaryMemory(const Program& program, std::span<const int64_t> symbol_values)
    : offsets_(has_temporaries(program) ? program.arrays.size() : 0) {
  if (offsets_.size() == 0) return;
  const size_t count = program.arrays.size();
  Lifetimes lifetimes(count);
  find_lifetimes(program, lifetimes);
  SmallArray<Slot, usual_arrays> slots(count);
  SmallArray<int, usual_arrays> slot_of(count);
  size_t slot_count = 0;
  std::fill(slot_of.data(), slot_of.data() + count, -1);
  // By first step, so that a slot's latest user is the only one that can still be alive.
  for (int step = 0; step < static_cast<int>(program.steps.size()); ++step) {
    for (size_t i = 0; i < count; ++i) {
      const ProgramArray& array = program.arrays[i];
      const bool begins = lifetimes[i].first == step;
      if (array.kind != ProgramArray::Kind::temporary || !begins) continue;
      const int64_t elements = element_count(shape_of(array, symbol_values));
      int64_t bytes = 0;
      if (__builtin_mul_overflow(elements, byte_size(array.dtype), &bytes)) bytes = INT64_MAX;
      bytes = aligned_bytes(bytes);
      Slot* slot = best_slot({slots.data(), slot_count}, bytes, step);
      if (slot == nullptr) {
        slot = &slots[slot_count++];
        *slot = {0, 0, 0};
      }
      *slot = {std::max(slot->bytes, bytes), 0, lifetimes[i].last};
      slot_of[i] = static_cast<int>(slot - slots.data());
    }
  }
  int64_t total = 0;
  for (size_t s = 0; s < slot_count; ++s) {
    slots[s].offset = total;
    total = saturating_add(total, slots[s].bytes);
  }
  if (slot_count > 0) block_ = Buffer(total);
  for (size_t i = 0; i < count; ++i) {
    offsets_[i] = slot_of[i] < 0 ? -1 : slots[static_cast<size_t>(slot_of[i])].offset;
  }
}

}  // namespace onepass::runtime
