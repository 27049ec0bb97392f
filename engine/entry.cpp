// SPDX-License-Identifier: Apache-2.0
// Entries: making them from a graph, and the guard that decides which calls they serve.
#include "onepass/engine/entry.h"

#include <algorithm>
#include <unordered_map>

#include "onepass/codegen/compile.h"
#include "onepass/engine/capture.h"
#include "onepass/engine/packed_forms.h"
#include "onepass/engine/pass_options.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/mxcsr.h"
#include "onepass/runtime/program_arrays.h"
#include "onepass/runtime/small_array.h"

namespace onepass {

namespace {

using runtime::Layout;
using runtime::Symbol;

void record_symbols(Entry& entry, const ir::Graph& graph) {
  entry.symbols = graph.symbols;
  entry.symbols_are_input_extents =
      std::all_of(graph.symbols.begin(), graph.symbols.end(),
                  [](const Symbol& s) { return s.kind == Symbol::Kind::input_extent; });
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    const ir::Dimensions& dimensions = graph.node(graph.inputs[i].node).type.dimensions;
    for (int d = 0; d < dimensions.rank(); ++d) {
      if (dimensions[d] == ir::one) continue;  // the layout says so
      const Symbol& symbol = graph.symbols[static_cast<size_t>(dimensions[d])];
      const bool defines = symbol.kind == Symbol::Kind::input_extent &&
                           symbol.input == static_cast<int>(i) && symbol.dimension == d;
      if (!defines) entry.checks.push_back({entry.input_leaves[i], d, dimensions[d]});
    }
  }
}

void record_scalars(Entry& entry, const ir::Graph& graph, const Tape& tape) {
  size_t scalar = 0;
  for (const TapeInstruction& instruction : tape.instructions) {
    if (instruction.kind != TapeInstruction::Kind::literal) continue;
    const ir::Node& node = graph.node(graph.scalars[scalar++]);
    entry.scalars.push_back({static_cast<LiteralKind>(instruction.code), node.type.dtype});
  }
}

/// Whether a step reads the input as it is, and not panels of it.
bool reads_input(const runtime::Program& program, uint32_t input) {
  const auto array = static_cast<size_t>(program.inputs[input]);
  bool reads = false;
  for (const runtime::Step& step : program.steps) {
    runtime::for_each_array(
        step, [&](int read) { reads |= runtime::storage_of(program, read) == array; });
  }
  return reads;
}

}  // namespace

std::vector<uint32_t> first_equal_leaves(std::span<const TensorHeader* const> leaves) {
  std::unordered_map<const TensorHeader*, uint32_t> first;
  std::vector<uint32_t> equal;
  for (uint32_t i = 0; i < leaves.size(); ++i) {
    equal.push_back(first.try_emplace(leaves[i], i).first->second);
  }
  return equal;
}

std::vector<uint8_t> literal_classes(const Tape& tape, const CallArguments& call,
                                     Accuracy accuracy) {
  std::vector<uint8_t> classes;
  if (accuracy != Accuracy::fast) return classes;
  for (const TapeInstruction& instruction : tape.instructions) {
    if (instruction.kind != TapeInstruction::Kind::literal) continue;
    const auto kind = static_cast<LiteralKind>(instruction.code);
    classes.push_back(static_cast<uint8_t>(literal_class(kind, call.literals[classes.size()])));
  }
  return classes;
}

std::vector<Layout> target_layouts(std::span<const Tensor> targets) {
  std::vector<Layout> layouts;
  const bool dense =
      std::all_of(targets.begin(), targets.end(), [](const Tensor& t) { return t.is_dense(); });
  if (dense) return layouts;
  for (const Tensor& target : targets) layouts.push_back(target.header().layout);
  return layouts;
}

bool Entry::matches(const CallArguments& call, const EvaluateOptions& call_options,
                    std::span<const Tensor> targets) const {
  for (size_t i = 0; i < leaf_layouts.size(); ++i) {
    if (!(call.leaves[i]->layout == leaf_layouts[i])) return false;
    if (call.leaves[i]->constant != constant_leaves[i]) return false;
    if (equal_leaf[i] != i && call.leaves[i] != call.leaves[equal_leaf[i]]) return false;
  }
  if (!serves_options(call_options) || !serves_literals(call)) return false;
  if (!std::equal(words.begin(), words.end(), call.words.begin(), call.words.end())) return false;
  for (size_t i = 0; i < targets.size(); ++i) {
    const Layout& layout = targets[i].header().layout;
    if (output_layouts.empty() ? !layout.is_dense() : !(layout == output_layouts[i])) return false;
  }
  return true;
}

