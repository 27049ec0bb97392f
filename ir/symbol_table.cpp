// SPDX-License-Identifier: Apache-2.0
// The table of extents that type rules work on: values, equalities, derived symbols.
#include <algorithm>

#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

using runtime::Symbol;

bool is_derived(const Symbol& symbol) {
  return symbol.kind != Symbol::Kind::input_extent && symbol.kind != Symbol::Kind::given;
}

}  // namespace

std::string derivation(const Symbol& symbol) {
  std::string bytes;
  const auto put = [&](int64_t word) {
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  };
  put(static_cast<int64_t>(symbol.kind));
  for (const int64_t word :
       {int64_t{symbol.input}, int64_t{symbol.dimension}, symbol.start, symbol.stop, symbol.step}) {
    put(word);
  }
  for (const int term : symbol.terms) put(term);
  return bytes;
}

SymbolTable::SymbolTable(std::vector<Symbol>& symbols,
                         std::span<const runtime::ValidityRange> ranges,
                         std::span<const SymbolEquality> equalities)
    : symbols_(symbols), ranges_(ranges.begin(), ranges.end()), frozen_(true) {
  track_new_symbols();
  for (const SymbolEquality& pair : equalities) {
    merged_into_[static_cast<size_t>(pair.second)] = canonical(pair.first);
  }
  for (const runtime::ValidityRange& range : ranges) {
    if (range.low == 1 && range.high == 1) merged_into_[static_cast<size_t>(range.symbol)] = one;
  }
  for (size_t i = 0; i < symbols.size(); ++i) {
    if (is_derived(symbols[i])) derived_.emplace(derivation(symbols[i]), static_cast<int>(i));
  }
}

void SymbolTable::track_new_symbols() const {
  while (merged_into_.size() < symbols_.size()) {
    merged_into_.push_back(static_cast<int>(merged_into_.size()));
  }
}

int64_t SymbolTable::extent(Dimension d) const {
  return d == one ? 1 : symbols_[static_cast<size_t>(d)].value;
}

Shape SymbolTable::shape(const Dimensions& dimensions) const {
  Shape shape;
  for (const Dimension d : dimensions) shape.push_back(extent(d));
  return shape;
}

Dimension SymbolTable::canonical(Dimension d) const {
  track_new_symbols();
  while (d != one) {
    int& next = merged_into_[static_cast<size_t>(d)];
    if (next == d) return d;
    if (next != one) next = merged_into_[static_cast<size_t>(next)];  // halves the path
    d = next;
  }
  return one;
}

bool SymbolTable::unify(Dimension a, Dimension b) {
  a = canonical(a);
  b = canonical(b);
  if (a == b) return true;
  if (frozen_ || a == one || b == one || extent(a) != extent(b)) return false;
  merged_into_[static_cast<size_t>(std::max(a, b))] = std::min(a, b);
  return true;
}

Dimension SymbolTable::add(Symbol symbol) {
  symbols_.push_back(std::move(symbol));
  return static_cast<Dimension>(symbols_.size()) - 1;
}

void SymbolTable::require(int symbol, int64_t low, int64_t high) {
  const auto is_same = [&](const runtime::ValidityRange& range) {
    return range.symbol == symbol && range.low == low && range.high == high;
  };
  if (std::any_of(ranges_.begin(), ranges_.end(), is_same)) return;
  ranges_.push_back({symbol, low, high});
  if (low != 1 || high != 1) return;
  track_new_symbols();
  merged_into_[static_cast<size_t>(symbol)] = one;
}

Dimension SymbolTable::derive(Symbol symbol) {
  for (int& term : symbol.terms) term = canonical(term);
  const auto [place, is_new] =
      derived_.emplace(derivation(symbol), static_cast<int>(symbols_.size()));
  if (!is_new) return canonical(place->second);
  try {
    symbol.value = derived_value(symbol, [&](int term) { return extent(term); });
  } catch (...) {
    derived_.erase(place);
    throw;
  }
  const int64_t value = symbol.value;
  const Dimension added = add(std::move(symbol));
  if (value == 1 && !frozen_) require(added, 1, 1);
  return canonical(added);
}

Dimension SymbolTable::derive(Symbol::Kind kind, std::vector<int> terms) {
  Symbol symbol;
  symbol.kind = kind;
  symbol.terms = std::move(terms);
  return derive(std::move(symbol));
}

int64_t derived_value(const Symbol& symbol, const std::function<int64_t(int)>& value) {
  // Resolved beside its terms alone: they become the given words of a list that ends with the
  // symbol.
  Symbol term;
  term.kind = Symbol::Kind::given;
  std::vector<Symbol> list(symbol.terms.size() + 1, term);
  std::vector<int64_t> given, values(list.size());
  list.back() = symbol;
  for (size_t i = 0; i < symbol.terms.size(); ++i) {
    list[i].input = static_cast<int>(i);
    list.back().terms[i] = static_cast<int>(i);
    given.push_back(value(symbol.terms[i]));
  }
  runtime::resolve_symbols(list, {}, given, values);
  return values.back();
}

}  // namespace onepass::ir
