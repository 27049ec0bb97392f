// SPDX-License-Identifier: Apache-2.0
// One pass over the graph. Values that are outputs are stored there at once; nothing else is copied
// without need.
#include "onepass/codegen/program_builder.h"

#include <algorithm>

#include "onepass/codegen/dense_layout.h"
#include "onepass/codegen/kernel_body.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {

using ir::AttributeKey;
using ir::Node;
using ir::NodeId;
using ir::OpCode;
using runtime::ProgramArray;

namespace {

std::vector<int> extents_of(const ir::Type& type) {
  return {type.dimensions.begin(), type.dimensions.end()};
}

bool is_library_product(const Node& node) {
  return node.op == OpCode::matmul && node.attributes.has(AttributeKey::provider) &&
         node.attributes.word(AttributeKey::provider) ==
             static_cast<int64_t>(ir::Provider::openblas);
}

}  // namespace

void ProgramBuilder::build() {
  program_->name = graph_.name;
  program_->symbols = graph_.symbols;
  program_->validity = graph_.validity;
  add_inputs();
  add_outputs();
  find_parts();
  const std::vector<int> uses = ir::count_uses(graph_);
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (uses[i] > 0) add_node(static_cast<NodeId>(i));
  }
  copy_outputs();
  program_->may_alias = alias_table(*program_, kernels_);
}

/// Which results belong together, and which values can be stored as an output of another shape.
void ProgramBuilder::find_parts() {
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const Node& node = graph_.nodes[i];
    if (node.op == OpCode::result) parts_[node.inputs[0]].push_back(static_cast<NodeId>(i));
  }
  for (size_t i = 0; i < graph_.outputs.size(); ++i) {
    const Node& node = graph_.node(graph_.outputs[i]);
    const auto output = static_cast<size_t>(program_->outputs[i]);
    if (node.op == OpCode::reshape && layouts_[output].is_dense()) {
      reshaped_output_.emplace(node.inputs[0], program_->outputs[i]);
    }
  }
}

void ProgramBuilder::add_inputs() {
  for (size_t i = 0; i < graph_.inputs.size(); ++i) {
    const ir::InputDeclaration& input = graph_.inputs[i];
    const ir::Type& type = graph_.node(input.node).type;
    runtime::Layout layout = dense_layout(type);
    if (!input.strides.empty()) {
      layout = {type.dtype, graph_.captured_shape(type),
                Strides(std::span<const int64_t>(input.strides))};
    }
    array_of_[input.node] = add_array(
        {ProgramArray::Kind::input, static_cast<int>(i), type.dtype, extents_of(type), 0, {}},
        layout);
    program_->inputs.push_back(array_of_[input.node]);
  }
}

void ProgramBuilder::add_outputs() {
  for (size_t i = 0; i < graph_.outputs.size(); ++i) {
    const ir::Type& type = graph_.node(graph_.outputs[i]).type;
    const runtime::Layout layout =
        options_.output_layouts.empty() ? dense_layout(type) : options_.output_layouts.at(i);
    program_->outputs.push_back(add_array(
        {ProgramArray::Kind::output, static_cast<int>(i), type.dtype, extents_of(type), 0, {}},
        layout));
  }
}

int ProgramBuilder::add_array(ProgramArray array, runtime::Layout layout) {
  program_->arrays.push_back(std::move(array));
  layouts_.push_back(layout);
  return static_cast<int>(program_->arrays.size()) - 1;
}

int ProgramBuilder::add_temporary(const ir::Type& type) {
  return add_array({ProgramArray::Kind::temporary, 0, type.dtype, extents_of(type), 0, {}},
                   dense_layout(type));
}

int ProgramBuilder::result_array(NodeId id) {
  for (size_t i = 0; i < graph_.outputs.size(); ++i) {
    if (graph_.outputs[i] == id) return array_of_[id] = program_->outputs[i];
  }
  const ir::Type& type = graph_.node(id).type;
  const auto output = reshaped_output_.find(id);
  if (output == reshaped_output_.end()) return array_of_[id] = add_temporary(type);
  return array_of_[id] = add_array(
             {ProgramArray::Kind::reshaped, output->second, type.dtype, extents_of(type), 0, {}},
             dense_layout(type));
}

int ProgramBuilder::operand_array(NodeId id) {
  const auto found = array_of_.find(id);
  if (found != array_of_.end()) return found->second;
  const int array = result_array(id);
  copy_into(id, array);
  return array;
}

int ProgramBuilder::dense_operand_array(NodeId id) {
  const int array = operand_array(id);
  if (layouts_[static_cast<size_t>(array)].is_dense()) return array;
  const int dense = add_temporary(graph_.node(id).type);
  copy_into(id, dense);
  return dense;
}

void ProgramBuilder::add_step(runtime::Step step) {
  program_->steps.push_back(std::move(step));
  kernels_.resize(program_->steps.size());
}

