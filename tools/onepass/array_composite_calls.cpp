// SPDX-License-Identifier: Apache-2.0
// The functions of array_composites.def as the command line spells them.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string>

#include "axes_argument.h"
#include "call_arguments.h"
#include "onepass/engine/index_words.h"
#include "structural_calls.h"

namespace onepass::tool {
namespace {

using ir::ArrayComposite;
using ir::ArrayCompositeInfo;
using Kind = ir::ArrayOptions::Kind;

/// The names of a list: "x, weight, bias".
std::vector<std::string_view> names_of(std::string_view list) {
  std::vector<std::string_view> names;
  constexpr std::string_view separator = ", ";
  while (!list.empty()) {
    const size_t end = std::min(list.find(separator), list.size());
    names.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + separator.size(), list.size()));
  }
  return names;
}

/// What a kind of options adds to a signature, and how it calls the number among them.
struct Spelling {
  std::string text;
  std::string_view number;  // empty: there is none
  int axis = 0;             // by default, where not all axes are
};

Spelling spelling(const ArrayCompositeInfo& row) {
  switch (row.options) {
    case Kind::over:
      return {"axis=all, keepdims=False", ""};
    case Kind::spread:
      return {fmt::format("axis=all, correction={:g}, keepdims=False", row.number), "correction"};
    case Kind::order:
      return {fmt::format("axis=all, keepdims=False, ord={:g}", row.number), "ord"};
    case Kind::along:
      return {"axis=-1", "", -1};
    case Kind::scaled:
      return {fmt::format("axis=-1, epsilon={:g}", row.number), "epsilon", -1};
    case Kind::channel:
      return {fmt::format("axis=1, epsilon={:g}", row.number), "epsilon", 1};
  }
  return {};
}

std::string signature_of(const ArrayCompositeInfo& row) {
  std::string text = std::string(row.name) + "(";
  int place = 0;
  for (const std::string_view name : names_of(row.operands)) {
    text += std::string(name) + (place++ < row.least ? ", " : "=None, ");
  }
  return text + spelling(row).text + ")";
}

template <ArrayComposite function, StructuralFunction code>
Value build(const CallArguments& call) {
  const ArrayCompositeInfo& row = ir::info(function);
  const Spelling options = spelling(row);
  std::vector<Value> operands;
  for (const std::string_view name : names_of(row.operands)) {
    if (static_cast<int>(operands.size()) >= row.least && !call.has(name)) break;
    operands.push_back(call.array(name));
  }
  std::optional<std::vector<int>> axes = call.axes("axis");
  if (!axes && options.axis != 0) axes = std::vector<int>{options.axis};
  const bool keepdims = options.axis == 0 && call.flag("keepdims", false);
  const AxesWords named = words_of_axes(axes, keepdims);
  const double number =
      options.number.empty() ? row.number : call.number(options.number, row.number);
  const int64_t words[] = {named.words[0], named.words[1], named.words[2],
                           std::bit_cast<int64_t>(number)};
  return Value::structural(code, operands, words, {});
}

/// Signatures, kept for the views of them.
const std::vector<std::string>& signatures() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> made;
    for (const ArrayComposite function : ir::array_composites()) {
      made.push_back(signature_of(ir::info(function)));
    }
    return made;
  }();
  return texts;
}

}  // namespace

AxesWords words_of_axes(const std::optional<std::vector<int>>& axes, bool keepdims) {
  if (!axes) return axes_words(Axes(), keepdims);
  AxesWords call;
  call.words[0] = static_cast<int64_t>(axes->size());
  call.words[1] = packed(*axes);
  call.words[2] = keepdims;
  return call;
}

std::span<const StructuralCall> array_composite_calls() {
  static const std::vector<StructuralCall> calls = [] {
    std::vector<StructuralCall> made;
    const auto add = [&](Value (*builder)(const CallArguments&)) {
      made.push_back({signatures()[made.size()], builder});
    };
#define ONEPASS_ARRAY_COMPOSITE(name, ...) \
  add(build<ArrayComposite::name, StructuralFunction::name>);
#include "onepass/ir/array_composites.def"
    return made;
  }();
  return calls;
}

}  // namespace onepass::tool
