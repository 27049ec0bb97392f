// SPDX-License-Identifier: Apache-2.0
// The formulas of array_composites.def, over the builder.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "onepass/ir/formula.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr ArrayCompositeInfo table[] = {
#define ONEPASS_ARRAY_COMPOSITE(name, least, most, rule, operands, options, number, doc) \
  {#name, least, most, TypeRule::rule, operands, ArrayOptions::Kind::options, number, doc},
#include "onepass/ir/array_composites.def"
};

constexpr ArrayComposite all[] = {
#define ONEPASS_ARRAY_COMPOSITE(name, ...) ArrayComposite::name,
#include "onepass/ir/array_composites.def"
};

using Operands = std::span<const Expr>;

/// A formula around reductions over the axes of a call.
class ArrayFormula : public Formula {
 public:
  ArrayFormula(Builder& builder, const ArrayOptions& options)
      : Formula(builder), options_(options) {}

  const ArrayOptions& options() const { return options_; }
  int64_t axis() const { return options_.axes[0]; }
  Dimensions dimensions(Expr x) const { return builder().type(x).dimensions; }
  DType dtype(Expr x) const { return builder().type(x).dtype; }
  bool has_elements(Expr x) const { return builder().has_elements(x, options_.axes); }

  /// Reduced axes stay as extents of 1, so that the result broadcasts against x.
  Expr kept(OpCode op, Expr x) const { return reduce(op, x, true, 0); }
  /// Reduced axes are as the call wants them.
  Expr over(OpCode op, Expr x, double correction = 0) const {
    return reduce(op, x, options_.keepdims, correction);
  }
  /// `x`, whose reduced axes stayed, as the call wants it.
  Expr as_called(Expr x) const {
    if (options_.keepdims) return x;
    Dimensions left;
    const Dimensions all_of_x = dimensions(x);
    for (int d = 0; d < all_of_x.rank(); ++d) {
      if (!is_reduced(d)) left.push_back(all_of_x[d]);
    }
    return shaped(OpCode::reshape, x, left);
  }

  Expr cast(Expr x, DType dtype) const {
    Attributes attributes;
    attributes.set(AttributeKey::dtype, static_cast<int64_t>(dtype));
    return builder().structural(OpCode::cast, {&x, 1}, std::move(attributes));
  }
  /// x under other extents: a reshape or broadcast_to.
  Expr shaped(OpCode op, Expr x, const Dimensions& dimensions) const {
    Attributes attributes;
    attributes.set(AttributeKey::dimensions, {dimensions.begin(), dimensions.end()});
    return builder().structural(op, {&x, 1}, std::move(attributes));
  }
  /// 0, 1, .. along the axis, to broadcast against x.
  Expr positions(Expr x) const {
    const Dimensions of_x = dimensions(x);
    const Dimension d = of_x[static_cast<int>(axis())];
    Attributes attributes;
    attributes.set(AttributeKey::dimensions, {d});
    attributes.set(AttributeKey::axis, 0);
    attributes.set(AttributeKey::dtype, static_cast<int64_t>(i64));
    const Expr index = builder().structural(OpCode::iota, {}, std::move(attributes));
    return shaped(OpCode::reshape, index, one_for_axis(d, of_x.rank() - static_cast<int>(axis())));
  }
  /// The vector `v`, one element a channel, to broadcast against x.
  Expr channels(std::string_view name, Expr v, Expr x) const {
    const Dimensions of_v = dimensions(v);
    if (of_v.rank() != 1) {
      throw UserError(fmt::format(
          "batch_norm: {} is {}{}; it must have one dimension, that of the channels. Reshape it.",
          name, to_string(dtype(v)), onepass::to_string(builder().shape(v))));
    }
    const int after = dimensions(x).rank() - static_cast<int>(axis());
    return after == 1 ? v : shaped(OpCode::reshape, v, one_for_axis(of_v[0], after));
  }

 private:
  bool is_reduced(int64_t d) const {
    return std::find(options_.axes.begin(), options_.axes.end(), d) != options_.axes.end();
  }
  static Dimensions one_for_axis(Dimension d, int rank) {
    Dimensions dimensions;
    dimensions.push_back(d);
    while (dimensions.rank() < rank) dimensions.push_back(one);
    return dimensions;
  }
  Expr reduce(OpCode op, Expr x, bool keepdims, double correction) const {
    Attributes attributes;
    attributes.set(AttributeKey::axes, options_.axes);
    attributes.set(AttributeKey::keepdims, keepdims);
    if (correction != 0) attributes.set_number(AttributeKey::correction, correction);
    return builder().structural(op, {&x, 1}, std::move(attributes));
  }

  const ArrayOptions& options_;
};

using F = ArrayFormula;

// One call a line where order could show: C++ leaves the order of arguments open, and graphs must
// not depend on it.

Expr expand_var(F f, Operands in) {
  const Expr centre = f.kept(OpCode::mean, in[0]);
  const Expr d = f.subtract(in[0], centre);
  return f.over(OpCode::mean, f.multiply(d, d), f.options().number);
}

Expr expand_std(F f, Operands in) { return f.sqrt(expand_var(f, in)); }

/// An infinite largest element would make inf - inf. Without elements nothing is largest.
Expr expand_logsumexp(F f, Operands in) {
  const Expr x = in[0];
  if (!f.has_elements(x)) return f.log(f.over(OpCode::sum, f.exp(x)));
  const Expr top = f.kept(OpCode::max, x);
  const Expr is_finite = f.isfinite(top);
  const Expr shift = f.where(is_finite, top, f.number(0));
  const Expr total = f.kept(OpCode::sum, f.exp(f.subtract(x, shift)));
  return f.as_called(f.add(f.log(total), shift));
}