void ProgramBuilder::add_node(NodeId id) {
  const Node& node = graph_.node(id);
  switch (node.op) {
    case OpCode::input:
    case OpCode::scalar:
    case OpCode::constant:
    case OpCode::result:
      return;
    case OpCode::fused:
      return add_fused(id);
    case OpCode::reshape:
      return add_reshape(id);
    default:
      if (!add_call({node, node.inputs, id})) add_single(id);
  }
}

bool ProgramBuilder::add_call(const LibraryCall& call) {
  if (call.node.op == OpCode::concat) {
    add_concat(call);
  } else if (call.node.op == OpCode::take) {
    add_gather(call);
  } else if (is_library_product(call.node)) {
    add_product(call);
  } else {
    return false;
  }
  return true;
}

void ProgramBuilder::add_fused(NodeId id) {
  const Node& node = graph_.node(id);
  const Node& last = node.body->nodes.back();
  std::vector<NodeId> operands;
  for (const NodeId input : last.inputs) {
    // Operands of library calls are arrays, which stand first in a body as in its fused node.
    const auto place = static_cast<size_t>(input);
    operands.push_back(place < node.inputs.size() ? node.inputs[place] : -1);
  }
  if (add_call({last, std::move(operands), id})) return;
  std::vector<int> results;
  for (size_t i = 0; i < node.body->outputs.size(); ++i) {
    NodeId part = i == 0 ? id : -1;
    for (const NodeId candidate : parts_[id]) {
      const int64_t index = graph_.node(candidate).attributes.word(AttributeKey::index);
      if (index == static_cast<int64_t>(i)) part = candidate;
    }
    // A result that nobody reads still has to go somewhere.
    results.push_back(part >= 0 ? result_array(part)
                                : add_temporary(node.body->node(node.body->outputs[i]).type));
  }
  launch_kernel(node, results);
}

void ProgramBuilder::add_single(NodeId id) {
  launch_kernel(kernel_of_node(graph_, id), {result_array(id)});
}

void ProgramBuilder::copy_into(NodeId id, int array) {
  launch_kernel(kernel_of_copy(graph_, id), {array});
}

void ProgramBuilder::launch_kernel(Node fused, const std::vector<int>& results) {
  auto kernel = std::make_unique<PlannedKernel>();
  std::vector<int> arrays;
  for (size_t i = 0; i < fused.body->inputs.size(); ++i)
    arrays.push_back(operand_array(fused.inputs[i]));
  arrays.insert(arrays.end(), results.begin(), results.end());
  PlanContext context{graph_, fused, {}, options_.target, options_.accuracy};
  for (const int array : arrays) context.layouts.push_back(layouts_[static_cast<size_t>(array)]);
  for (const NodeId input : fused.inputs) context.constants.push_back(is_constant_input(input));
  kernel->plan = plan_kernel(context);
  for (const runtime::PanelInput& operand : kernel->plan.panels) {
    arrays[static_cast<size_t>(operand.input)] = panel_array(operand, fused);
  }
  kernel->fused = std::move(fused);
  for (const runtime::ValidityRange& range : kernel->plan.validity) require(range);
  for (const runtime::ValidityProduct& product : kernel->plan.valid_products) require(product);
  std::shared_ptr<const runtime::Kernel> code;
  if (with_code_) code = link_kernel(kernel->plan.nest, options_.target);
  add_step(runtime::KernelLaunch{std::move(code), std::move(arrays)});
  kernels_.back() = std::move(kernel);
}

bool ProgramBuilder::is_constant_input(NodeId id) const {
  for (size_t i = 0; i < options_.constant_inputs.size(); ++i) {
    if (graph_.inputs[i].node == id) return options_.constant_inputs[i];
  }
  return false;
}

int ProgramBuilder::panel_array(const runtime::PanelInput& operand, const Node& fused) {
  const NodeId id = fused.inputs[static_cast<size_t>(operand.input)];
  const auto declaration =
      std::find_if(graph_.inputs.begin(), graph_.inputs.end(),
                   [&](const ir::InputDeclaration& input) { return input.node == id; });
  const runtime::PanelInput panels{static_cast<int>(declaration - graph_.inputs.begin()),
                                   operand.width};
  auto& known = program_->panels;
  const auto found = std::find(known.begin(), known.end(), panels);
  const size_t place = graph_.inputs.size() + static_cast<size_t>(found - known.begin());
  if (found != known.end()) return program_->inputs[place];
  known.push_back(panels);
  const ir::Type& type = graph_.node(id).type;
  // Panels have three dimensions, whose extents nobody asks for.
  const Shape shape{2, 2, 2};
  const int array = add_array(
      {ProgramArray::Kind::input, static_cast<int>(place), type.dtype, extents_of(type), 0, {}},
      {type.dtype, shape, row_major_strides(shape)});
  program_->inputs.push_back(array);
  return array;
}

