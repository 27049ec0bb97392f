// SPDX-License-Identifier: Apache-2.0
// Everything here is read from the tables of ir/.
#include "ops_table.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "functions.h"
#include "onepass/ir/composite.h"
#include "onepass/ir/op.h"

namespace onepass::tool {
namespace {

std::string_view accepted(ir::TypeRule rule) {
  switch (rule) {
    case ir::TypeRule::numeric:
      return "integers, floats";
    case ir::TypeRule::float_like:
      return "floats";
    case ir::TypeRule::equality:
      return "any; gives boolean";
    case ir::TypeRule::ordering:
      return "integers, floats; gives boolean";
    case ir::TypeRule::select:
      return "boolean, then any";
    case ir::TypeRule::boolean:
      return "boolean";
    case ir::TypeRule::bits:
      return "boolean, integers";
    case ir::TypeRule::shift:
      return "integers";
    case ir::TypeRule::structural:
      return "any";
  }
  return {};
}

std::string law_names(uint8_t facts) {
  constexpr std::pair<uint8_t, std::string_view> names[] = {
      {ir::laws::commutative, "commutative"},
      {ir::laws::odd, "odd"},
      {ir::laws::even, "even"},
      {ir::laws::zero_preserving, "zero preserving"}};
  std::string text;
  for (const auto& [law, name] : names) {
    if ((facts & law) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text;
}

std::string bound(double ulp) { return ulp == 0 ? "exact" : fmt::format("{:g}", ulp); }

/// A table cell: | would end it.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string_view array_signature(ir::ArrayComposite composite) {
  return array_composite_calls()[static_cast<size_t>(composite)].signature;
}

constexpr std::string_view markdown_head = R"(# Operations

This page is `onepass ops --markdown`: made from `ir/ops.def`, `ir/composites.def`,
`ir/array_composites.def`, `ir/structural_ops.def`, `ir/reductions.def` and
`ir/cumulative.def`, and compared with them by a test.

## Element-wise operations

Error bounds are in units in the last place over the whole range of inputs; *exact* means correctly
rounded. `f32` and `f64` hold for accuracy `strict`, *fast* for `fast`. 16-bit floats are computed in
f32 and rounded once.

| operation | accepts | f32 | f64 | fast | laws | meaning |
|---|---|---|---|---|---|---|
)";

}  // namespace

std::string ops_text() {
  std::string text = fmt::format("{:<32}{:<33}{:>6}{:>6}{:>6}  {}\n", "operation", "accepts", "f32",
                                 "f64", "fast", "meaning");
  for (const ir::OpCode op : ir::elementwise_ops()) {
    const ir::OpInfo& row = ir::info(op);
    text += fmt::format("{:<32}{:<33}{:>6}{:>6}{:>6}  {}\n", signature(op), accepted(row.rule),
                        bound(row.ulp_f32), bound(row.ulp_f64), bound(row.ulp_fast), row.doc);
  }
  text += "\nmade of others\n";
  for (const ir::Composite composite : ir::composites()) {
    text += fmt::format("{:<32}{:<33}{}\n", signature(composite),
                        accepted(ir::info(composite).rule), ir::info(composite).doc);
  }
  for (const ir::ArrayComposite composite : ir::array_composites()) {
    text += fmt::format("{}\n    {}\n", array_signature(composite), ir::info(composite).doc);
  }
  text += "\nof whole arrays\n";
  for (const StructuralCall& call : structural_calls()) {
    text += fmt::format("{}\n", call.signature);
  }
  return text +
         "\nError bounds are in units in the last place; 'onepass ops --markdown' says more.\n";
}

std::string ops_markdown() {
  std::string text(markdown_head);
  for (const ir::OpCode op : ir::elementwise_ops()) {
    const ir::OpInfo& row = ir::info(op);
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", signature(op),
                        accepted(row.rule), bound(row.ulp_f32), bound(row.ulp_f64),
                        bound(row.ulp_fast), law_names(row.laws), cell(row.doc));
  }
  text +=
      "\n## Composites\n\nFormulas over other operations, the same in every mode.\n\n"
      "| function | accepts | formula |\n|---|---|---|\n";
  for (const ir::Composite composite : ir::composites()) {
    const ir::CompositeInfo& row = ir::info(composite);
    text += fmt::format("| `{}` | {} | `{}` |\n", signature(composite), accepted(row.rule),
                        cell(row.doc));
  }
  for (const ir::ArrayComposite composite : ir::array_composites()) {
    const ir::ArrayCompositeInfo& row = ir::info(composite);
    text += fmt::format("| `{}` | {} | `{}` |\n", array_signature(composite), accepted(row.rule),
                        cell(row.doc));
  }
  text +=
      "\n## Structural operations\n\nNodes of the graph that are not element-wise.\n\n"
      "| node | meaning |\n|---|---|\n";
  for (const ir::OpCode op : ir::structural_ops()) {
    text += fmt::format("| `{}` | {} |\n", ir::to_string(op), cell(ir::info(op).doc));
  }
  text += "\n## Functions of whole arrays\n\nAs the command line spells them.\n\n";
  for (const StructuralCall& call : structural_calls())
    text += fmt::format("- `{}`\n", call.signature);
  return text;
}

}  // namespace onepass::tool
