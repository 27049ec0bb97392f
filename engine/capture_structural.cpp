// SPDX-License-Identifier: Apache-2.0
// Structural functions to nodes: axes are normalised, indexing becomes slices and reshapes, stack
// becomes concat.
#include "onepass/engine/capture_structural.h"

#include <algorithm>
#include <bit>
#include <string>

#include "onepass/engine/index.h"
#include "onepass/engine/index_words.h"
#include "onepass/ir/cumulative.h"
#include "onepass/runtime/error.h"

namespace onepass {

namespace {

using ir::AttributeKey;
using ir::Attributes;
using ir::Dimensions;
using ir::Expr;
using ir::OpCode;
using Words = std::span<const int64_t>;

std::string described(ir::Builder& builder, const Expr& x) {
  return std::string(to_string(builder.type(x).dtype)) + to_string(builder.shape(x));
}

/// Axis counted from the front. `rank` counts the positions that are allowed.
int64_t normalised(std::string_view function, int64_t axis, int rank, ir::Builder& builder,
                   const Expr& x) {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  std::string text = std::string(function) + ": axis " + std::to_string(axis) +
                     " is out of range; x is " + described(builder, x) + ".";
  if (rank > 0)
    text += " Use an axis from " + std::to_string(-rank) + " to " + std::to_string(rank - 1) + ".";
  throw UserError(text);
}

std::vector<int64_t> normalised_axes(std::string_view function, Words words, ir::Builder& builder,
                                     const Expr& x) {
  const int rank = builder.type(x).rank();
  std::vector<int64_t> axes;
  if (words[0] < 0) {
    for (int i = 0; i < rank; ++i) axes.push_back(i);
    return axes;
  }
  if (words[0] > max_rank) {
    throw UserError(std::string(function) + ": " + std::to_string(words[0]) + " axes; at most " +
                    std::to_string(max_rank) + " are supported.");
  }
  for (const int64_t axis : unpacked(words[0], words[1])) {
    axes.push_back(normalised(function, axis, rank, builder, x));
  }
  std::sort(axes.begin(), axes.end());
  const auto twice = std::adjacent_find(axes.begin(), axes.end());
  if (twice != axes.end()) {
    throw UserError(std::string(function) + ": axis " + std::to_string(*twice) +
                    " is named twice; axes must differ.");
  }
  return axes;
}

Expr with_dimensions(ir::Builder& builder, OpCode op, const Expr& x, const Dimensions& dimensions) {
  Attributes attributes;
  attributes.set(AttributeKey::dimensions,
                 std::vector<int64_t>(dimensions.begin(), dimensions.end()));
  return builder.structural(op, {&x, 1}, std::move(attributes));
}

Expr permuted(ir::Builder& builder, const Expr& x, std::vector<int64_t> permutation) {
  Attributes attributes;
  attributes.set(AttributeKey::permutation, std::move(permutation));
  return builder.structural(OpCode::permute_dims, {&x, 1}, std::move(attributes));
}

Expr capture_astype(const StructuralCapture& request) {
  Attributes attributes;
  attributes.set(AttributeKey::dtype, request.words[0]);
  return request.builder.structural(OpCode::cast, request.inputs, std::move(attributes));
}

Expr capture_shaped(OpCode op, const StructuralCapture& request) {
  const auto rank = static_cast<size_t>(request.words[0]);
  const Words shape = request.extents.first(rank);
  for (uint32_t i = 0; i < rank; ++i) request.used_extents.push_back(i);
  const Dimensions dimensions = request.builder.given_dimensions(shape);
  return with_dimensions(request.builder, op, request.inputs[0], dimensions);
}

Expr capture_permute_dims(const StructuralCapture& request) {
  const Expr& x = request.inputs[0];
  const int rank = request.builder.type(x).rank();
  std::vector<int64_t> permutation = unpacked(request.words[0], request.words[1]);
  for (int64_t& axis : permutation) {
    axis = normalised("permute_dims", axis, rank, request.builder, x);
  }
  return permuted(request.builder, x, std::move(permutation));
}

Expr capture_matrix_transpose(const StructuralCapture& request) {
  const Expr& x = request.inputs[0];
  const int rank = request.builder.type(x).rank();
  if (rank < 2) {
    throw UserError("matrix_transpose: x is " + described(request.builder, x) +
                    "; it needs at least 2 dimensions.");
  }
  std::vector<int64_t> permutation;
  for (int i = 0; i < rank; ++i) permutation.push_back(i);
  std::swap(permutation[static_cast<size_t>(rank - 1)], permutation[static_cast<size_t>(rank - 2)]);
  return permuted(request.builder, x, std::move(permutation));
}

Expr expanded(ir::Builder& builder, std::string_view function, const Expr& x, int64_t axis) {
  const Dimensions old = builder.type(x).dimensions;
  if (old.rank() == max_rank) {
    throw UserError(std::string(function) + ": x is " + described(builder, x) + "; at most " +
                    std::to_string(max_rank) + " dimensions are supported.");
  }
  const int64_t place = normalised(function, axis, old.rank() + 1, builder, x);
  Dimensions dimensions;
  for (int i = 0; i <= old.rank(); ++i) {
    if (i == place) dimensions.push_back(ir::one);
    if (i < old.rank()) dimensions.push_back(old[i]);
  }
  return with_dimensions(builder, OpCode::reshape, x, dimensions);
}

Expr capture_squeeze(const StructuralCapture& request) {
  const Expr& x = request.inputs[0];
  ir::Builder& builder = request.builder;
  const Dimensions old = builder.type(x).dimensions;
  const bool every = request.words[0] < 0;
  const std::vector<int64_t> axes = normalised_axes("squeeze", request.words, builder, x);
  Dimensions dimensions;
  for (int i = 0; i < old.rank(); ++i) {
    const bool named = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (named && old[i] == ir::one) continue;
    if (named && !every) {
      throw UserError("squeeze: x is " + described(builder, x) + "; dimension " +
                      std::to_string(i) + " must have extent 1 to be removed.");
    }
    dimensions.push_back(old[i]);
  }
  return with_dimensions(builder, OpCode::reshape, x, dimensions);
}

/// x[{..}]: one slice for all slices and positions, then one reshape for positions and new axes.
class IndexCapture {
 public:
  IndexCapture(ir::Builder& builder, const Expr& x, const std::vector<Index>& indices)
      : builder_(builder), x_(x), indices_(indices) {}

