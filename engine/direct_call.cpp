// SPDX-License-Identifier: Apache-2.0
// Flattened guards: what Entry::matches, Entry::resolve and run_into decide, for calls that need
// nothing special.
#include "onepass/engine/direct_call.h"

#include <algorithm>

#include "onepass/engine/entry.h"
#include "onepass/engine/run.h"

namespace onepass {
namespace {

/// The layout of a dense tensor of this type; extents that are open are not 1.
runtime::Layout dense_layout(const ir::Type& type) {
  Shape shape;
  for (const ir::Dimension d : type.dimensions) shape.push_back(d == ir::one ? 1 : 2);
  return {type.dtype, shape, row_major_strides(shape)};
}

}  // namespace

std::optional<DirectCall> DirectCall::of(const Entry& entry) {
  const bool is_plain =
      entry.program != nullptr && entry.program->direct && entry.packed_inputs.empty() &&
      entry.program->panels.empty() && entry.symbols_are_input_extents &&
      entry.equalities.empty() && entry.output_layouts.empty() &&
      entry.leaf_layouts.size() <= most_leaves && entry.outputs.size() <= most_targets &&
      entry.symbols.size() <= most_symbols && entry.scalars.size() <= most_scalars;
  if (!is_plain) return std::nullopt;
  DirectCall direct;
  direct.add_leaves(entry);
  direct.add_symbols(entry);
  direct.add_targets(entry);
  return direct;
}

void DirectCall::add_leaves(const Entry& entry) {
  for (size_t i = 0; i < entry.leaf_layouts.size(); ++i) {
    leaves_.push_back({entry.leaf_layouts[i], entry.equal_leaf[i], entry.constant_leaves[i] != 0});
  }
}

void DirectCall::add_symbols(const Entry& entry) {
  for (const runtime::Symbol& symbol : entry.symbols) {
    const uint32_t leaf = entry.input_leaves[static_cast<size_t>(symbol.input)];
    symbols_.push_back({{leaf, symbol.dimension}});
  }
  for (const runtime::ValidityRange& range : entry.validity) {
    Symbol& symbol = symbols_[static_cast<size_t>(range.symbol)];
    const int64_t high = std::min(symbol.low + static_cast<int64_t>(symbol.range), range.high);
    symbol.low = std::max(symbol.low, range.low);
    symbol.range = static_cast<uint64_t>(high - symbol.low);
  }
  for (const Entry::ExtentCheck& check : entry.checks) {
    checks_.push_back({{check.leaf, check.dimension}, static_cast<uint32_t>(check.symbol)});
  }
}

void DirectCall::add_targets(const Entry& entry) {
  for (const ir::Type& type : entry.outputs) {
    const auto array = static_cast<uint32_t>(leaves_.size() + targets_.size());
    targets_.push_back(dense_layout(type));
    for (int d = 0; d < type.dimensions.rank(); ++d) {
      if (type.dimensions[d] == ir::one) continue;  // the layout says so
      checks_.push_back({{array, d}, static_cast<uint32_t>(type.dimensions[d])});
    }
  }
}

/// Layouts, memory, and which tensors are the same.
inline bool DirectCall::matches(const CallArguments& call, std::span<const Tensor> targets,
                                const TensorHeader** arrays) const {
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const Leaf& leaf = leaves_[i];
    arrays[i] = call.leaves[i];
    if (!(arrays[i]->layout == leaf.layout) || arrays[i]->constant != leaf.constant ||
        (leaf.equal_leaf != i && arrays[i] != arrays[leaf.equal_leaf])) {
      return false;
    }
  }
  for (size_t i = 0; i < targets_.size(); ++i) {
    const size_t place = leaves_.size() + i;
    arrays[place] = &targets[i].header();
    if (!(arrays[place]->layout == targets_[i]) || arrays[place]->read_only) return false;
    for (size_t other = 0; other < place; ++other) {
      if (overlap(arrays[place]->bytes, arrays[other]->bytes)) return false;
    }
  }
  return true;
}

/// The sizes.
inline bool DirectCall::resolve(const TensorHeader* const* arrays, int64_t* symbols) const {
  const auto extent = [&](const Extent& e) { return arrays[e.array]->view.shape[e.dimension]; };
  for (size_t i = 0; i < symbols_.size(); ++i) {
    symbols[i] = extent(symbols_[i].extent);
    if (static_cast<uint64_t>(symbols[i] - symbols_[i].low) > symbols_[i].range) return false;
  }
  return std::all_of(checks_.begin(), checks_.end(), [&](const Check& check) {
    return extent(check.extent) == symbols[check.symbol];
  });
}

inline bool DirectCall::find(const Entry& entry, const CallArguments& call,
                             const EvaluateOptions& options, std::span<const Tensor> targets,
                             Arrays& found) const {
  const TensorHeader* arrays[most_arrays];
  if (!entry.serves_options(options) || !matches(call, targets, arrays) ||
      !entry.serves_literals(call)) {
    return false;
  }
  for (size_t i = 0; i < entry.words.size(); ++i) {
    if (call.words[i] != entry.words[i]) return false;
  }
  if (!resolve(arrays, found.symbols) || !entry.serves_products(found.symbols)) return false;
  const size_t inputs = entry.input_leaves.size();
  for (size_t i = 0; i < inputs; ++i) found.views[i] = &arrays[entry.input_leaves[i]]->view;
  for (size_t i = 0; i < targets_.size(); ++i) {
    found.views[inputs + i] = &arrays[leaves_.size() + i]->view;
  }
  return true;
}

bool DirectCall::run(const Entry& entry, const CallArguments& call, const EvaluateOptions& options,
                     std::span<const Tensor> targets) const {
  Arrays found;
  if (!find(entry, call, options, targets, found)) return false;
  uint64_t scalars[most_scalars];
  if (!entry.scalars.empty()) entry.convert_literals(call, {scalars, entry.scalars.size()});
  return entry.program->direct->run(found.views, found.symbols, scalars);
}

bool DirectCall::bind(const Entry& entry, const CallArguments& call, const EvaluateOptions& options,
                      std::span<const Tensor> targets, runtime::BoundLaunch& bound) const {
  Arrays found;
  return find(entry, call, options, targets, found) &&
         entry.program->direct->bind(found.views, found.symbols, bound);
}

}  // namespace onepass