Expr expand_norm(F f, Operands in) {
  const Expr x = in[0];
  const double ord = f.options().number;
  if (std::isnan(ord)) {
    throw UserError("norm: ord is nan; it must be a number or an infinity. Use 2 for the length.");
  }
  if (ord == 2) return f.sqrt(f.over(OpCode::sum, f.multiply(x, x)));
  if (ord == 0) return f.cast(f.over(OpCode::count_nonzero, x), f.dtype(x));
  const Expr size = f.abs(x);
  if (ord == 1) return f.over(OpCode::sum, size);
  if (ord == infinity) return f.over(OpCode::max, size);
  if (ord == -infinity) return f.over(OpCode::min, size);
  const Expr total = f.over(OpCode::sum, f.pow(size, f.number(ord)));
  return f.pow(total, f.number(1 / ord));
}

Expr expand_softmax(F f, Operands in) {
  const Expr x = in[0];
  if (!f.has_elements(x)) return x;
  const Expr e = f.exp(f.subtract(x, f.kept(OpCode::max, x)));
  return f.multiply(e, f.reciprocal(f.kept(OpCode::sum, e)));
}

Expr expand_log_softmax(F f, Operands in) {
  const Expr x = in[0];
  if (!f.has_elements(x)) return x;
  const Expr d = f.subtract(x, f.kept(OpCode::max, x));
  return f.subtract(d, f.log(f.kept(OpCode::sum, f.exp(d))));
}

/// x times the root of what `square` is on average, then what weight and bias there are.
Expr normalised(F f, Expr x, Operands scales) {
  const Expr spread = f.kept(OpCode::mean, f.multiply(x, x));
  const Expr scale = f.rsqrt(f.add(spread, f.number(f.options().number)));
  Expr y = f.multiply(x, scale);
  if (scales.size() > 0) y = f.multiply(y, scales[0]);
  if (scales.size() > 1) y = f.add(y, scales[1]);
  return y;
}

Expr expand_layer_norm(F f, Operands in) {
  const Expr centre = f.kept(OpCode::mean, in[0]);
  return normalised(f, f.subtract(in[0], centre), in.subspan(1));
}

Expr expand_rms_norm(F f, Operands in) { return normalised(f, in[0], in.subspan(1)); }

Expr expand_batch_norm(F f, Operands in) {
  const Expr x = in[0];
  const Expr centre = f.channels("mean", in[1], x);
  const Expr spread = f.channels("variance", in[2], x);
  Expr scale = f.rsqrt(f.add(spread, f.number(f.options().number)));
  if (in.size() > 3) scale = f.multiply(scale, f.channels("weight", in[3], x));
  const Expr y = f.multiply(f.subtract(x, centre), scale);
  return in.size() > 4 ? f.add(y, f.channels("bias", in[4], x)) : y;
}

Expr expand_l2_normalize(F f, Operands in) {
  const Expr x = in[0];
  const Expr length = f.sqrt(f.kept(OpCode::sum, f.multiply(x, x)));
  return f.divide(x, f.maximum(length, f.number(f.options().number)));
}

Expr expand_cosine_similarity(F f, Operands in) {
  const Expr both = f.multiply(in[0], in[1]);
  const auto length = [&](Expr x) {
    const Expr whole = f.shaped(OpCode::broadcast_to, x, f.dimensions(both));
    const Expr root = f.sqrt(f.over(OpCode::sum, f.multiply(whole, whole)));
    return f.maximum(root, f.number(f.options().number));
  };
  const Expr x_length = length(in[0]);
  const Expr y_length = length(in[1]);
  const Expr lengths = f.multiply(x_length, y_length);
  return f.divide(f.over(OpCode::sum, both), lengths);
}

/// The class of each row by its index. A largest of -inf tells a target that is no class.
Expr chosen(F f, Expr d, Expr target) {
  Dimensions with_axis = f.dimensions(d);
  with_axis[static_cast<int>(f.axis())] = one;
  const Expr index = f.shaped(OpCode::reshape, f.cast(target, i64), with_axis);
  const Expr is_target = f.equal(index, f.positions(d));
  return f.over(OpCode::max, f.where(is_target, d, f.number(-infinity)));
}

Expr expand_cross_entropy(F f, Operands in) {
  const Expr x = in[0], target = in[1];
  if (f.options().axes.size() != 1) {
    throw UserError(fmt::format("cross_entropy: {} axes are named; classes lie along one. Name it.",
                                f.options().axes.size()));
  }
  if (is_floating(f.dtype(target))) {
    const Expr products = f.multiply(target, expand_log_softmax(f, in.first(1)));
    return f.negative(f.over(OpCode::sum, products));
  }
  const Expr d = f.subtract(x, f.kept(OpCode::max, x));
  const Expr total = f.log(f.over(OpCode::sum, f.exp(d)));
  return f.subtract(total, chosen(f, d, target));
}

}  // namespace

const ArrayCompositeInfo& info(ArrayComposite function) {
  return table[static_cast<size_t>(function)];
}

std::span<const ArrayComposite> array_composites() { return all; }

Expr Builder::composite(ArrayComposite function, std::span<const Expr> inputs,
                        const ArrayOptions& options) {
  const ArrayCompositeInfo& row = info(function);
  internal_check(inputs.size() >= static_cast<size_t>(row.least) &&
                     inputs.size() <= static_cast<size_t>(row.most),
                 "composite: a wrong number of operands");
  check_first_operand(row.name, row.rule, inputs[0]);
  const ArrayFormula formula(*this, options);
  switch (function) {
#define ONEPASS_ARRAY_COMPOSITE(name, ...) \
  case ArrayComposite::name:               \
    return expand_##name(formula, inputs);
#include "onepass/ir/array_composites.def"
  }
  throw InternalError("an unknown composite");
}

}  // namespace onepass::ir