  Expr run() {
    const int rank = builder_.type(x_).rank();
    const auto named = std::count_if(indices_.begin(), indices_.end(), [](const Index& index) {
      return index.kind != Index::Kind::newaxis;
    });
    if (named > rank) {
      throw UserError("index: x is " + described(builder_, x_) + ", which has " +
                      std::to_string(rank) + " dimensions; " + std::to_string(named) +
                      " indices are too many.");
    }
    for (const Index& index : indices_) add(index);
    while (static_cast<int>(start_.size()) < rank) add(Index(Index::Kind::all));
    return reshaped(sliced());
  }

 private:
  void add(const Index& index) {
    if (index.kind == Index::Kind::newaxis) {
      keep_.push_back(Place::added);
      return;
    }
    const bool position = index.kind == Index::Kind::position;
    if (position) check_position(index.start);
    start_.push_back(index.kind == Index::Kind::all ? 0 : index.start);
    stop_.push_back(position ? (index.start == -1 ? runtime::slice_end : index.start + 1)
                             : index.stop);
    step_.push_back(position ? 1 : index.step);
    if (step_.back() == 0) throw UserError("index: the step of a slice is 0; it must not be 0.");
    moves_ = moves_ || index.kind != Index::Kind::all;
    keep_.push_back(position ? Place::removed : Place::kept);
  }

  void check_position(int64_t position) const {
    const int dimension = static_cast<int>(start_.size());
    const int64_t extent = builder_.shape(x_)[dimension];
    if (position >= -extent && position < extent) return;
    throw UserError("index: position " + std::to_string(position) + " is out of range; dimension " +
                    std::to_string(dimension) + " of " + described(builder_, x_) + " has extent " +
                    std::to_string(extent) + ".");
  }

