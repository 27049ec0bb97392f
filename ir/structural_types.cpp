// SPDX-License-Identifier: Apache-2.0
// Types of the ops that move elements: views, reshape, joins, gathers. The builder has normalised
// their axes.
#include <fmt/format.h>

#include <algorithm>

#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

using runtime::Symbol;
using Kind = Symbol::Kind;

Dimensions words_as_dimensions(std::span<const int64_t> words) {
  Dimensions dimensions;
  for (const int64_t word : words) dimensions.push_back(static_cast<Dimension>(word));
  return dimensions;
}

/// The extents that the attribute names, which the caller may not leave open.
Dimensions named_dimensions(std::string_view op, const Attributes& attributes,
                            const SymbolTable& symbols) {
  Dimensions result;
  for (const Dimension d : words_as_dimensions(attributes.words(AttributeKey::dimensions))) {
    if (symbols.extent(d) < 0) {
      const Shape shape =
          symbols.shape(words_as_dimensions(attributes.words(AttributeKey::dimensions)));
      throw UserError(fmt::format("{}: the shape is {}; extents must not be negative.", op,
                                  onepass::to_string(shape)));
    }
    result.push_back(symbols.canonical(d));
  }
  return result;
}

/// The one symbol that stands for the product of a list.
Dimension product_of(const std::vector<int>& factors, SymbolTable& symbols) {
  if (factors.empty()) return one;
  if (factors.size() == 1) return factors[0];
  std::vector<int> sorted = factors;
  std::sort(sorted.begin(), sorted.end());
  return symbols.derive(Kind::product, std::move(sorted));
}

/// The two sides of a reshape, without the extents that both have.
struct Sides {
  std::vector<int> from, to;
  int inferred = -1;  // place of the extent that follows from the others, in the new shape
};

Sides sides_of(const Dimensions& from, const Dimensions& to, const SymbolTable& symbols) {
  Sides sides;
  for (const Dimension d : from) {
    if (symbols.canonical(d) != one) sides.from.push_back(symbols.canonical(d));
  }
  for (int i = 0; i < to.rank(); ++i) {
    const Dimension d = symbols.canonical(to[i]);
    if (d == one) continue;
    if (symbols.extent(d) < 0) {
      sides.inferred = i;
      continue;
    }
    const auto same = std::find(sides.from.begin(), sides.from.end(), d);
    if (same != sides.from.end() && symbols.extent(d) != 0) {
      sides.from.erase(same);
    } else {
      sides.to.push_back(d);
    }
  }
  return sides;
}

std::string describe_reshape(const Type& x, const Dimensions& to, const SymbolTable& symbols) {
  return fmt::format("reshape: x is {}, the shape is {}", to_string(x, symbols),
                     onepass::to_string(symbols.shape(to)));
}

void check_named_shape(const Type& x, const Dimensions& to, const SymbolTable& symbols) {
  int open = 0;
  for (const Dimension d : to) {
    if (symbols.extent(d) < -1) {
      throw UserError(describe_reshape(x, to, symbols) + "; extents must not be negative.");
    }
    open += symbols.extent(d) == -1;
  }
  if (open > 1) {
    throw UserError(describe_reshape(x, to, symbols) + "; only one extent may be -1.");
  }
}

/// The extent that makes the counts equal.
Dimension inferred_extent(const Type& x, const Dimensions& to, const Sides& sides,
                          SymbolTable& symbols) {
  int64_t known = 1;
  for (const int d : sides.to) known *= symbols.extent(d);
  const int64_t total = element_count(symbols.shape(
      words_as_dimensions(std::vector<int64_t>(sides.from.begin(), sides.from.end()))));
  if (known == 0 || total % known != 0) {
    throw UserError(
        fmt::format("{}; the extent -1 must follow from the others, but {} elements "
                    "do not divide by {}.",
                    describe_reshape(x, to, symbols), total, known));
  }
  const Dimension whole = product_of(sides.from, symbols);
  if (sides.to.empty()) return whole;
  std::vector<int> terms = {whole};
  terms.insert(terms.end(), sides.to.begin(), sides.to.end());
  const Dimension inferred = symbols.derive(Kind::quotient, std::move(terms));
  // A later call may not divide: the product tells.
  std::vector<int> factors = sides.to;
  if (inferred != one) factors.push_back(inferred);
  symbols.unify(whole, product_of(factors, symbols));
  return inferred;
}

