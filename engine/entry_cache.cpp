// SPDX-License-Identifier: Apache-2.0
// The way to entries that no slot holds: the process-wide cache, by everything the guard compares
// except sizes.
#include <string>

#include "onepass/engine/entry.h"
#include "onepass/runtime/kernel_cache.h"
#include "onepass/runtime/small_array.h"

namespace onepass {

namespace {

template <class T>
void append(std::string& key, std::span<const T> items) {
  static_assert(std::has_unique_object_representations_v<T>);
  const uint64_t count = items.size();
  key.append(reinterpret_cast<const char*>(&count), sizeof count);
  key.append(reinterpret_cast<const char*>(items.data()), items.size_bytes());
}

void append_options(std::string& key, const EvaluateOptions& options) {
  const char provider =
      options.provider ? static_cast<char>(1 + static_cast<int>(*options.provider)) : 0;
  key += {static_cast<char>(options.mode), static_cast<char>(options.accuracy), provider};
}

std::string entry_key(const Tape& tape, const CallArguments& call, const EvaluateOptions& options,
                      std::span<const Tensor> targets) {
  std::string key;
  append(key, std::span(tape.instructions));
  append(key, std::span(tape.inputs));
  append(key, std::span(tape.outputs));
  append(key, call.words);
  append(key, std::span<const uint32_t>(first_equal_leaves(call.leaves)));
  for (const TensorHeader* leaf : call.leaves) {
    const uint64_t bits = leaf->layout.bits();
    key.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    key.push_back(static_cast<char>(leaf->constant));
  }
  for (const runtime::Layout& layout : target_layouts(targets)) {
    const uint64_t bits = layout.bits();
    key.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }
  append(key, std::span<const uint8_t>(literal_classes(tape, call, options.accuracy)));
  append_options(key, options);
  return key;
}

bool serves(const Entry& entry, const CallArguments& call) {
  runtime::SmallArray<int64_t, 16> values(entry.symbols.size());
  return entry.resolve(call, {values.data(), values.size()});
}

}  // namespace

std::shared_ptr<const Entry> find_or_make_entry(const Tape& tape, const CallArguments& call,
                                                const EvaluateOptions& options,
                                                std::span<const Tensor> targets) {
  std::string key = entry_key(tape, call, options, targets);
  // Variants for other ranges of sizes share a key but for its last byte. One that an op's
  // requirement rejects is made again, which throws the error that names it.
  for (char variant = 0;; ++variant) {
    key.push_back(variant);
    const auto entry =
        std::static_pointer_cast<const Entry>(runtime::expression_cache().get(key, [&] {
          return std::shared_ptr<const void>(make_entry(tape, call, options, targets));
        }));
    if (serves(*entry, call)) return entry;
    key.pop_back();
  }
}

std::shared_ptr<const Entry> EntrySlots::find(const CallArguments& call,
                                              const EvaluateOptions& options,
                                              std::span<const Tensor> targets) const {
  for (const auto& place : entries) {
    std::shared_ptr<const Entry> entry = place.load(std::memory_order_acquire);
    if (entry != nullptr && entry->matches(call, options, targets) && serves(*entry, call))
      return entry;
  }
  return nullptr;
}

void EntrySlots::keep(std::shared_ptr<const Entry> entry) const {
  entries[1].store(entries[0].load(std::memory_order_acquire), std::memory_order_release);
  entries[0].store(std::move(entry), std::memory_order_release);
}

}  // namespace onepass
