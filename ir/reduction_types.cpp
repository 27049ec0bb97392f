// SPDX-License-Identifier: Apache-2.0
// Types of the ops that combine elements: reductions and products.
#include <fmt/format.h>

#include <algorithm>

#include "onepass/ir/cumulative.h"
#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

/// A product's operand as a matrix: which of its dimensions play which part.
struct Matrix {
  int batch_rank = 0;
  bool is_vector = false;
};

Matrix matrix_of(const Type& type) { return {std::max(0, type.rank() - 2), type.rank() == 1}; }

std::string describe(std::span<const Type> inputs, const SymbolTable& symbols) {
  return "matmul: " + describe_operands(OpCode::matmul, inputs, symbols);
}

void unify_inner(std::span<const Type> inputs, SymbolTable& symbols) {
  const Type& lhs = inputs[0];
  const Type& rhs = inputs[1];
  const int back = rhs.rank() == 1 ? 1 : 2;
  const Dimension left = lhs.dimensions[lhs.rank() - 1];
  const Dimension right = rhs.dimensions[rhs.rank() - back];
  if (symbols.unify(left, right)) return;
  throw UserError(fmt::format(
      "{}; inner dimensions must match, but lhs.shape[-1] = {} and rhs.shape[-{}] = {}.",
      describe(inputs, symbols), symbols.extent(left), back, symbols.extent(right)));
}

/// The broadcast of the dimensions before the last two.
Dimensions batch_dimensions(std::span<const Type> inputs, SymbolTable& symbols) {
  const int ranks[] = {matrix_of(inputs[0]).batch_rank, matrix_of(inputs[1]).batch_rank};
  const int rank = std::max(ranks[0], ranks[1]);
  Dimensions batch;
  for (int i = 0; i < rank; ++i) {
    const auto at = [&](int side) {
      const int d = i - (rank - ranks[side]);
      return d < 0 ? one : symbols.canonical(inputs[static_cast<size_t>(side)].dimensions[d]);
    };
    const Dimension left = at(0), right = at(1);
    if (left != one && right != one && !symbols.unify(left, right)) {
      const int back = rank - i + 2;
      throw UserError(fmt::format(
          "{}; batch dimensions must broadcast, but lhs.shape[-{}] = {} "
          "and rhs.shape[-{}] = {}.",
          describe(inputs, symbols), back, symbols.extent(left), back, symbols.extent(right)));
    }
    batch.push_back(symbols.canonical(left == one ? right : left));
  }
  return batch;
}

void check_factors(std::span<const Type> inputs, const Attributes& attributes,
                   const SymbolTable& symbols) {
  if (inputs[0].rank() == 0 || inputs[1].rank() == 0) {
    throw UserError(describe(inputs, symbols) +
                    "; operands must have at least one dimension. Multiply by a scalar with *.");
  }
  if (inputs[0].dtype == boolean || inputs[1].dtype == boolean) {
    throw UserError(describe(inputs, symbols) +
                    "; it needs a numeric dtype. Cast them first, for example astype(lhs, f32).");
  }
  if (attributes.has(AttributeKey::tile_size) && attributes.word(AttributeKey::tile_size) < 1) {
    throw UserError(fmt::format("{}, tile_size is {}; it must be at least 1.",
                                describe(inputs, symbols),
                                attributes.word(AttributeKey::tile_size)));
  }
}

std::string describe(OpCode op, const Type& x, const SymbolTable& symbols) {
  return fmt::format("{}: x is {}", to_string(op), to_string(x, symbols));
}

void check_axes(OpCode op, const Type& x, std::span<const int64_t> axes,
                const SymbolTable& symbols) {
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 || axes[i] >= x.rank()) {
      throw UserError(fmt::format("{}, axis is {}; it must lie in [{}, {}].",
                                  describe(op, x, symbols), axes[i], -x.rank(), x.rank() - 1));
    }
    if (i > 0 && axes[i] <= axes[i - 1]) {
      throw UserError(fmt::format("{}, axis {} appears twice; each may appear once.",
                                  describe(op, x, symbols), axes[i]));
    }
  }
}

void check_one_axis_or_all(OpCode op, const Type& x, std::span<const int64_t> axes,
                           const SymbolTable& symbols) {
  const auto count = static_cast<int>(axes.size());
  if (count == 1 || count == x.rank()) return;
  throw UserError(fmt::format(
      "{}, {} axes are named; a position is along one axis or all. Name one, or none for all.",
      describe(op, x, symbols), count));
}