void check_counts(const Type& x, const Dimensions& to, const Sides& sides, SymbolTable& symbols) {
  const int64_t before = element_count(symbols.shape(x.dimensions));
  const int64_t after = element_count(symbols.shape(to));
  const bool equal = before == after && (sides.from == sides.to || symbols.frozen() ||
                                         symbols.unify(product_of(sides.from, symbols),
                                                       product_of(sides.to, symbols)));
  if (equal) return;
  throw UserError(fmt::format("{}; counts of elements must be equal, but {} is not {}.",
                              describe_reshape(x, to, symbols), before, after));
}

/// Extent of one dimension after start:stop:step.
Dimension sliced_extent(Dimension d, int64_t start, int64_t stop, int64_t step,
                        SymbolTable& symbols) {
  if (start == 0 && stop == runtime::slice_end && step == 1) return symbols.canonical(d);
  Symbol length;
  length.kind = Kind::slice_length;
  length.terms = {d};
  length.start = start;
  length.stop = stop;
  length.step = step;
  return symbols.derive(std::move(length));
}

/// The axis attribute, checked against a rank.
int checked_axis(OpCode op, std::span<const Type> inputs, const Attributes& attributes, int rank,
                 const SymbolTable& symbols) {
  const int64_t axis = attributes.word(AttributeKey::axis);
  if (axis >= 0 && axis < rank) return static_cast<int>(axis);
  const std::string subject =
      inputs.empty() ? std::string() : describe_operands(op, inputs.first(1), symbols) + ", ";
  throw UserError(fmt::format("{}: {}axis is {}; it must lie in [{}, {}].", to_string(op), subject,
                              axis, -rank, rank - 1));
}

/// Where two inputs of concat differ outside the axis.
[[noreturn]] void throw_concat_mismatch(std::span<const Type> inputs, size_t i, int axis,
                                        const std::string& why, const SymbolTable& symbols) {
  throw UserError(fmt::format("concat: input 0 is {}, input {} is {}; {} axis {}{}.",
                              to_string(inputs[0], symbols), i, to_string(inputs[i], symbols),
                              "shapes must be equal except along", axis, why));
}

}  // namespace

Type infer_cast(std::span<const Type> inputs, const Attributes& attributes, SymbolTable&) {
  return {attributes.dtype(), inputs[0].dimensions};
}

Type infer_broadcast_to(std::span<const Type> inputs, const Attributes& attributes,
                        SymbolTable& symbols) {
  const Type& x = inputs[0];
  Dimensions to = named_dimensions("broadcast_to", attributes, symbols);
  const auto fail = [&](const std::string& why) {
    throw UserError(fmt::format("broadcast_to: x is {}, the shape is {}; {}", to_string(x, symbols),
                                onepass::to_string(symbols.shape(to)), why));
  };
  if (x.rank() > to.rank()) fail("the shape must have at least as many dimensions as x.");
  for (int back = 1; back <= x.rank(); ++back) {
    const Dimension d = symbols.canonical(x.dimensions[x.rank() - back]);
    Dimension& target = to[to.rank() - back];
    if (d == one) continue;
    if (!symbols.unify(d, target)) {
      fail(
          fmt::format("extents must be equal or 1 in x, but x.shape[-{}] = {} and shape[-{}] = {}.",
                      back, symbols.extent(d), back, symbols.extent(target)));
    }
    target = symbols.canonical(target);
  }
  element_count(symbols.shape(to));
  return {x.dtype, to};
}

Type infer_reshape(std::span<const Type> inputs, const Attributes& attributes,
                   SymbolTable& symbols) {
  const Type& x = inputs[0];
  Dimensions to = words_as_dimensions(attributes.words(AttributeKey::dimensions));
  check_named_shape(x, to, symbols);
  const Sides sides = sides_of(x.dimensions, to, symbols);
  if (sides.inferred >= 0) {
    to[sides.inferred] = inferred_extent(x, to, sides, symbols);
  } else {
    check_counts(x, to, sides, symbols);
  }
  for (int i = 0; i < to.rank(); ++i) to[i] = symbols.canonical(to[i]);
  return {x.dtype, to};
}

