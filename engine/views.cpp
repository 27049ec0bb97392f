// SPDX-License-Identifier: Apache-2.0
// Views of tensors: each changes shape and strides only.
#include "onepass/engine/views.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "onepass/engine/storage.h"

namespace onepass {
namespace {

/// `axis` in [0, rank) after counting from the end. UserError if it is not an axis of x.
int checked_axis(const char* op, const Tensor& x, int axis, int rank) {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  const std::string allowed =
      rank > 0 ? fmt::format(" Use an axis from {} to {}.", -rank, rank - 1) : "";
  throw UserError(
      fmt::format("{}: axis {} is out of range; x is {}.{}", op, axis, type_text(x), allowed));
}

/// The dimensions that `axes` names, one bit each.
unsigned checked_axes(const char* op, const Tensor& x, const Axes& axes) {
  if (axes.every()) return (1u << x.rank()) - 1;
  if (axes.count() > max_rank) {
    throw UserError(
        fmt::format("{}: {} axes; at most {} are supported.", op, axes.count(), max_rank));
  }
  unsigned mask = 0;
  for (int i = 0; i < axes.count(); ++i) {
    const int axis = checked_axis(op, x, axes[i], x.rank());
    if (mask >> axis & 1) {
      throw UserError(fmt::format("{}: axis {} is named twice; axes must differ.", op, axis));
    }
    mask |= 1u << axis;
  }
  return mask;
}

[[noreturn]] void refuse_reshape(const Tensor& x, const Shape& shape, const std::string& rule) {
  throw UserError(
      fmt::format("reshape: x is {}, the shape is {}; {}", type_text(x), to_string(shape), rule));
}

/// `shape` with its -1, if it has one, replaced by what the number of elements leaves for it.
Shape completed_shape(const Tensor& x, const Shape& shape) {
  Shape result = shape;
  int open = -1;
  for (int d = 0; d < shape.rank(); ++d) {
    if (shape[d] < -1) refuse_reshape(x, shape, "extents must not be negative.");
    if (shape[d] != -1) continue;
    if (open >= 0) refuse_reshape(x, shape, "only one extent may be -1.");
    open = d;
    result[d] = 1;
  }
  const int64_t given = element_count(result);
  const int64_t count = x.size();
  if (open < 0) {
    if (given != count) {
      refuse_reshape(
          x, shape,
          fmt::format("counts of elements must be equal, but {} is not {}.", count, given));
    }
    return result;
  }
  if (given == 0 || count % given != 0) {
    refuse_reshape(x, shape,
                   fmt::format("the extent -1 must follow from the others, but {} elements do not "
                               "divide by {}.",
                               count, given));
  }
  result[open] = count / given;
  return result;
}

void check_broadcast(const Tensor& x, const Shape& shape) {
  const auto refuse = [&](const std::string& rule) {
    throw UserError(fmt::format("broadcast_to: x is {}, the shape is {}; {}", type_text(x),
                                to_string(shape), rule));
  };
  if (x.rank() > shape.rank()) {
    refuse("the shape must have at least as many dimensions as x.");
  }
  for (int back = 1; back <= x.rank(); ++back) {
    const int64_t extent = x.shape()[x.rank() - back];
    const int64_t target = shape[shape.rank() - back];
    if (extent != 1 && extent != target) {
      refuse(
          fmt::format("extents must be equal or 1 in x, but x.shape[-{}] = {} and shape[-{}] = {}.",
                      back, extent, back, target));
    }
  }
  element_count(shape);  // refuses negative extents and too many elements
}

/// Dimensions of a view that can be walked as one, innermost run first.
struct Runs {
  int64_t counts[max_rank];
  int64_t steps[max_rank];
  int size = 0;