  Expr sliced() const {
    if (!moves_) return x_;
    Attributes attributes;
    attributes.set(AttributeKey::start, start_);
    attributes.set(AttributeKey::stop, stop_);
    attributes.set(AttributeKey::step, step_);
    return builder_.structural(OpCode::slice, {&x_, 1}, std::move(attributes));
  }

  Expr reshaped(const Expr& x) const {
    const Dimensions old = builder_.type(x).dimensions;
    Dimensions dimensions;
    int dimension = 0;
    for (const Place place : keep_) {
      if (place != Place::removed && dimensions.rank() == max_rank) {
        throw UserError("index: the result has more than " + std::to_string(max_rank) +
                        " dimensions; at most " + std::to_string(max_rank) + " are supported.");
      }
      if (place == Place::added) dimensions.push_back(ir::one);
      if (place == Place::kept) dimensions.push_back(old[dimension]);
      if (place != Place::added) ++dimension;
    }
    if (dimensions == old) return x;
    return with_dimensions(builder_, OpCode::reshape, x, dimensions);
  }

  enum class Place : uint8_t { kept, removed, added };

  ir::Builder& builder_;
  const Expr& x_;
  const std::vector<Index>& indices_;
  std::vector<int64_t> start_, stop_, step_;
  std::vector<Place> keep_;
  bool moves_ = false;
};

Expr capture_reduction(OpCode op, const StructuralCapture& request) {
  const Expr& x = request.inputs[0];
  Attributes attributes;
  attributes.set(AttributeKey::axes,
                 normalised_axes(to_string(op), request.words, request.builder, x));
  attributes.set(AttributeKey::keepdims, request.words[2]);
  return request.builder.structural(op, request.inputs, std::move(attributes));
}

/// Before the first element of x along `axis`: what the reduction of no elements gives.
Expr with_initial(ir::Builder& builder, OpCode op, const Expr& running, int64_t axis) {
  const double initial = ir::reduction_info(ir::reduction_behind(op)).empty.value();
  Dimensions dimensions = builder.type(running).dimensions;
  dimensions[static_cast<int>(axis)] = ir::one;
  Attributes dtype;
  dtype.set(AttributeKey::dtype, static_cast<int64_t>(builder.type(running).dtype));
  const Expr number = builder.constant(initial);
  const Expr cast = builder.structural(OpCode::cast, {&number, 1}, std::move(dtype));
  const Expr parts[] = {with_dimensions(builder, OpCode::broadcast_to, cast, dimensions), running};
  Attributes along;
  along.set(AttributeKey::axis, axis);
  return builder.structural(OpCode::concat, parts, std::move(along));
}

Expr capture_cumulative(OpCode op, const StructuralCapture& request) {
  const Expr& x = request.inputs[0];
  const int rank = request.builder.type(x).rank();
  const std::vector<int64_t> axes =
      normalised_axes(to_string(op), request.words, request.builder, x);
  if (axes.size() != 1 && rank > 0) {
    throw UserError(std::string(to_string(op)) + ": x is " + described(request.builder, x) + ", " +
                    std::to_string(axes.size()) +
                    " axes are named; elements run along one. Name it.");
  }
  Attributes attributes;
  attributes.set(AttributeKey::axis, rank > 0 ? axes[0] : 0);
  const Expr running = request.builder.structural(op, request.inputs, std::move(attributes));
  const bool include_initial = request.words[2] != 0;
  return include_initial ? with_initial(request.builder, op, running, axes[0]) : running;
}

Expr capture_composite(ir::ArrayComposite function, const StructuralCapture& request) {
  // Operands broadcast against each other: axes are those of the one with the most.
  const auto ranks_below = [&](const Expr& a, const Expr& b) {
    return request.builder.type(a).rank() < request.builder.type(b).rank();
  };
  const Expr& widest = *std::max_element(request.inputs.begin(), request.inputs.end(), ranks_below);
  const ir::ArrayOptions options{
      .axes = normalised_axes(to_string(function), request.words, request.builder, widest),
      .keepdims = request.words[2] != 0,
      .number = std::bit_cast<double>(request.words[3])};
  return request.builder.composite(function, request.inputs, options);
}

Expr capture_tiled_matmul(const StructuralCapture& request) {
  Attributes attributes;
  attributes.set(AttributeKey::tile_size, request.words[0]);
  attributes.set(AttributeKey::provider, static_cast<int64_t>(ir::Provider::generated));
  return request.builder.structural(OpCode::matmul, request.inputs, std::move(attributes));
}

Expr along_axis(OpCode op, std::string_view function, const StructuralCapture& request,
                std::span<const Expr> inputs) {
  const int rank = request.builder.type(inputs[0]).rank();
  Attributes attributes;
  attributes.set(AttributeKey::axis,
                 normalised(function, request.words[0], rank, request.builder, inputs[0]));
  return request.builder.structural(op, inputs, std::move(attributes));
}

Expr capture_concat(const StructuralCapture& request) {
  if (request.inputs.empty())
    throw UserError("concat: there are no operands; at least one is needed.");
  return along_axis(OpCode::concat, "concat", request, request.inputs);
}

Expr capture_stack(const StructuralCapture& request) {
  if (request.inputs.empty())
    throw UserError("stack: there are no operands; at least one is needed.");
  const Shape first = request.builder.shape(request.inputs[0]);
  std::vector<Expr> parts;
  for (const Expr& x : request.inputs) {
    if (!(request.builder.shape(x) == first)) {
      throw UserError("stack: the first operand is " +
                      described(request.builder, request.inputs[0]) + ", another is " +
                      described(request.builder, x) + "; shapes must be equal.");
    }
    parts.push_back(expanded(request.builder, "stack", x, request.words[0]));
  }
  return along_axis(OpCode::concat, "stack", request, parts);
}

}  // namespace

Expr capture_structural(StructuralFunction function, const StructuralCapture& request) {
  ir::Builder& builder = request.builder;
  switch (function) {
    case StructuralFunction::astype:
      return capture_astype(request);
    case StructuralFunction::broadcast_to:
      return capture_shaped(OpCode::broadcast_to, request);
    case StructuralFunction::concat:
      return capture_concat(request);
    case StructuralFunction::expand_dims:
      return expanded(builder, "expand_dims", request.inputs[0], request.words[0]);
    case StructuralFunction::index:
      return IndexCapture(builder, request.inputs[0], indices_of(request.words)).run();
    case StructuralFunction::matmul:
      return builder.structural(OpCode::matmul, request.inputs, {});
    case StructuralFunction::matrix_transpose:
      return capture_matrix_transpose(request);
    case StructuralFunction::permute_dims:
      return capture_permute_dims(request);
    case StructuralFunction::reshape:
      return capture_shaped(OpCode::reshape, request);
    case StructuralFunction::squeeze:
      return capture_squeeze(request);
    case StructuralFunction::stack:
      return capture_stack(request);
    case StructuralFunction::take:
      return along_axis(OpCode::take, "take", request, request.inputs);
    case StructuralFunction::tiled_matmul:
      return capture_tiled_matmul(request);
#define ONEPASS_REDUCTION(name, ...) \
  case StructuralFunction::name:     \
    return capture_reduction(OpCode::name, request);
#include "onepass/ir/reductions.def"
#define ONEPASS_CUMULATIVE(name, ...) \
  case StructuralFunction::name:      \
    return capture_cumulative(OpCode::name, request);
#include "onepass/ir/cumulative.def"
#define ONEPASS_ARRAY_COMPOSITE(name, ...) \
  case StructuralFunction::name:           \
    return capture_composite(ir::ArrayComposite::name, request);
#include "onepass/ir/array_composites.def"
  }
  __builtin_unreachable();
}

}  // namespace onepass
