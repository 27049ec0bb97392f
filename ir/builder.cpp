// SPDX-License-Identifier: Apache-2.0
// Builds graphs: promotion, literals, normalised attributes.
#include "onepass/ir/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "onepass/ir/builder_state.h"
#include "onepass/ir/cumulative.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

using runtime::Symbol;

/// The literal exponents that pow takes as an attribute: products, quotients and roots.
constexpr double attribute_exponents[] = {-2, -1, -0.5, 0.5, 2, 3, 4};

bool is_attribute_exponent(double value) {
  return std::find(std::begin(attribute_exponents), std::end(attribute_exponents), value) !=
         std::end(attribute_exponents);
}

/// A negative axis counts from the end. One that is out of range stays so, for the type rule to
/// name it.
int64_t normalised_axis(int64_t axis, int rank) {
  return axis < 0 && axis + rank >= 0 ? axis + rank : axis;
}

void normalise_list(Attributes& attributes, AttributeKey key, int rank) {
  std::vector<int64_t> axes(attributes.words(key).begin(), attributes.words(key).end());
  for (int64_t& axis : axes) axis = normalised_axis(axis, rank);
  if (key == AttributeKey::axes) std::sort(axes.begin(), axes.end());
  attributes.set(key, std::move(axes));
}

/// Fills in what the caller may leave out and counts every axis from the front.
void normalise(OpCode op, Attributes& attributes, int rank) {
  using enum AttributeKey;
  if (is_reduction(op) && !attributes.has(axes)) {
    std::vector<int64_t> all(static_cast<size_t>(rank));
    for (size_t d = 0; d < all.size(); ++d) all[d] = static_cast<int64_t>(d);
    attributes.set(axes, std::move(all));
  }
  if (is_reduction(op) && !attributes.has(keepdims)) attributes.set(keepdims, 0);
  if (attributes.has(axes)) normalise_list(attributes, axes, rank);
  if (attributes.has(permutation)) normalise_list(attributes, permutation, rank);
  if (attributes.has(axis)) attributes.set(axis, normalised_axis(attributes.word(axis), rank));
}

bool names_extents(OpCode op) {
  return op == OpCode::reshape || op == OpCode::broadcast_to || op == OpCode::iota;
}

}  // namespace

Builder::Builder(std::string name) : state_(std::make_unique<State>()) {
  state_->graph.name = std::move(name);
}
Builder::~Builder() = default;

Expr Builder::expression(NodeId node) {
  Expr e;
  e.node_ = node;
  return e;
}

Expr Builder::input(std::string name, DType dtype, const Shape& shape,
                    std::span<const int64_t> strides) {
  Graph& graph = state_->graph;
  Node node;
  node.op = OpCode::input;
  node.type.dtype = dtype;
  for (int d = 0; d < shape.rank(); ++d) {
    if (shape[d] == 1) {
      node.type.dimensions.push_back(one);
      continue;
    }
    Symbol symbol;
    symbol.value = shape[d];
    symbol.input = static_cast<int>(graph.inputs.size());
    symbol.dimension = d;
    node.type.dimensions.push_back(state_->symbols.add(std::move(symbol)));
  }
  const NodeId id = graph.append(std::move(node));
  InputDeclaration declaration{std::move(name), id, {strides.begin(), strides.end()}};
  // Strides that say dense are left out, so that equal graphs are equal.
  if (Shape(strides) == row_major_strides(shape)) declaration.strides.clear();
  graph.inputs.push_back(std::move(declaration));
  return expression(id);
}

Expr Builder::weak_scalar(WeakKind kind, double example, int64_t integer_example) {
  Expr e;
  e.weak_scalar_ = state_->scalars.add_literal(kind, example, integer_example);
  return e;
}

Expr Builder::constant(double value) {
  const bool is_integer = std::abs(value) < 0x1p63 && value == std::trunc(value);
  return constant(value, is_integer ? WeakKind::integer : WeakKind::floating);
}

Expr Builder::constant(double value, WeakKind kind) {
  Expr e;
  e.weak_scalar_ = state_->scalars.add_constant(kind, value);
  return e;
}

std::string Builder::describe(OpCode op, std::span<const Expr> inputs) const {
  std::vector<std::string> operands;
  for (const Expr& e : inputs) {
    operands.push_back(e.node_ < 0 ? state_->scalars.describe(e.weak_scalar_)
                                   : to_string(state_->graph.node(e.node_).type, state_->symbols));
  }
  return fmt::format("{}: {}", to_string(op), describe_operands(op, operands));
}

NodeId Builder::cast_to(NodeId node, DType dtype) {
  Graph& graph = state_->graph;
  if (graph.node(node).type.dtype == dtype) return node;
  Node cast;
  cast.op = OpCode::cast;
  cast.inputs = {node};
  cast.attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
  cast.type = Type{dtype, graph.node(node).type.dimensions};
  return graph.append(std::move(cast));
}

