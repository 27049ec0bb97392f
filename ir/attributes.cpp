// SPDX-License-Identifier: Apache-2.0
// The attribute table and the sorted list that a node carries.
#include "onepass/ir/attributes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

constexpr AttributeInfo table[] = {
#define ONEPASS_ATTRIBUTE(name, kind, doc) {#name, AttributeKind::kind, doc},
#include "onepass/ir/attributes.def"
};

template <class Entries>
auto place_of(Entries& entries, AttributeKey key) {
  return std::lower_bound(entries.begin(), entries.end(), key,
                          [](const Attributes::Entry& e, AttributeKey k) { return e.key < k; });
}

}  // namespace

const AttributeInfo& info(AttributeKey key) { return table[static_cast<size_t>(key)]; }

std::optional<AttributeKey> attribute_from_name(std::string_view name) {
  for (size_t i = 0; i < std::size(table); ++i) {
    if (table[i].name == name) return static_cast<AttributeKey>(i);
  }
  return std::nullopt;
}

void Attributes::set(AttributeKey key, std::vector<int64_t> words) {
  const auto place = place_of(entries_, key);
  if (place != entries_.end() && place->key == key) {
    place->words = std::move(words);
  } else {
    entries_.insert(place, Entry{key, std::move(words)});
  }
}

void Attributes::set_number(AttributeKey key, double number) {
  // One NaN, so that equal graphs have equal words.
  if (std::isnan(number)) number = std::numeric_limits<double>::quiet_NaN();
  set(key, std::bit_cast<int64_t>(number));
}

void Attributes::erase(AttributeKey key) {
  const auto place = place_of(entries_, key);
  if (place != entries_.end() && place->key == key) entries_.erase(place);
}

bool Attributes::has(AttributeKey key) const {
  const auto place = place_of(entries_, key);
  return place != entries_.end() && place->key == key;
}

std::span<const int64_t> Attributes::words(AttributeKey key) const {
  const auto place = place_of(entries_, key);
  if (place == entries_.end() || place->key != key) return {};
  return place->words;
}

int64_t Attributes::word(AttributeKey key) const {
  const std::span<const int64_t> found = words(key);
  internal_check(found.size() == 1, "an attribute that must be there is missing");
  return found[0];
}

double Attributes::number(AttributeKey key) const { return std::bit_cast<double>(word(key)); }

}  // namespace onepass::ir