  explicit Runs(const runtime::ArrayView& view) {
    for (int d = view.rank() - 1; d >= 0; --d) {
      const int64_t extent = view.shape[d];
      if (extent == 1) continue;
      if (size > 0 && view.strides[d] == counts[size - 1] * steps[size - 1]) {
        counts[size - 1] *= extent;
      } else {
        counts[size] = extent;
        steps[size++] = view.strides[d];
      }
    }
  }
};

/// Strides under which the elements of `view` appear in the same order with `shape`, if there are
/// any: no dimension of the target may cross from one run into the next.
std::optional<Strides> reshaped_strides(const runtime::ArrayView& view, const Shape& shape) {
  Strides strides = row_major_strides(shape);
  if (is_dense(view)) return strides;
  const Runs runs(view);
  int run = 0;
  int64_t taken = 1;  // elements of the run that inner dimensions walk
  for (int d = shape.rank() - 1; d >= 0; --d) {
    if (shape[d] == 1) continue;
    if (taken == runs.counts[run]) {
      ++run;
      taken = 1;
    }
    if (runs.counts[run] / taken % shape[d] != 0) return std::nullopt;
    strides[d] = runs.steps[run] * taken;
    taken *= shape[d];
  }
  return strides;
}

}  // namespace

Tensor permute_dims(const Tensor& x, std::span<const int> axes) {
  const auto refuse = [&] {
    throw UserError(
        fmt::format("permute_dims: x is {}, axes are [{}]; they must name each dimension once.",
                    type_text(x), fmt::join(axes, ", ")));
  };
  const int rank = x.rank();
  if (axes.size() != static_cast<size_t>(rank)) refuse();
  int64_t permutation[max_rank];
  unsigned seen = 0;
  for (int i = 0; i < rank; ++i) {
    const int axis = axes[static_cast<size_t>(i)];
    if (axis < -rank || axis >= rank) refuse();
    const int dimension = axis < 0 ? axis + rank : axis;
    permutation[i] = dimension;
    seen |= 1u << dimension;
  }
  if (seen != (1u << rank) - 1) refuse();
  return x.with_view(runtime::permuted(x.view(), {permutation, axes.size()}));
}

Tensor permute_dims(const Tensor& x, std::initializer_list<int> axes) {
  return permute_dims(x, std::span<const int>(axes.begin(), axes.size()));
}

Tensor matrix_transpose(const Tensor& x) {
  const int rank = x.rank();
  if (rank < 2) {
    throw UserError(
        fmt::format("matrix_transpose: x is {}; it needs at least 2 dimensions.", type_text(x)));
  }
  runtime::ArrayView view = x.view();
  std::swap(view.shape[rank - 2], view.shape[rank - 1]);
  std::swap(view.strides[rank - 2], view.strides[rank - 1]);
  return x.with_view(view);
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  const Shape completed = completed_shape(x, shape);
  if (const auto strides = reshaped_strides(x.view(), completed)) {
    return x.with_view({x.view().data, x.dtype(), completed, *strides});
  }
  const Tensor copy = Tensor::copy_of(x);
  return copy.with_view(runtime::dense_view(copy.view().data, x.dtype(), completed));
}

Tensor expand_dims(const Tensor& x, int axis) {
  if (x.rank() == max_rank) {
    throw UserError(fmt::format("expand_dims: x is {}; at most {} dimensions are supported.",
                                type_text(x), max_rank));
  }
  const int place = checked_axis("expand_dims", x, axis, x.rank() + 1);
  runtime::ArrayView view{x.view().data, x.dtype(), {}, {}};
  for (int d = 0; d <= x.rank(); ++d) {
    if (d == place) {
      view.shape.push_back(1);
      view.strides.push_back(0);
    }
    if (d == x.rank()) break;
    view.shape.push_back(x.shape()[d]);
    view.strides.push_back(x.strides()[d]);
  }
  return x.with_view(view);
}

Tensor squeeze(const Tensor& x, Axes axes) {
  const unsigned named = checked_axes("squeeze", x, axes);
  runtime::ArrayView view{x.view().data, x.dtype(), {}, {}};
  for (int d = 0; d < x.rank(); ++d) {
    const int64_t extent = x.shape()[d];
    if (named >> d & 1) {
      if (extent == 1) continue;
      if (!axes.every()) {
        throw UserError(fmt::format(
            "squeeze: x is {}; dimension {} must have extent 1 to be removed.", type_text(x), d));
      }
    }
    view.shape.push_back(extent);
    view.strides.push_back(x.strides()[d]);
  }
  return x.with_view(view);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  check_broadcast(x, shape);
  return x.with_view(runtime::broadcasted(x.view(), shape));
}

Tensor flip(const Tensor& x, Axes axes) {
  const unsigned named = checked_axes("flip", x, axes);
  runtime::ArrayView view = x.view();
  if (x.size() == 0) return x;
  for (int d = 0; d < x.rank(); ++d) {
    if (named >> d & 1) view = runtime::sliced(view, d, view.shape[d] - 1, view.shape[d], -1);
  }
  return x.with_view(view);
}

}  // namespace onepass
