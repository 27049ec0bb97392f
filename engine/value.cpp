// SPDX-License-Identifier: Apache-2.0
// Values: making nodes, letting go of them, flattening them to tapes.
#include "onepass/engine/value.h"

#include <unordered_map>

#include "onepass/engine/capture.h"
#include "onepass/engine/structural.h"
#include "onepass/engine/value_node.h"
#include "onepass/runtime/error.h"

namespace onepass {

namespace {

using Kind = TapeInstruction::Kind;

/// UserError if a handle among the operands is empty, before anything is made of them.
void check_operands(std::span<const Value> operands) {
  for (const Value& operand : operands) operand.node();
}

void check_operands(std::span<const Value> operands, std::string_view name, int arity) {
  check_operands(operands);
  if (arity == static_cast<int>(operands.size())) return;
  throw UserError(std::string(name) + ": " + std::to_string(operands.size()) +
                  " operands; it takes " + std::to_string(arity) + ".");
}

}  // namespace

Value::Value(const Tensor& tensor) : node_(new ValueNode) {
  node_->instruction.kind = Kind::leaf;
  node_->leaf = tensor;
  tensor.header();
}

Value::Value(LiteralKind kind, uint64_t bits) : node_(new ValueNode) {
  node_->instruction = {.kind = Kind::literal, .code = static_cast<uint16_t>(kind)};
  node_->literal = bits;
}

Value::Value(const Value& other) noexcept : node_(other.node_) {
  if (node_ != nullptr) node_->references.fetch_add(1, std::memory_order_relaxed);
}

Value::~Value() {
  if (node_ == nullptr) return;
  if (node_->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // A long chain must not be destroyed by recursion: inputs that die with their node join the list.
  std::vector<ValueNode*> dying{node_};
  while (!dying.empty()) {
    ValueNode* node = dying.back();
    dying.pop_back();
    for (Value& input : node->inputs) {
      ValueNode* child = std::exchange(input.node_, nullptr);
      if (child->references.fetch_sub(1, std::memory_order_acq_rel) == 1) dying.push_back(child);
    }
    delete node;
  }
}

const ValueNode& Value::node() const {
  if (node_ == nullptr) throw UserError("Value: the handle is empty; assign a value to it first.");
  return *node_;
}

Value Value::apply(ir::OpCode op, std::span<const Value> operands) {
  check_operands(operands, ir::to_string(op), ir::info(op).arity);
  Value result(new ValueNode);
  ValueNode& node = *result.node_;
  node.instruction = {.kind = Kind::elementwise, .code = static_cast<uint16_t>(op)};
  node.inputs.assign(operands.begin(), operands.end());
  if (op == ir::OpCode::pow && operands[1].node().instruction.kind == Kind::literal) {
    const ValueNode& exponent = operands[1].node();
    const auto kind = static_cast<LiteralKind>(exponent.instruction.code);
    node.words = {exponent_class(kind, exponent.literal)};
    node.instruction.words = 1;
  }
  return result;
}

Value Value::apply(ir::Composite composite, std::span<const Value> operands) {
  check_operands(operands, ir::to_string(composite), ir::info(composite).arity);
  Value result(new ValueNode);
  result.node_->instruction = {.kind = Kind::composite, .code = static_cast<uint16_t>(composite)};
  result.node_->inputs.assign(operands.begin(), operands.end());
  return result;
}

Value Value::structural(StructuralFunction function, std::span<const Value> operands,
                        std::span<const int64_t> words, std::span<const int64_t> extents) {
  check_operands(operands);
  Value result(new ValueNode);
  ValueNode& node = *result.node_;
  node.instruction = {.kind = Kind::structural,
                      .code = static_cast<uint16_t>(function),
                      .words = static_cast<uint16_t>(words.size()),
                      .extents = static_cast<uint16_t>(extents.size())};
  node.inputs.assign(operands.begin(), operands.end());
  node.words.assign(words.begin(), words.end());
  node.extents.assign(extents.begin(), extents.end());
  return result;
}

Value Value::structural(StructuralFunction function, std::initializer_list<Value> operands,
                        std::span<const int64_t> words, std::span<const int64_t> extents) {
  return structural(function, std::span<const Value>(operands.begin(), operands.size()), words,
                    extents);
}

Value Value::from_tape(const Tape& tape, const CallArguments& call) {
  std::vector<Value> made;
  made.reserve(tape.instructions.size());
  size_t input = 0, leaf = 0, literal = 0, word = 0, extent = 0;
  for (const TapeInstruction& instruction : tape.instructions) {
    Value value(new ValueNode);
    ValueNode& node = *value.node_;
    node.instruction = instruction;
    for (uint32_t i = 0; i < instruction.inputs; ++i)
      node.inputs.push_back(made[tape.inputs[input++]]);
    if (instruction.kind == Kind::leaf) node.leaf = Tensor::of_header(*call.leaves[leaf++]);
    if (instruction.kind == Kind::literal) node.literal = call.literals[literal++];
    for (uint16_t i = 0; i < instruction.words; ++i) node.words.push_back(call.words[word++]);
    for (uint16_t i = 0; i < instruction.extents; ++i)
      node.extents.push_back(call.extents[extent++]);
    made.push_back(std::move(value));
  }
  return made[tape.outputs[0]];
}

Value Value::operator[](std::initializer_list<Index> indices) const {
  return index(*this, {indices.begin(), indices.size()});
}

namespace {

/// Post-order walk that turns nodes into instructions.
class Flattener {
 public:
  explicit Flattener(FlatValues& flat) : flat_(flat), writer_(flat.tape) {}

  uint32_t add(const ValueNode& root) {
    pending_.push_back({&root, 0});
    while (!pending_.empty()) {
      auto& [node, next] = pending_.back();
      if (next < node->inputs.size()) {
        const ValueNode& input = node->inputs[next++].node();
        if (!done_.contains(&input)) pending_.push_back({&input, 0});
        continue;
      }
      if (!done_.contains(node)) done_.emplace(node, write(*node));
      pending_.pop_back();
    }
    return done_.at(&root);
  }

 private:
  struct Visit {
    const ValueNode* node;
    size_t next;
  };

  uint32_t write(const ValueNode& node) {
    inputs_.clear();
    for (const Value& input : node.inputs) inputs_.push_back(done_.at(&input.node()));
    if (node.instruction.kind == Kind::leaf) {
      flat_.leaves.push_back(node.leaf);
      flat_.headers.push_back(&node.leaf.header());
    }
    if (node.instruction.kind == Kind::literal) flat_.literals.push_back(node.literal);
    flat_.words.insert(flat_.words.end(), node.words.begin(), node.words.end());
    flat_.extents.insert(flat_.extents.end(), node.extents.begin(), node.extents.end());
    return writer_.instruction(node.instruction, inputs_);
  }

  FlatValues& flat_;
  TapeWriter writer_;
  std::unordered_map<const ValueNode*, uint32_t> done_;
  std::vector<Visit> pending_;
  std::vector<uint32_t> inputs_;
};

}  // namespace

std::unique_ptr<FlatValues> flatten(std::span<const Value> values) {
  auto flat = std::make_unique<FlatValues>();
  Flattener flattener(*flat);
  TapeWriter writer(flat->tape);
  for (const Value& value : values) writer.output(flattener.add(value.node()));
  return flat;
}

const FlatValues& flattened(std::span<const Value> values, std::unique_ptr<const FlatValues>& own) {
  if (values.size() != 1) return *(own = flatten(values));
  const ValueNode& node = values[0].node();
  const FlatValues* known = node.flat.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  const FlatValues* made = flatten(values).release();
  if (node.flat.compare_exchange_strong(known, made, std::memory_order_acq_rel)) return *made;
  delete made;
  return *known;
}

Shape Value::shape() const {
  const auto flat = flatten({this, 1});
  const ir::Graph graph = capture(flat->tape, flat->arguments(), Accuracy::strict).graph;
  return graph.captured_shape(graph.node(graph.outputs[0]).type);
}

DType Value::dtype() const {
  const auto flat = flatten({this, 1});
  const ir::Graph graph = capture(flat->tape, flat->arguments(), Accuracy::strict).graph;
  return graph.node(graph.outputs[0]).type.dtype;
}

}  // namespace onepass