Type infer_permute_dims(std::span<const Type> inputs, const Attributes& attributes,
                        SymbolTable& symbols) {
  const Type& x = inputs[0];
  const std::span<const int64_t> permutation = attributes.words(AttributeKey::permutation);
  std::vector<int64_t> sorted(permutation.begin(), permutation.end());
  std::sort(sorted.begin(), sorted.end());
  bool valid = static_cast<int>(sorted.size()) == x.rank();
  for (size_t i = 0; valid && i < sorted.size(); ++i) {
    valid = sorted[i] == static_cast<int64_t>(i);
  }
  if (!valid) {
    throw UserError(fmt::format(
        "permute_dims: x is {}, the permutation has {} entries; it must name each of the {} "
        "dimensions once.",
        to_string(x, symbols), permutation.size(), x.rank()));
  }
  Type result{.dtype = x.dtype, .dimensions = {}};
  for (const int64_t d : permutation) {
    result.dimensions.push_back(x.dimensions[static_cast<int>(d)]);
  }
  return result;
}

Type infer_slice(std::span<const Type> inputs, const Attributes& attributes, SymbolTable& symbols) {
  const Type& x = inputs[0];
  const std::span<const int64_t> start = attributes.words(AttributeKey::start);
  const std::span<const int64_t> stop = attributes.words(AttributeKey::stop);
  const std::span<const int64_t> step = attributes.words(AttributeKey::step);
  const auto rank = static_cast<size_t>(x.rank());
  if (start.size() != rank || stop.size() != rank || step.size() != rank) {
    throw UserError(fmt::format(
        "slice: x is {}, with {} starts, {} stops, {} steps; there must be one of each per "
        "dimension.",
        to_string(x, symbols), start.size(), stop.size(), step.size()));
  }
  Type result{.dtype = x.dtype, .dimensions = {}};
  for (size_t d = 0; d < rank; ++d) {
    if (step[d] == 0 || step[d] == INT64_MIN) {
      throw UserError(
          fmt::format("slice: x is {}, step is {} in dimension {}; a step must not be {}.",
                      to_string(x, symbols), step[d], d, step[d] == 0 ? "0" : "so large"));
    }
    result.dimensions.push_back(
        sliced_extent(x.dimensions[static_cast<int>(d)], start[d], stop[d], step[d], symbols));
  }
  return result;
}

Type infer_concat(std::span<const Type> inputs, const Attributes& attributes,
                  SymbolTable& symbols) {
  const int axis = checked_axis(OpCode::concat, inputs, attributes, inputs[0].rank(), symbols);
  Type result = inputs[0];
  std::vector<int> terms;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Type& x = inputs[i];
    if (x.dtype != result.dtype) throw_concat_mismatch(inputs, i, axis, ", dtypes too", symbols);
    if (x.rank() != result.rank()) throw_concat_mismatch(inputs, i, axis, "", symbols);
    for (int d = 0; d < x.rank(); ++d) {
      if (d == axis) continue;
      if (!symbols.unify(result.dimensions[d], x.dimensions[d])) {
        throw_concat_mismatch(
            inputs, i, axis,
            fmt::format(", but their extents {} are {} and {}", d,
                        symbols.extent(result.dimensions[d]), symbols.extent(x.dimensions[d])),
            symbols);
      }
      result.dimensions[d] = symbols.canonical(result.dimensions[d]);
    }
    terms.push_back(symbols.canonical(x.dimensions[axis]));
  }
  if (inputs.size() > 1) result.dimensions[axis] = symbols.derive(Kind::sum, std::move(terms));
  return result;
}

Type infer_take(std::span<const Type> inputs, const Attributes& attributes, SymbolTable& symbols) {
  if (!is_integer(inputs[1].dtype) || inputs[1].rank() != 1) {
    throw UserError(fmt::format("take: {}; y must be an integer vector.",
                                describe_operands(OpCode::take, inputs, symbols)));
  }
  Type result = inputs[0];
  const int axis = checked_axis(OpCode::take, inputs, attributes, result.rank(), symbols);
  result.dimensions[axis] = symbols.canonical(inputs[1].dimensions[0]);
  return result;
}

Type infer_iota(std::span<const Type>, const Attributes& attributes, SymbolTable& symbols) {
  const Type result{attributes.dtype(), named_dimensions("iota", attributes, symbols)};
  checked_axis(OpCode::iota, {}, attributes, result.rank(), symbols);
  if (result.dtype == boolean) {
    throw UserError("iota: the dtype is boolean; it needs a numeric dtype.");
  }
  element_count(symbols.shape(result.dimensions));
  return result;
}

}  // namespace onepass::ir