bool Entry::resolve(const CallArguments& call, std::span<int64_t> values) const {
  if (symbols_are_input_extents) {
    for (size_t i = 0; i < symbols.size(); ++i) {
      const auto leaf = input_leaves[static_cast<size_t>(symbols[i].input)];
      values[i] = call.leaves[leaf]->view.shape[symbols[i].dimension];
    }
  } else {
    runtime::SmallArray<int64_t, 16> given(given_extents.size());
    for (size_t i = 0; i < given_extents.size(); ++i) given[i] = call.extents[given_extents[i]];
    std::vector<Shape> shapes;
    for (const uint32_t leaf : input_leaves) shapes.push_back(call.leaves[leaf]->view.shape);
    runtime::resolve_symbols(symbols, shapes, given.span(), values);
  }
  for (const ExtentCheck& check : checks) {
    if (call.leaves[check.leaf]->view.shape[check.dimension] !=
        values[static_cast<size_t>(check.symbol)])
      return false;
  }
  for (const runtime::ValidityRange& range : validity) {
    const int64_t value = values[static_cast<size_t>(range.symbol)];
    if (value < range.low || value > range.high) return false;
  }
  if (!serves_products(values.data())) return false;
  for (const ir::SymbolEquality& equality : equalities) {
    if (values[static_cast<size_t>(equality.first)] != values[static_cast<size_t>(equality.second)])
      return false;
  }
  return true;
}

void Entry::convert_literals(const CallArguments& call, std::span<uint64_t> scalar_words) const {
  if (scalars.empty()) return;
  const runtime::FloatingPointDefaults defaults;
  for (size_t i = 0; i < scalars.size(); ++i) {
    scalar_words[i] = converted_literal(scalars[i].literal, call.literals[i], scalars[i].dtype);
  }
}

Shape Entry::output_shape(size_t output, std::span<const int64_t> symbol_values) const {
  Shape shape;
  for (const ir::Dimension d : outputs[output].dimensions) {
    shape.push_back(d == ir::one ? 1 : symbol_values[static_cast<size_t>(d)]);
  }
  return shape;
}

std::shared_ptr<const Entry> make_entry(const Tape& tape, const CallArguments& call,
                                        const EvaluateOptions& options,
                                        std::span<const Tensor> targets) {
  const runtime::FloatingPointDefaults defaults;  // constants are converted and folded
  auto entry = std::make_shared<Entry>();
  for (const TensorHeader* leaf : call.leaves) {
    entry->leaf_layouts.push_back(leaf->layout);
    entry->constant_leaves.push_back(leaf->constant);
  }
  entry->equal_leaf = first_equal_leaves(call.leaves);
  entry->words.assign(call.words.begin(), call.words.end());
  entry->options = options;
  entry->literal_classes = literal_classes(tape, call, options.accuracy);
  entry->output_layouts = target_layouts(targets);

  const PackedCall packed(tape, call);
  Captured captured = capture(tape, packed.arguments(), options.accuracy);
  ir::Graph& graph = captured.graph;
  entry->input_leaves = std::move(captured.input_leaves);
  entry->given_extents = std::move(captured.given_extents);
  ir::run_pipeline(graph, pass_options(options));

  record_symbols(*entry, graph);
  record_scalars(*entry, graph, tape);
  entry->validity = graph.validity;
  entry->equalities = graph.equalities;
  for (const ir::NodeId output : graph.outputs) entry->outputs.push_back(graph.node(output).type);
  const std::vector<uint32_t> packed_inputs = packed.inputs(entry->input_leaves);
  if (options.mode == Mode::interpreted) {
    entry->packed_inputs = packed_inputs;
    entry->graph = std::make_unique<const ir::Graph>(std::move(graph));
    return entry;
  }
  codegen::CompileOptions compile_options;
  compile_options.accuracy = options.accuracy;
  compile_options.output_layouts = entry->output_layouts;
  compile_options.constant_inputs = packed.constant_matrices(entry->input_leaves);
  entry->program = codegen::compile(graph, compile_options);
  for (const uint32_t input : packed_inputs) {
    if (reads_input(*entry->program, input)) entry->packed_inputs.push_back(input);
  }
  entry->validity = entry->program->validity;
  entry->valid_products = entry->program->valid_products;
  entry->direct = DirectCall::of(*entry);
  return entry;
}

}  // namespace onepass
