// SPDX-License-Identifier: Apache-2.0
#include "random_graph.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "onepass/ir/builder.h"
#include "onepass/ir/cumulative.h"
#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"
#include "random_array.h"
#include "random_numbers.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

class CaseBuilder {
 public:
  CaseBuilder(uint64_t seed, const RandomGraphOptions& options) : random_(seed), options_(options) {
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

  RandomCase run() {
    for (int i = 0; i < options_.inputs; ++i) pool_.push_back(add_input(random_dtype()));
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

 private:
  static constexpr int64_t most_elements = int64_t{1} << 16;

  DType random_dtype() {
    const auto dtype = static_cast<DType>(random_.below(dtype_count));
    if (is_half(dtype) && !options_.halves) return f32;
    // Floating types do most of the work.
    return random_.one_in(2) ? (random_.one_in(4) ? f64 : f32) : dtype;
  }

  Shape random_shape() {
    Shape shape;
    const auto rank = static_cast<int>(random_.below(4));
    for (int d = 0; d < rank; ++d) {
      const int64_t extent = random_.one_in(6) ? 1 : extents_[random_.below(std::size(extents_))];
      shape.push_back(element_count(shape) * extent <= most_elements ? extent : 1);
    }
    return shape;
  }

  // Inputs.

  Expr add_input(DType dtype) { return add_input(dtype, random_shape()); }

  Expr add_input(DType dtype, const Shape& shape) {
    RandomArray array = random_array(dtype, shape, random_);
    const ArrayView view = array.view;
    case_.memory.push_back(std::move(array.memory));
    case_.inputs.push_back(view);
    return builder_.input(fmt::format("x{}", case_.inputs.size()), dtype, shape,
                          view.strides.span());
  }

  // Scalars.

  Expr scalar() {
    const bool integer = random_.one_in(2);
    const double value = integer ? static_cast<double>(random_.below(5)) : random_number(random_);
    if (random_.one_in(2)) return builder_.constant(value);
    literals_.push_back(value);
    return builder_.weak_scalar(integer ? WeakKind::integer : WeakKind::floating, value,
                                integer ? static_cast<int64_t>(value) : 0);
  }

  uint64_t literal_bits(size_t slot, DType dtype) const {
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

  // Operations.

  Expr any() { return pool_[random_.below(pool_.size())]; }

  Expr cast(const Expr& e, DType dtype) {
    Attributes attributes;
    attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
    return builder_.structural(OpCode::cast, {&e, 1}, std::move(attributes));
  }

  Expr accepted(const Expr& e, TypeRule rule) {
    if (accepts(rule, builder_.type(e).dtype)) return e;
    static constexpr DType preferred[] = {f32, f64, i32, u8, boolean};
    for (const DType dtype : preferred) {
      if (accepts(rule, dtype)) return cast(e, dtype);
    }
    return e;
  }

  std::optional<Expr> operation() {
    if (options_.algebra && random_.one_in(3)) return algebra();
    if (options_.reductions && random_.one_in(2)) return around_a_reduction();
    if (random_.one_in(8)) return row_chain();
    if (!random_.one_in(3)) return elementwise();
    const std::span<const OpCode> ops = structural_ops();
    return structural(ops[random_.below(ops.size())]);
  }

  std::optional<Expr> around_a_reduction() {
    if (random_.one_in(6)) {
      return cumulative(random_.one_in(2) ? OpCode::cumulative_sum : OpCode::cumulative_prod,
                        any());
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

  Expr elementwise() {
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
      const bool literal = operands.size() + 1 == static_cast<size_t>(row.arity) &&
                           row.arity == 2 && random_.one_in(3);
      operands.push_back(literal ? scalar() : accepted(next, row.rule));
    }
    return builder_.apply(op, operands);
  }

  Expr apply(OpCode op, std::initializer_list<Expr> operands) {
    return builder_.apply(op, {operands.begin(), operands.size()});
  }

  /// What the passes of Accuracy::fast look for, or nearly so.
  Expr algebra() {
    using OpCode::add, OpCode::divide, OpCode::exp, OpCode::multiply, OpCode::negative,
        OpCode::sqrt, OpCode::subtract, OpCode::tanh;
    const Expr x = accepted(any(), TypeRule::float_like);
    const Expr y = cast(any(), builder_.type(x).dtype);
    const Expr unit = builder_.constant(random_.one_in(8) ? 2 : 1);
    const Expr half = builder_.constant(random_.one_in(8) ? 0.25 : 0.5);
    switch (random_.below(9)) {
      case 0:
        return apply(multiply, {apply(multiply, {half, x}), apply(add, {unit, apply(tanh, {y})})});
      case 1:
        return apply(multiply,
                     {apply(add, {apply(tanh, {apply(multiply, {half, y})}), unit}), half});
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

  /// Reductions of the same rows, one after the other, with maps between them: mostly over the last
  /// axes, as softmax and normalisations; what lies between is now and then needed elsewhere too.
  std::optional<Expr> row_chain() {
    static constexpr OpCode reductions[] = {OpCode::sum, OpCode::max, OpCode::min, OpCode::sum};
    static constexpr OpCode maps[] = {OpCode::subtract, OpCode::divide, OpCode::maximum};
    Expr x = accepted(any(), TypeRule::float_like);
    const Shape shape = builder_.shape(x);
    if (shape.rank() == 0) return std::nullopt;
    const bool last = !random_.one_in(4);
    const auto rank = static_cast<uint64_t>(shape.rank());
    const int first = last ? static_cast<int>(random_.below(rank)) : 0;
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
      const OpCode op =
          has_elements ? reductions[random_.below(std::size(reductions))] : OpCode::sum;
      const Expr operand = random_.one_in(3) ? apply(OpCode::multiply, {x, x}) : x;
      const DType dtype = builder_.type(x).dtype;
      const Expr reduced = cast(builder_.structural(op, {&operand, 1}, attributes), dtype);
      x = apply(maps[random_.below(std::size(maps))], {x, reduced});
      if (random_.one_in(3)) x = apply(OpCode::exp, {apply(OpCode::negative, {x})});
      if (random_.one_in(4)) pool_.push_back(reduced);
    }
    return x;
  }

  std::optional<Expr> structural(OpCode op) {
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

  Attributes given(const std::vector<int64_t>& shape) {
    const Dimensions dimensions = builder_.given_dimensions(shape);
    case_.given.insert(case_.given.end(), shape.begin(), shape.end());
    Attributes attributes;
    attributes.set(AttributeKey::dimensions, {dimensions.begin(), dimensions.end()});
    return attributes;
  }

  Expr broadcast(const Expr& x) {
    const Shape from = builder_.shape(x);
    std::vector<int64_t> shape(from.begin(), from.end());
    for (int64_t& extent : shape) {
      if (extent == 1 && random_.one_in(2)) extent = 1 + static_cast<int64_t>(random_.below(4));
    }
    if (random_.one_in(2) && shape.size() < 3) shape.insert(shape.begin(), 2);
    return builder_.structural(OpCode::broadcast_to, {&x, 1}, given(shape));
  }

  Expr reshape(const Expr& x) {
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

  Expr permute(const Expr& x) {
    std::vector<int64_t> permutation;
    for (int d = 0; d < builder_.type(x).rank(); ++d) {
      permutation.insert(
          permutation.begin() + static_cast<int64_t>(random_.below(permutation.size() + 1)), d);
    }
    Attributes attributes;
    attributes.set(AttributeKey::permutation, std::move(permutation));
    return builder_.structural(OpCode::permute_dims, {&x, 1}, std::move(attributes));
  }

  Expr slice(const Expr& x) {
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

  Attributes axis_of(int rank) {
    Attributes attributes;
    attributes.set(AttributeKey::axis,
                   static_cast<int64_t>(random_.below(static_cast<uint64_t>(rank))));
    return attributes;
  }

  std::optional<Expr> concat(const Expr& x) {
    const int rank = builder_.type(x).rank();
    if (rank == 0) return std::nullopt;
    const Expr operands[] = {x, cast(any(), builder_.type(x).dtype), x};
    const size_t first = random_.below(2);
    return builder_.structural(OpCode::concat, std::span(operands).subspan(first, 2),
                               axis_of(rank));
  }

  std::optional<Expr> take(const Expr& x) {
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

  std::optional<Expr> iota() {
    const Shape shape = random_shape();
    if (shape.rank() == 0) return std::nullopt;
    Attributes attributes = given({shape.begin(), shape.end()});
    const Attributes axis = axis_of(shape.rank());
    attributes.set(AttributeKey::axis, axis.word(AttributeKey::axis));
    attributes.set(AttributeKey::dtype, static_cast<int64_t>(random_.one_in(2) ? f32 : i16));
    return builder_.structural(OpCode::iota, {}, std::move(attributes));
  }

  std::optional<Expr> reduction(OpCode op, const Expr& x) {
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

  std::optional<Expr> cumulative(OpCode op, const Expr& x) {
    const int rank = builder_.type(x).rank();
    if (rank == 0) return std::nullopt;
    return builder_.structural(op, {&x, 1}, axis_of(rank));
  }

  std::optional<Expr> matmul(const Expr& x) {
    const Shape shape = builder_.shape(x);
    if (shape.rank() == 0) return std::nullopt;
    const Expr lhs = accepted(x, TypeRule::numeric);
    const int64_t inner = shape[shape.rank() - 1];
    const Shape other = random_.one_in(4)
                            ? Shape{inner}
                            : Shape{inner, extents_[random_.below(std::size(extents_))]};
    const Expr operands[] = {lhs, add_input(builder_.type(lhs).dtype, other)};
    Attributes attributes;
    attributes.set(AttributeKey::provider, static_cast<int64_t>(Provider::generated));
    return builder_.structural(OpCode::matmul, operands, std::move(attributes));
  }

  RandomNumbers random_;
  RandomGraphOptions options_;
  RandomCase case_;
  Builder builder_{"random"};
  std::vector<Expr> pool_;
  std::vector<double> literals_;
  int64_t extents_[4] = {};
};

}  // namespace

RandomCase make_random_case(uint64_t seed, const RandomGraphOptions& options) {
  return CaseBuilder(seed, options).run();
}

}  // namespace onepass::ir
