// SPDX-License-Identifier: Apache-2.0
// Views, joins, reductions and products of random graphs.
#include "onepass/ir/cumulative.h"
#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"
#include "random_array.h"
#include "random_case_builder.h"

namespace onepass::ir {

using runtime::ArrayView;

std::optional<Expr> CaseBuilder::structural(OpCode op) {
  const Expr x = any();
  switch (op) {
    case OpCode::cast:
      return cast(x, random_dtype());
    case OpCode::broadcast_to:
      return broadcast(x);
    case OpCode::reshape:
      return reshape(x);
    case OpCode::permute_dims:
      return permute(x);
    case OpCode::slice:
      return slice(x);
    case OpCode::concat:
      return concat(x);
    case OpCode::take:
      return take(x);
    case OpCode::iota:
      return iota();
    case OpCode::matmul:
      return options_.products ? matmul(x) : std::optional<Expr>();
    default:
      if (is_cumulative(op)) return cumulative(op, x);
      return is_reduction(op) ? reduction(op, x) : std::nullopt;
  }
}

Attributes CaseBuilder::given(const std::vector<int64_t>& shape) {
  const Dimensions dimensions = builder_.given_dimensions(shape);
  case_.given.insert(case_.given.end(), shape.begin(), shape.end());
  Attributes attributes;
  attributes.set(AttributeKey::dimensions, {dimensions.begin(), dimensions.end()});
  return attributes;
}

Expr CaseBuilder::broadcast(const Expr& x) {
  const Shape from = builder_.shape(x);
  std::vector<int64_t> shape(from.begin(), from.end());
  for (int64_t& extent : shape) {
    if (extent == 1 && random_.one_in(2)) extent = 1 + static_cast<int64_t>(random_.below(4));
  }
  if (random_.one_in(2) && shape.size() < 3) shape.insert(shape.begin(), 2);
  return builder_.structural(OpCode::broadcast_to, {&x, 1}, given(shape));
}

Expr CaseBuilder::reshape(const Expr& x) {
  const Shape from = builder_.shape(x);
  const int64_t count = element_count(from);
  std::vector<int64_t> shape(from.begin(), from.end());
  const uint64_t way = random_.below(4);
  if (way == 0) shape = {count};
  if (way == 1)
    shape.insert(shape.begin() + static_cast<int64_t>(random_.below(shape.size() + 1)), 1);
  if (way == 2) std::erase(shape, 1);
  if (way == 3 && count > 0 && count % 2 == 0) shape = {2, -1};
  return builder_.structural(OpCode::reshape, {&x, 1}, given(shape));
}

Expr CaseBuilder::permute(const Expr& x) {
  std::vector<int64_t> permutation;
  for (int d = 0; d < builder_.type(x).rank(); ++d) {
    permutation.insert(
        permutation.begin() + static_cast<int64_t>(random_.below(permutation.size() + 1)), d);
  }
  Attributes attributes;
  attributes.set(AttributeKey::permutation, std::move(permutation));
  return builder_.structural(OpCode::permute_dims, {&x, 1}, std::move(attributes));
}

Expr CaseBuilder::slice(const Expr& x) {
  std::vector<int64_t> start, stop, step;
  for (int d = 0; d < builder_.type(x).rank(); ++d) {
    const uint64_t way = random_.below(5);
    start.push_back(way == 1 ? 1 : way == 2 ? -1 : way == 4 ? -3 : 0);
    stop.push_back(way == 3 ? 3 : runtime::slice_end);
    step.push_back(way == 2 ? -1 : way == 1 ? 2 : 1);
  }
  Attributes attributes;
  attributes.set(AttributeKey::start, std::move(start));
  attributes.set(AttributeKey::stop, std::move(stop));
  attributes.set(AttributeKey::step, std::move(step));
  return builder_.structural(OpCode::slice, {&x, 1}, std::move(attributes));
}

Attributes CaseBuilder::axis_of(int rank) {
  Attributes attributes;
  attributes.set(AttributeKey::axis,
                 static_cast<int64_t>(random_.below(static_cast<uint64_t>(rank))));
  return attributes;
}

std::optional<Expr> CaseBuilder::concat(const Expr& x) {
  const int rank = builder_.type(x).rank();
  if (rank == 0) return std::nullopt;
  const Expr operands[] = {x, cast(any(), builder_.type(x).dtype), x};
  const size_t first = random_.below(2);
  return builder_.structural(OpCode::concat, std::span(operands).subspan(first, 2), axis_of(rank));
}

std::optional<Expr> CaseBuilder::take(const Expr& x) {
  const Shape shape = builder_.shape(x);
  if (shape.rank() == 0) return std::nullopt;
  const Attributes attributes = axis_of(shape.rank());
  const int64_t extent = shape[static_cast<int>(attributes.word(AttributeKey::axis))];
  if (extent == 0) return std::nullopt;
  const Shape count = {static_cast<int64_t>(random_.below(5))};
  const Expr indices = add_input(i32, count);
  const ArrayView& view = case_.inputs.back();
  for (int64_t i = 0; i < count[0]; ++i) {
    view.as<int32_t>()[i * view.strides[0]] =
        static_cast<int32_t>(random_.below(static_cast<uint64_t>(extent)));
  }
  const Expr operands[] = {x, indices};
  return builder_.structural(OpCode::take, operands, attributes);
}

std::optional<Expr> CaseBuilder::iota() {
  const Shape shape = random_shape();
  if (shape.rank() == 0) return std::nullopt;
  Attributes attributes = given({shape.begin(), shape.end()});
  const Attributes axis = axis_of(shape.rank());
  attributes.set(AttributeKey::axis, axis.word(AttributeKey::axis));
  attributes.set(AttributeKey::dtype, static_cast<int64_t>(random_.one_in(2) ? f32 : i16));
  return builder_.structural(OpCode::iota, {}, std::move(attributes));
}

std::optional<Expr> CaseBuilder::reduction(OpCode op, const Expr& x) {
  const Shape shape = builder_.shape(x);
  std::vector<int64_t> axes;
  const uint64_t only =
      finds_position(op) ? random_.below(static_cast<uint64_t>(shape.rank()) + 1) : 0;
  for (int d = 0; d < shape.rank(); ++d) {
    const bool named = !finds_position(op) ? random_.one_in(2)
                                           : only == static_cast<uint64_t>(d) ||
                                                 only == static_cast<uint64_t>(shape.rank());
    if (!named) continue;
    if (shape[d] == 0 && !reduction_info(op).empty) return std::nullopt;
    axes.push_back(d);
  }
  Attributes attributes;
  attributes.set(AttributeKey::axes, std::move(axes));
  attributes.set(AttributeKey::keepdims, static_cast<int64_t>(random_.below(2)));
  const bool accepts_it = reduction_dtypes(op, builder_.type(x).dtype).has_value();
  const TypeRule needed = averages(op) ? TypeRule::float_like : TypeRule::numeric;
  const Expr operand = accepts_it ? x : accepted(x, needed);
  if (averages(op))
    attributes.set_number(AttributeKey::correction, static_cast<double>(random_.below(3)));
  return builder_.structural(op, {&operand, 1}, std::move(attributes));
}

std::optional<Expr> CaseBuilder::cumulative(OpCode op, const Expr& x) {
  const int rank = builder_.type(x).rank();
  if (rank == 0) return std::nullopt;
  return builder_.structural(op, {&x, 1}, axis_of(rank));
}

std::optional<Expr> CaseBuilder::matmul(const Expr& x) {
  const Shape shape = builder_.shape(x);
  if (shape.rank() == 0) return std::nullopt;
  const Expr lhs = accepted(x, TypeRule::numeric);
  const int64_t inner = shape[shape.rank() - 1];
  const Shape other =
      random_.one_in(4) ? Shape{inner} : Shape{inner, extents_[random_.below(std::size(extents_))]};
  const Expr operands[] = {lhs, add_input(builder_.type(lhs).dtype, other)};
  Attributes attributes;
  attributes.set(AttributeKey::provider, static_cast<int64_t>(Provider::generated));
  return builder_.structural(OpCode::matmul, operands, std::move(attributes));
}

}  // namespace onepass::ir