Expr Builder::append(OpCode op, std::vector<NodeId> inputs, Attributes attributes) {
  Graph& graph = state_->graph;
  std::vector<Type> types;
  types.reserve(inputs.size());
  for (const NodeId input : inputs) types.push_back(graph.node(input).type);
  Node node;
  node.type = infer(op, types, attributes, state_->symbols);
  if (names_extents(op)) {
    const Dimensions& dimensions = node.type.dimensions;
    attributes.set(AttributeKey::dimensions, {dimensions.begin(), dimensions.end()});
  }
  node.op = op;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  return expression(graph.append(std::move(node)));
}

std::optional<DType> Builder::common_dtype(OpCode op, std::span<const Expr> inputs,
                                           size_t first) const {
  std::optional<DType> common;
  for (size_t i = first; i < inputs.size(); ++i) {
    if (inputs[i].node_ < 0) continue;
    const DType dtype = state_->graph.node(inputs[i].node_).type.dtype;
    if (!common) common = dtype;
    const std::optional<DType> next = promoted(*common, dtype);
    if (!next) throw_unmixable(op, inputs, *common, dtype);
    common = next;
  }
  return common;
}

void Builder::throw_unmixable(OpCode op, std::span<const Expr> inputs, DType a, DType b) const {
  if (is_integer(a) && is_integer(b)) {
    throw UserError(describe(op, inputs) +
                    "; no integer dtype holds both. Cast the u64 one first, for example with "
                    "astype(.., i64).");
  }
  const DType target = is_floating(a) ? a : is_floating(b) ? b : is_integer(a) ? a : b;
  throw UserError(fmt::format(
      "{}; dtypes of different kinds do not mix. Cast one first, for example with astype(.., {}).",
      describe(op, inputs), to_string(target)));
}

void Builder::check_strong_operands(OpCode op, std::span<const Expr> inputs) const {
  const TypeRule rule = info(op).rule;
  const size_t first = rule == TypeRule::select ? 1 : 0;
  for (size_t i = first; i < inputs.size(); ++i) {
    if (inputs[i].node_ < 0) continue;
    const DType dtype = state_->graph.node(inputs[i].node_).type.dtype;
    if (!accepts(rule, dtype))
      throw UserError(describe(op, inputs) + "; " + demand_text(op, inputs.size()));
  }
}

std::optional<Expr> Builder::apply_pow(std::span<const Expr> inputs) {
  if (inputs.size() != 2 || inputs[0].node_ < 0 || inputs[1].node_ >= 0) return std::nullopt;
  const WeakScalar& exponent = state_->scalars[inputs[1].weak_scalar_];
  if (exponent.source == WeakScalar::Source::combination || exponent.kind == WeakKind::boolean) {
    return std::nullopt;
  }
  const bool integer = exponent.kind == WeakKind::integer;
  const bool integer_base = is_integer(state_->graph.node(inputs[0].node_).type.dtype);
  if (integer_base && !integer) return std::nullopt;
  if (integer_base && exponent.integer < 0 && !exponent.beyond_i64) {
    throw UserError(describe(OpCode::pow, inputs) +
                    "; integers have no negative powers. Cast x first, for example "
                    "astype(x, f32).");
  }
  const double value = integer ? static_cast<double>(exponent.integer) : exponent.value;
  if (exponent.beyond_i64 || !is_attribute_exponent(value)) return std::nullopt;
  Attributes attributes;
  attributes.set_number(AttributeKey::exponent, value);
  return append(OpCode::pow, {inputs[0].node_}, std::move(attributes));
}

Expr Builder::apply(OpCode op, std::span<const Expr> inputs, Attributes attributes) {
  const int expected = expected_inputs(op, attributes);
  internal_check(is_elementwise(op) && inputs.size() == static_cast<size_t>(expected),
                 "apply: not an element-wise op, or a wrong number of operands");
  if (op == OpCode::pow) {
    if (auto folded = apply_pow(inputs)) return *folded;
  }
  const bool all_weak =
      std::all_of(inputs.begin(), inputs.end(), [](const Expr& e) { return e.node_ < 0; });
  if (all_weak) {
    std::vector<int> weak;
    for (const Expr& e : inputs) weak.push_back(e.weak_scalar_);
    Expr result;
    result.weak_scalar_ = state_->scalars.combine(op, weak, std::move(attributes));
    return result;
  }
  return apply_to_tensors(op, inputs, std::move(attributes));
}

