// SPDX-License-Identifier: Apache-2.0
#include "random_graph.h"

#include <fmt/format.h>

#include <cstring>

#include "onepass/ir/cumulative.h"
#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"
#include "random_array.h"
#include "random_case_builder.h"

namespace onepass::ir {

using runtime::ArrayView;

CaseBuilder::CaseBuilder(uint64_t seed, const RandomGraphOptions& options)
    : random_(seed), options_(options) {
  case_.seed = seed;
  static constexpr int64_t extents[] = {0, 1, 1, 2, 3, 5, 7, 16, 17, 33, 70};
  for (int64_t& extent : extents_) extent = extents[random_.below(std::size(extents))];
  if (options.reductions) {
    static constexpr int64_t more[] = {2, 4, 9, 31, 64, 100, 300, 1000, 1025, 4099, 20000};
    for (int64_t& extent : extents_) extent = more[random_.below(std::size(more))];
  }
  // Empty arrays are rare: nothing else would be tested with them.
  for (int64_t& extent : extents_) {
    if (extent == 0 && !random_.one_in(4)) extent = 4;
  }
}

RandomCase CaseBuilder::run() {
  for (int i = 0; i < options_.inputs; ++i) pool_.push_back(add_input(random_dtype()));
  if (options_.reductions) wide_ = add_input(random_dtype(), wide_shape());
  for (int i = 0; i < options_.operations; ++i) {
    try {
      const std::optional<Expr> made = operation();
      const bool fits = made && element_count(builder_.shape(*made)) <= most_elements;
      if (fits) pool_.push_back(*made);
    } catch (const UserError&) {
      // Not every combination is an expression. The graph is as it was, but for unused nodes.
    }
  }
  std::vector<Expr> outputs = {pool_.back()};
  while (random_.one_in(3)) outputs.push_back(any());
  case_.graph = builder_.finish(outputs);
  for (size_t s = 0; s < case_.graph.scalars.size(); ++s) {
    const NodeId scalar = case_.graph.scalars[s];
    case_.scalars.push_back(literal_bits(s, case_.graph.node(scalar).type.dtype));
  }
  return std::move(case_);
}

DType CaseBuilder::random_dtype() {
  const auto dtype = static_cast<DType>(random_.below(dtype_count));
  if (is_half(dtype) && !options_.halves) return f32;
  // Floating types do most of the work.
  return random_.one_in(2) ? (random_.one_in(4) ? f64 : f32) : dtype;
}

Shape CaseBuilder::random_shape() {
  Shape shape;
  const auto rank = static_cast<int>(random_.below(4));
  for (int d = 0; d < rank; ++d) {
    const int64_t extent = random_.one_in(6) ? 1 : extents_[random_.below(std::size(extents_))];
    shape.push_back(element_count(shape) * extent <= most_elements ? extent : 1);
  }
  return shape;
}

Shape CaseBuilder::wide_shape() {
  static constexpr int64_t rows[] = {2, 15, 16, 17, 33, 100, 300}, columns[] = {128, 150, 200};
  const int64_t n = rows[random_.below(std::size(rows))];
  const int64_t m = columns[random_.below(std::size(columns))];
  if (n > 33 || random_.one_in(2)) return {n, m};
  return {static_cast<int64_t>(2 + random_.below(8)), n, m};
}

Expr CaseBuilder::add_input(DType dtype, const Shape& shape) {
  RandomArray array = random_array(dtype, shape, random_);
  const ArrayView view = array.view;
  case_.memory.push_back(std::move(array.memory));
  case_.inputs.push_back(view);
  return builder_.input(fmt::format("x{}", case_.inputs.size()), dtype, shape, view.strides.span());
}

Expr CaseBuilder::scalar() {
  const bool integer = random_.one_in(2);
  const double value = integer ? static_cast<double>(random_.below(5)) : random_number(random_);
  if (random_.one_in(2)) return builder_.constant(value);
  literals_.push_back(value);
  return builder_.weak_scalar(integer ? WeakKind::integer : WeakKind::floating, value,
                              integer ? static_cast<int64_t>(value) : 0);
}

uint64_t CaseBuilder::literal_bits(size_t slot, DType dtype) const {
  uint64_t bits = 0;
  visit_dtype(dtype, [&](auto element) {
    using T = decltype(element);
    if constexpr (std::is_arithmetic_v<T>) {
      element = static_cast<T>(literals_[slot]);
      std::memcpy(&bits, &element, sizeof element);
    }
  });
  return bits;
}

Expr CaseBuilder::cast(const Expr& e, DType dtype) {
  Attributes attributes;
  attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
  return builder_.structural(OpCode::cast, {&e, 1}, std::move(attributes));
}

Expr CaseBuilder::accepted(const Expr& e, TypeRule rule) {
  if (accepts(rule, builder_.type(e).dtype)) return e;
  static constexpr DType preferred[] = {f32, f64, i32, u8, boolean};
  for (const DType dtype : preferred) {
    if (accepts(rule, dtype)) return cast(e, dtype);
  }
  return e;
}

std::optional<Expr> CaseBuilder::operation() {
  if (options_.algebra && random_.one_in(3)) return algebra();
  if (options_.reductions && random_.one_in(2)) return around_a_reduction();
  if (random_.one_in(options_.reductions ? 2 : 8)) return row_chain();
  if (!random_.one_in(3)) return elementwise();
  const std::span<const OpCode> ops = structural_ops();
  return structural(ops[random_.below(ops.size())]);
}

std::optional<Expr> CaseBuilder::around_a_reduction() {
  if (random_.one_in(6)) {
    return cumulative(random_.one_in(2) ? OpCode::cumulative_sum : OpCode::cumulative_prod, any());
  }
  if (random_.one_in(2)) {
    const std::span<const OpCode> ops = reductions();
    const OpCode op = ops[random_.below(ops.size())];
    return reduction(op, any());
  }
  const std::span<const ArrayComposite> functions = array_composites();
  const ArrayComposite function = functions[random_.below(functions.size())];
  const ArrayCompositeInfo& row = info(function);
  const Expr x = accepted(any(), row.rule);
  const int rank = builder_.type(x).rank();
  if (row.least > 1 || rank == 0) return std::nullopt;
  ArrayOptions options{.axes = {}, .keepdims = random_.one_in(2), .number = row.number};
  for (int64_t d = 0; d < rank; ++d) {
    if (d == rank - 1 || random_.one_in(4)) options.axes.push_back(d);
  }
  if (random_.one_in(4)) options.axes = {0};
  return builder_.composite(function, {&x, 1}, options);
}

Expr CaseBuilder::elementwise() {
  const std::span<const OpCode> ops = elementwise_ops();
  const OpCode op = ops[random_.below(ops.size())];
  const OpInfo& row = info(op);
  std::vector<Expr> operands;
  if (row.rule == TypeRule::select) operands.push_back(accepted(any(), TypeRule::boolean));
  const Expr first = accepted(any(), row.rule);
  while (operands.size() < static_cast<size_t>(row.arity)) {
    Expr next = operands.empty() || random_.one_in(2) ? first : any();
    const DType dtype = builder_.type(first).dtype;
    if (builder_.type(next).dtype != dtype && !promoted(builder_.type(next).dtype, dtype)) {
      next = cast(next, dtype);
    }
    const bool literal = operands.size() + 1 == static_cast<size_t>(row.arity) && row.arity == 2 &&
                         random_.one_in(3);
    operands.push_back(literal ? scalar() : accepted(next, row.rule));
  }
  return builder_.apply(op, operands);
}

Expr CaseBuilder::apply(OpCode op, std::initializer_list<Expr> operands) {
  return builder_.apply(op, {operands.begin(), operands.size()});
}

Expr CaseBuilder::algebra() {
  using OpCode::add, OpCode::divide, OpCode::exp, OpCode::multiply, OpCode::negative, OpCode::sqrt,
      OpCode::subtract, OpCode::tanh;
  const Expr x = accepted(any(), TypeRule::float_like);
  const Expr y = cast(any(), builder_.type(x).dtype);
  const Expr unit = builder_.constant(random_.one_in(8) ? 2 : 1);
  const Expr half = builder_.constant(random_.one_in(8) ? 0.25 : 0.5);
  switch (random_.below(9)) {
    case 0:
      return apply(multiply, {apply(multiply, {half, x}), apply(add, {unit, apply(tanh, {y})})});
    case 1:
      return apply(multiply, {apply(add, {apply(tanh, {apply(multiply, {half, y})}), unit}), half});
    case 2:
      return apply(divide, {random_.one_in(2) ? unit : x,
                            apply(add, {unit, apply(exp, {apply(negative, {y})})})});
    case 3:
      return builder_.composite(Composite::mish, {&x, 1});
    case 4:
      return apply(divide, {x, random_.one_in(2) ? scalar() : y});
    case 5:
      return apply(divide, {x, apply(sqrt, {y})});
    case 6:
      return apply(add, {apply(multiply, {x, y}), y});
    case 7:
      return apply(subtract, {apply(multiply, {x, y}), x});
    default:
      return apply(subtract, {y, apply(multiply, {x, random_.one_in(2) ? scalar() : x})});
  }
}

std::optional<Expr> CaseBuilder::row_chain() {
  static constexpr OpCode reductions[] = {OpCode::sum, OpCode::max, OpCode::min, OpCode::sum};
  static constexpr OpCode maps[] = {OpCode::subtract, OpCode::divide, OpCode::maximum};
  const bool is_wide = wide_ && !random_.one_in(4);
  Expr x = accepted(is_wide ? *wide_ : any(), TypeRule::float_like);
  const Shape shape = builder_.shape(x);
  if (shape.rank() == 0) return std::nullopt;
  const bool last = !is_wide && !random_.one_in(4);
  const auto rank = static_cast<uint64_t>(shape.rank());
  const int first = is_wide ? shape.rank() - 2 : static_cast<int>(random_.below(rank));
  Attributes attributes;
  std::vector<int64_t> axes;
  bool has_elements = true;
  for (int d = first; d < (last ? shape.rank() : first + 1); ++d) {
    axes.push_back(d);
    has_elements = has_elements && shape[d] > 0;
  }
  attributes.set(AttributeKey::axes, std::move(axes));
  attributes.set(AttributeKey::keepdims, 1);
  const uint64_t stages = 1 + random_.below(3);
  for (uint64_t stage = 0; stage < stages; ++stage) {
    const OpCode op = has_elements ? reductions[random_.below(std::size(reductions))] : OpCode::sum;
    const Expr operand = random_.one_in(3) ? apply(OpCode::multiply, {x, x}) : x;
    const DType dtype = builder_.type(x).dtype;
    const Expr reduced = cast(builder_.structural(op, {&operand, 1}, attributes), dtype);
    x = apply(maps[random_.below(std::size(maps))], {x, reduced});
    if (random_.one_in(3)) x = apply(OpCode::exp, {apply(OpCode::negative, {x})});
    if (random_.one_in(4)) pool_.push_back(reduced);
  }
  return x;
}

RandomCase make_random_case(uint64_t seed, const RandomGraphOptions& options) {
  return CaseBuilder(seed, options).run();
}

}  // namespace onepass::ir
