// SPDX-License-Identifier: Apache-2.0
// The attributes of a node: a short sorted list of (key, words), stamped from attributes.def.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "onepass/ir/modes.h"
#include "onepass/runtime/dtype.h"

namespace onepass::ir {

enum class AttributeKey : uint8_t {
#define ONEPASS_ATTRIBUTE(name, kind, doc) name,
#include "onepass/ir/attributes.def"
};

/// How the words of an attribute are read, printed and parsed.
enum class AttributeKind : uint8_t {
  number,
  integer,
  integers,
  boolean,
  dtype,
  symbols,
  word,
  reasons
};

struct AttributeInfo {
  std::string_view name;
  AttributeKind kind;
  std::string_view doc;
};
const AttributeInfo& info(AttributeKey key);
std::optional<AttributeKey> attribute_from_name(std::string_view name);

class Attributes {
 public:
  struct Entry {
    AttributeKey key;
    std::vector<int64_t> words;  // a number is stored as the bits of a double
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  Attributes() = default;

  void set(AttributeKey key, std::vector<int64_t> words);
  void set(AttributeKey key, int64_t word) { set(key, std::vector<int64_t>{word}); }
  void set_number(AttributeKey key, double number);
  void erase(AttributeKey key);

  bool has(AttributeKey key) const;
  /// The words of `key`; empty if it is absent.
  std::span<const int64_t> words(AttributeKey key) const;
  /// The single word of `key`, which must be there.
  int64_t word(AttributeKey key) const;
  double number(AttributeKey key) const;
  double number(AttributeKey key, double otherwise) const {
    return has(key) ? number(key) : otherwise;
  }
  DType dtype() const { return static_cast<DType>(word(AttributeKey::dtype)); }

  bool empty() const { return entries_.empty(); }
  std::span<const Entry> entries() const { return entries_; }
  friend bool operator==(const Attributes&, const Attributes&) = default;

 private:
  std::vector<Entry> entries_;  // ascending by key
};

}  // namespace onepass::ir