Expr Builder::apply_to_tensors(OpCode op, std::span<const Expr> inputs, Attributes attributes) {
  const size_t first = info(op).rule == TypeRule::select ? 1 : 0;
  const std::optional<DType> common = common_dtype(op, inputs, first);
  check_strong_operands(op, inputs);
  // Without a tensor among them, the literals of where() mix as they would alone.
  DType dtype = common.value_or(boolean);
  for (size_t i = first; !common && i < inputs.size(); ++i) {
    const DType own = state_->scalars.default_dtype(inputs[i].weak_scalar_);
    if (i == first || is_floating(own) || dtype == boolean) dtype = own;
  }
  std::vector<NodeId> nodes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const DType needed = i < first ? boolean : dtype;
    if (inputs[i].node_ < 0) {
      nodes.push_back(
          state_->scalars.materialise(inputs[i].weak_scalar_, needed, describe(op, inputs)));
    } else {
      nodes.push_back(i < first ? inputs[i].node_ : cast_to(inputs[i].node_, needed));
    }
  }
  return append(op, std::move(nodes), std::move(attributes));
}

NodeId Builder::node_of(const Expr& e) {
  if (e.node_ >= 0) return e.node_;
  return state_->scalars.materialise(e.weak_scalar_, state_->scalars.default_dtype(e.weak_scalar_),
                                     "");
}

/// Before the operands are cast, so that errors name the types that the caller gave.
void Builder::check_product(std::span<const Expr> operands, const Attributes& attributes) {
  const Type types[] = {type(operands[0]), type(operands[1])};
  product_dimensions(types, attributes, state_->symbols);
}

/// Products of 8-bit integers are i32, which holds their sums; others promote.
DType Builder::product_dtype(std::span<const Expr> operands) {
  const auto is_byte = [&](const Expr& e) {
    const DType dtype = type(e).dtype;
    return dtype == i8 || dtype == u8;
  };
  if (is_byte(operands[0]) && is_byte(operands[1])) return i32;
  return *common_dtype(OpCode::matmul, operands, 0);
}

Expr Builder::structural(OpCode op, std::span<const Expr> inputs, Attributes attributes) {
  std::vector<Expr> operands;
  for (const Expr& e : inputs) operands.push_back(expression(node_of(e)));
  std::vector<NodeId> nodes;
  for (const Expr& e : operands) nodes.push_back(e.node_);
  if (op == OpCode::matmul) {
    check_product(operands, attributes);
    const DType dtype = product_dtype(operands);
    for (NodeId& node : nodes) node = cast_to(node, dtype);
  }
  if (op == OpCode::concat) {
    const std::optional<DType> common = common_dtype(op, operands, 0);
    for (NodeId& node : nodes) node = cast_to(node, *common);
  }
  const int rank = op == OpCode::iota
                       ? static_cast<int>(attributes.words(AttributeKey::dimensions).size())
                       : (nodes.empty() ? 0 : state_->graph.node(nodes[0]).type.rank());
  normalise(op, attributes, rank);
  if (is_reduction(op) || is_cumulative(op)) {
    const auto dtypes =
        reduction_dtypes(reduction_behind(op), state_->graph.node(nodes[0]).type.dtype);
    if (dtypes) nodes[0] = cast_to(nodes[0], dtypes->element);
  }
  return append(op, std::move(nodes), std::move(attributes));
}

bool Builder::has_elements(const Expr& e, std::span<const int64_t> axes) {
  const Dimensions dimensions = type(e).dimensions;
  bool all_have = true;
  for (const int64_t axis : axes) {
    const Dimension d = state_->symbols.canonical(dimensions[static_cast<int>(axis)]);
    if (d == one) continue;
    const bool is_empty = state_->symbols.extent(d) == 0;
    state_->symbols.require(d, is_empty ? 0 : 1, is_empty ? 0 : INT64_MAX);
    all_have = all_have && !is_empty;
  }
  return all_have;
}

Dimensions Builder::given_dimensions(std::span<const int64_t> shape) {
  Dimensions dimensions;
  for (const int64_t extent : Shape(shape)) {
    Symbol symbol;
    symbol.kind = Symbol::Kind::given;
    symbol.input = state_->given++;
    symbol.value = extent;
    const Dimension d = state_->symbols.add(std::move(symbol));
    // 1 and -1 decide what the graph looks like; any other extent may become any other.
    if (extent == 1 || extent == -1) {
      state_->symbols.require(d, extent, extent);
    } else {
      state_->symbols.require(d, 0, INT64_MAX);
    }
    dimensions.push_back(state_->symbols.canonical(d));
  }
  return dimensions;
}

Type Builder::type(const Expr& e) {
  if (e.node_ >= 0) return state_->graph.node(e.node_).type;
  return Type{state_->scalars.default_dtype(e.weak_scalar_), {}};
}

Shape Builder::shape(const Expr& e) { return state_->symbols.shape(type(e).dimensions); }

Graph Builder::finish(std::span<const Expr> outputs) {
  for (const Expr& e : outputs) state_->graph.outputs.push_back(node_of(e));
  std::string name = state_->graph.name;
  Graph finished = assemble(state_->graph, state_->symbols, state_->scalars);
  state_ = std::make_unique<State>();
  state_->graph.name = std::move(name);
  return finished;
}

}  // namespace onepass::ir