void ProgramBuilder::require(const runtime::ValidityRange& range) {
  for (runtime::ValidityRange& known : program_->validity) {
    if (known.symbol != range.symbol) continue;
    known.low = std::max(known.low, range.low);
    known.high = std::min(known.high, range.high);
    return;
  }
  program_->validity.push_back(range);
}

void ProgramBuilder::require(const runtime::ValidityProduct& product) {
  for (runtime::ValidityProduct& known : program_->valid_products) {
    if (known.symbols != product.symbols) continue;
    known.low = std::max(known.low, product.low);
    known.high = std::min(known.high, product.high);
    return;
  }
  program_->valid_products.push_back(product);
}

void ProgramBuilder::add_product(const LibraryCall& call) {
  const ir::Dimensions& lhs = graph_.node(call.operands[0]).type.dimensions;
  const ir::Dimensions& rhs = graph_.node(call.operands[1]).type.dimensions;
  const bool has_rows = lhs.rank() > 1, has_columns = rhs.rank() > 1;
  runtime::LibraryProduct product;
  product.lhs = operand_array(call.operands[0]);
  product.rhs = operand_array(call.operands[1]);
  product.batch_rank = call.node.type.rank() - (has_rows ? 1 : 0) - (has_columns ? 1 : 0);
  product.extents = extents_of(call.node.type);
  product.extents.resize(static_cast<size_t>(product.batch_rank));
  product.extents.push_back(has_rows ? lhs[lhs.rank() - 2] : ir::one);
  product.extents.push_back(has_columns ? rhs[rhs.rank() - 1] : ir::one);
  product.extents.push_back(lhs[lhs.rank() - 1]);
  product.result = result_array(call.result);
  leads_.emplace(program_->steps.size(), provider_lead(call.node));
  add_step(std::move(product));
}

void ProgramBuilder::add_gather(const LibraryCall& call) {
  runtime::Gather gather;
  gather.source = operand_array(call.operands[0]);
  gather.indices = operand_array(call.operands[1]);
  gather.axis = static_cast<int>(call.node.attributes.word(AttributeKey::axis));
  gather.result = result_array(call.result);
  add_step(gather);
}

void ProgramBuilder::add_concat(const LibraryCall& call) {
  const int axis = static_cast<int>(call.node.attributes.word(AttributeKey::axis));
  int whole = result_array(call.result);
  const int target = whole;
  // The layout of a section of a strided array cannot be told from the layout of the array.
  if (!layouts_[static_cast<size_t>(whole)].is_dense()) whole = add_temporary(call.node.type);
  std::vector<int> start;
  for (const NodeId input : call.operands) {
    const ir::Type& type = graph_.node(input).type;
    const int section =
        add_array({ProgramArray::Kind::section, whole, type.dtype, extents_of(type), axis, start},
                  section_layout(type, axis));
    copy_into(input, section);
    start.push_back(type.dimensions[axis]);
  }
  if (whole == target) return;
  array_of_[call.result] = whole;
  copy_into(call.result, target);
  array_of_[call.result] = target;
}

void ProgramBuilder::add_reshape(NodeId id) {
  const Node& node = graph_.node(id);
  const auto output = reshaped_output_.find(node.inputs[0]);
  const bool is_there = output != reshaped_output_.end() &&
                        graph_.outputs[static_cast<size_t>(
                            program_->arrays[static_cast<size_t>(output->second)].index)] == id &&
                        is_stored_in(node.inputs[0], output->second);
  if (is_there) {
    array_of_[id] = output->second;
    return;
  }
  const int source = dense_operand_array(node.inputs[0]);
  array_of_[id] = add_array(
      {ProgramArray::Kind::reshaped, source, node.type.dtype, extents_of(node.type), 0, {}},
      dense_layout(node.type));
}

bool ProgramBuilder::is_stored_in(NodeId id, int array) const {
  const auto found = array_of_.find(id);
  if (found == array_of_.end()) return false;
  const ProgramArray& stored = program_->arrays[static_cast<size_t>(found->second)];
  return stored.kind == ProgramArray::Kind::reshaped && stored.index == array;
}

/// Outputs that are not stored yet: inputs, reshapes, scalars, constants, and one node twice.
void ProgramBuilder::copy_outputs() {
  for (size_t i = 0; i < graph_.outputs.size(); ++i) {
    const NodeId id = graph_.outputs[i];
    const auto found = array_of_.find(id);
    if (found == array_of_.end()) {
      array_of_[id] = program_->outputs[i];
      copy_into(id, program_->outputs[i]);
    } else if (found->second != program_->outputs[i]) {
      copy_into(id, program_->outputs[i]);
    }
  }
}

}  // namespace onepass::codegen