/// Where no elements have no result, every reduced axis has some, in later calls too.
void require_elements(OpCode op, const Type& x, std::span<const int64_t> axes,
                      SymbolTable& symbols) {
  for (const int64_t axis : axes) {
    const Dimension d = symbols.canonical(x.dimensions[static_cast<int>(axis)]);
    if (symbols.extent(d) == 0) {
      throw UserError(fmt::format(
          "{}, axis {} has no elements; the {} of no elements is undefined. Reduce over axes that "
          "have some.",
          describe(op, x, symbols), axis, to_string(op)));
    }
    const auto known = [&](const runtime::ValidityRange& range) {
      return range.symbol == d && range.low >= 1;
    };
    const bool is_known = d == one || symbols.frozen() ||
                          std::any_of(symbols.ranges().begin(), symbols.ranges().end(), known);
    if (!is_known) symbols.require(d, 1, INT64_MAX);
  }
}

Type infer_cumulative(OpCode op, const Type& x, int64_t axis, const SymbolTable& symbols) {
  if (x.rank() == 0) {
    throw UserError(describe(op, x, symbols) +
                    "; it needs at least one dimension. Reshape it to [1].");
  }
  check_axes(op, x, {&axis, 1}, symbols);
  const auto dtypes = reduction_dtypes(reduction_behind(op), x.dtype);
  return {.dtype = dtypes.value().result, .dimensions = x.dimensions};
}

Type infer_reduction(OpCode op, const Type& x, const Attributes& attributes, SymbolTable& symbols) {
  const auto dtypes = reduction_dtypes(op, x.dtype);
  if (!dtypes) {
    const bool floats = averages(op);
    throw UserError(fmt::format(
        "{}; it needs a {} dtype. Cast it first, for example astype(x, {}).",
        describe(op, x, symbols), floats ? "floating" : "numeric", floats ? "f32" : "i64"));
  }
  const std::span<const int64_t> axes = attributes.words(AttributeKey::axes);
  check_axes(op, x, axes, symbols);
  if (finds_position(op)) check_one_axis_or_all(op, x, axes, symbols);
  if (!reduction_info(op).empty) require_elements(op, x, axes, symbols);
  const bool keepdims = attributes.word(AttributeKey::keepdims) != 0;
  Type result{.dtype = dtypes->result, .dimensions = {}};
  for (int d = 0; d < x.rank(); ++d) {
    const bool reduced = std::find(axes.begin(), axes.end(), d) != axes.end();
    if (!reduced) result.dimensions.push_back(x.dimensions[d]);
    if (reduced && keepdims) result.dimensions.push_back(one);
  }
  return result;
}

}  // namespace

#define ONEPASS_REDUCTION(name, ...)                                            \
  Type infer_##name(std::span<const Type> inputs, const Attributes& attributes, \
                    SymbolTable& symbols) {                                     \
    return infer_reduction(OpCode::name, inputs[0], attributes, symbols);       \
  }
#include "onepass/ir/reductions.def"

#define ONEPASS_CUMULATIVE(name, ...)                                                     \
  Type infer_##name(std::span<const Type> inputs, const Attributes& attributes,           \
                    SymbolTable& symbols) {                                               \
    return infer_cumulative(OpCode::name, inputs[0], attributes.word(AttributeKey::axis), \
                            symbols);                                                     \
  }
#include "onepass/ir/cumulative.def"

Dimensions product_dimensions(std::span<const Type> inputs, const Attributes& attributes,
                              SymbolTable& symbols) {
  check_factors(inputs, attributes, symbols);
  unify_inner(inputs, symbols);
  Dimensions result = batch_dimensions(inputs, symbols);
  const Type& lhs = inputs[0];
  const Type& rhs = inputs[1];
  if (!matrix_of(lhs).is_vector) {
    result.push_back(symbols.canonical(lhs.dimensions[lhs.rank() - 2]));
  }
  if (!matrix_of(rhs).is_vector) {
    result.push_back(symbols.canonical(rhs.dimensions[rhs.rank() - 1]));
  }
  return result;
}

Type infer_matmul(std::span<const Type> inputs, const Attributes& attributes,
                  SymbolTable& symbols) {
  Dimensions dimensions = product_dimensions(inputs, attributes, symbols);
  if (inputs[0].dtype != inputs[1].dtype) {
    throw UserError(describe(inputs, symbols) + "; dtypes must be equal. Cast one first.");
  }
  return Type{.dtype = inputs[0].dtype, .dimensions = std::move(dimensions)};
}

}  // namespace onepass::ir
