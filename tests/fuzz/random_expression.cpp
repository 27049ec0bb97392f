// SPDX-License-Identifier: Apache-2.0
#include "random_expression.h"

#include <algorithm>

#include "onepass/ir/type_rules.h"
#include "random_tensor.h"

namespace onepass::fuzz {
namespace {

using ir::RandomNumbers;

constexpr int64_t possible_extents[] = {0, 1, 2, 3, 5, 8, 16, 17, 33, 64, 70};
constexpr DType preferred_dtypes[] = {f32, f64, i32, u8, boolean};
/// Indices of `take` fit every extent that is not smaller.
constexpr int64_t index_bound = 2;
/// Results above this make a run slow and nothing else.
constexpr int64_t most_elements = 300'000;

DType random_dtype(RandomNumbers& random) {
  return random.one_in(2) ? (random.one_in(3) ? f64 : f32)
                          : static_cast<DType>(random.below(dtype_count));
}

/// The dtype that a value has to be cast to for an op.
DType accepted_dtype(ir::TypeRule rule, DType dtype) {
  if (ir::accepts(rule, dtype)) return dtype;
  return *std::find_if(std::begin(preferred_dtypes), std::end(preferred_dtypes),
                       [&](DType d) { return ir::accepts(rule, d); });
}

Value cast(const Value& value, DType dtype) {
  return value.dtype() == dtype ? value : Value(astype(value, dtype));
}

Value random_literal(RandomNumbers& random) {
  if (random.one_in(2)) return Value(static_cast<int>(random.below(5)));
  return Value(random.between(-3.0, 3.0));
}

Index random_index(RandomNumbers& random) {
  switch (random.below(7)) {
    case 0:
      return slice(1);
    case 1:
      return slice(std::nullopt, std::nullopt, -1);
    case 2:
      return slice(std::nullopt, std::nullopt, 2);
    case 3:
      return slice(-3, std::nullopt);
    case 4:
      return newaxis;
    case 5:
      return Index(-1);
    default:
      return all;
  }
}

Axes random_axes(RandomNumbers& random, int rank) {
  if (rank == 0 || random.one_in(3)) return {};
  return Axes(static_cast<int>(random.below(static_cast<uint64_t>(rank))));
}

size_t random_place(RandomNumbers& random, std::span<const Value> values) {
  // Late values more often: expressions grow deep.
  if (random.one_in(2)) return values.size() - 1 - random.below(std::min<size_t>(3, values.size()));
  return random.below(values.size());
}

using Reduce = Value (*)(const Value&, const ReductionOptions&);
constexpr Reduce every_reduction[] = {
#define ONEPASS_REDUCTION(name, ...) \
  [](const Value& x, const ReductionOptions& options) { return Value(onepass::name(x, options)); },
#include "onepass/ir/reductions.def"
};

/// Composites around reductions that take one operand, and the defaults of their numbers.
const std::vector<std::pair<StructuralFunction, double>> composites_of_one = [] {
  std::vector<std::pair<StructuralFunction, double>> list;
#define ONEPASS_ARRAY_COMPOSITE(name, least, most, rule, operands, options, number, doc) \
  if (least == 1) list.emplace_back(StructuralFunction::name, number);
#include "onepass/ir/array_composites.def"
  return list;
}();

}  // namespace

RandomExpression::RandomExpression(uint64_t seed, int operations, Start start) : seed_(seed) {
  RandomNumbers random(seed);
  if (start == Start::product_rows) start_with_product_rows(random);
  while (extents_.size() < 3) {
    int64_t extent = possible_extents[random.below(std::size(possible_extents))];
    if (extent == 0 && !random.one_in(4)) extent = 6;
    extents_.push_back(extent);
  }
  if (operands_.empty()) add_operands(random);
  const std::vector<Tensor> leaves = operands();
  std::vector<Value> values(leaves.begin(), leaves.end());
  if (start == Start::product_rows) {
    constexpr uint64_t most_maps = 4;
    const auto last = [&] { return values.size() - 1; };
    add_step([](std::span<const Value> from) { return matmul(from[0], from[1]); }, values);
    for (uint64_t maps = random.below(most_maps); maps > 0; --maps) {
      try {
        add_step(elementwise(random, values), values);
      } catch (const UserError&) {
        // The product alone is a row, too.
      }
    }
    try {
      add_step(reduction(random, last(), -1), values);
    } catch (const UserError&) {
      // Not every dtype has every reduction.
    }
  }
  for (int tries = 2 * operations; tries > 0 && steps_.size() < static_cast<size_t>(operations);
       --tries) {
    try {
      add_step(random_step(random, values), values);
    } catch (const UserError&) {
      // Not every combination is an expression.
    }
  }
}

void RandomExpression::add_step(const Step& step, std::vector<Value>& values) {
  const Value value = step(values);
  if (element_count(value.shape()) > most_elements) return;
  values.push_back(value);
  steps_.push_back(step);
}

/// Operands x, w, and others of the shapes of results: rows of all widths, and enough of them that
/// one kernel multiplies and reduces.
void RandomExpression::start_with_product_rows(RandomNumbers& random) {
  constexpr int64_t columns[] = {2, 7, 16, 17, 33, 64, 100, 300};
  constexpr int64_t terms[] = {2, 3, 16, 33, 65};
  constexpr DType dtypes[] = {f32, f32, f64, f16, bf16, i32};
  const bool is_batch = random.one_in(3);
  extents_ = {columns[random.below(std::size(columns))], terms[random.below(std::size(terms))],
              static_cast<int64_t>(is_batch ? 64 + random.below(40) : 512 + random.below(100)),
              static_cast<int64_t>(2 + random.below(8))};
  const DType dtype = dtypes[random.below(std::size(dtypes))];
  const std::vector<int> x = is_batch ? std::vector{3, 2, 1} : std::vector{2, 1};
  operands_ = {{dtype, x}, {dtype, {1, 0}}, {dtype, {2, 0}}, {dtype, {0}}, {dtype, {2, -1}}};
}

void RandomExpression::add_operands(RandomNumbers& random) {
  const uint64_t count = 2 + random.below(4);
  for (uint64_t i = 0; i < count; ++i) {
    Operand operand;
    operand.dtype = random_dtype(random);
    for (int d = static_cast<int>(random.below(4)); d > 0; --d) {
      // Operands have the same trailing extents, so that they broadcast.
      operand.extents.push_back(random.one_in(5) ? -1 : d - 1);
    }
    operands_.push_back(std::move(operand));
  }
  if (random.one_in(3)) operands_.push_back({i64, {}, index_bound});
}

std::vector<Tensor> RandomExpression::operands(int64_t growth) const {
  RandomNumbers random(seed_ + static_cast<uint64_t>(growth));
  std::vector<Tensor> result;
  for (const Operand& operand : operands_) {
    if (operand.index_bound > 0) {
      result.push_back(random_indices(random, 3 + growth, operand.index_bound));
      continue;
    }
    Shape shape;
    for (const int extent : operand.extents) {
      const int64_t value = extent < 0 ? 1 : extents_[static_cast<size_t>(extent)];
      shape.push_back(value > 1 ? value + growth : value);
    }
    result.push_back(random_view(random, operand.dtype, shape));
  }
  return result;
}

Value RandomExpression::apply(std::span<const Tensor> operands, size_t steps) const {
  std::vector<Value> values(operands.begin(), operands.end());
  for (size_t i = 0; i < steps; ++i) values.push_back(steps_[i](values));
  return values.back();
}

RandomExpression::Step RandomExpression::random_step(RandomNumbers& random,
                                                     std::span<const Value> values) const {
  return random.one_in(4) ? structural(random, values) : elementwise(random, values);
}

RandomExpression::Step RandomExpression::elementwise(RandomNumbers& random,
                                                     std::span<const Value> values) const {
  if (random.one_in(10)) {
    const std::span<const ir::Composite> composites = ir::composites();
    const ir::Composite composite = composites[random.below(composites.size())];
    std::vector<size_t> places;
    for (int i = 0; i < ir::info(composite).arity; ++i) {
      places.push_back(random_place(random, values));
    }
    return [composite, places](std::span<const Value> from) {
      std::vector<Value> operands;
      for (const size_t place : places) operands.push_back(cast(from[place], f32));
      return Value::apply(composite, operands);
    };
  }
  const ir::OpCode op = ir::elementwise_ops()[random.below(ir::elementwise_ops().size())];
  const ir::OpInfo& row = ir::info(op);
  const bool selects = row.rule == ir::TypeRule::select;
  std::vector<size_t> places;
  for (int i = 0; i < row.arity; ++i) places.push_back(random_place(random, values));
  const DType dtype = accepted_dtype(row.rule, values[places[selects ? 1 : 0]].dtype());
  const bool ends_with_literal = row.arity > 1 && random.one_in(4);
  const Value literal = random_literal(random);
  return [=](std::span<const Value> from) {
    std::vector<Value> operands;
    for (const size_t place : places) {
      const bool condition = selects && operands.empty();
      operands.push_back(cast(from[place], condition ? boolean : dtype));
    }
    if (ends_with_literal) operands.back() = literal;
    return Value::apply(op, operands);
  };
}

RandomExpression::Step RandomExpression::reduction(RandomNumbers& random, size_t place,
                                                   const Axes& axes) const {
  const ReductionOptions options{axes, !random.one_in(3)};
  const Reduce reduce = every_reduction[random.below(std::size(every_reduction))];
  return [=](std::span<const Value> from) { return reduce(from[place], options); };
}

RandomExpression::Step RandomExpression::structural(RandomNumbers& random,
                                                    std::span<const Value> values) const {
  const size_t x = random_place(random, values), y = random_place(random, values);
  const int rank = values[x].shape().rank();
  const int axis = rank == 0 ? 0 : static_cast<int>(random.below(static_cast<uint64_t>(rank)));
  switch (random.below(12)) {
    case 0:
    case 8:
    case 9:
      return reduction(random, x, random_axes(random, rank));
    case 10: {
      const DType dtype = random.one_in(4) ? f64 : f32;
      const auto& [function, number] = composites_of_one[random.below(composites_of_one.size())];
      const ReductionOptions options{rank == 0 ? Axes() : Axes(axis), random.one_in(2)};
      return [=](std::span<const Value> from) {
        const CompositeWords words = composite_words(options, number);
        return Value::structural(function, {cast(from[x], dtype)}, {words.words, 4}, {});
      };
    }
    case 11:
      return [=](std::span<const Value> from) { return cumulative_sum(from[x], {.axis = axis}); };
    case 1: {
      const DType dtype = random_dtype(random);
      return [=](std::span<const Value> from) { return astype(from[x], dtype); };
    }
    case 2:
      return [=](std::span<const Value> from) {
        return matmul(from[x], cast(matrix_transpose(from[y]), from[x].dtype()));
      };
    case 3: {
      std::vector<Index> indices;
      for (int d = 0; d < rank; ++d) indices.push_back(random_index(random));
      return [=](std::span<const Value> from) { return index(from[x], indices); };
    }
    case 4:
      return [=](std::span<const Value> from) {
        const Value parts[] = {from[x], cast(from[y], from[x].dtype()), from[x]};
        return concat(parts, axis);
      };
    case 5:
      return [=](std::span<const Value> from) { return reshape(from[x], {-1}); };
    case 6: {
      if (operands_.back().index_bound == 0 || rank == 0 || values[x].shape()[axis] < index_bound) {
        throw UserError("take: no indices fit");
      }
      const size_t indices = operands_.size() - 1;
      return [=](std::span<const Value> from) { return take(from[x], from[indices], axis); };
    }
    default:
      return [=](std::span<const Value> from) { return matrix_transpose(from[x]); };
  }
}

}  // namespace onepass::fuzz
