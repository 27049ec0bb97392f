// SPDX-License-Identifier: Apache-2.0
// x[{..}]: a view from a list of slices, positions, whole dimensions and new axes.
#include "onepass/engine/index.h"

#include <fmt/format.h>

#include "onepass/engine/storage.h"
#include "onepass/engine/tensor.h"

namespace onepass {
namespace {

void check(const Tensor& x, std::initializer_list<Index> indices) {
  int used = 0;
  int rank = x.rank();
  for (const Index& index : indices) {
    used += index.kind != Index::Kind::newaxis;
    rank += index.kind == Index::Kind::newaxis;
    rank -= index.kind == Index::Kind::position;
    if (index.kind == Index::Kind::slice && index.step == 0) {
      throw UserError("index: the step of a slice is 0; it must not be 0.");
    }
  }
  if (used > x.rank()) {
    throw UserError(fmt::format("index: x is {}, which has {} dimensions; {} indices are too many.",
                                type_text(x), x.rank(), used));
  }
  if (rank > max_rank) {
    throw UserError(
        fmt::format("index: the result has more than {} dimensions; at most {} are supported.",
                    max_rank, max_rank));
  }
}

int64_t checked_position(const Tensor& x, int dimension, int64_t position) {
  const int64_t extent = x.shape()[dimension];
  if (position < -extent || position >= extent) {
    throw UserError(
        fmt::format("index: position {} is out of range; dimension {} of {} has extent {}.",
                    position, dimension, type_text(x), extent));
  }
  return position < 0 ? position + extent : position;
}

/// Builds the view dimension by dimension of the source.
class ViewBuilder {
 public:
  explicit ViewBuilder(const Tensor& x) : source_(x) {
    view_.data = x.view().data;
    view_.dtype = x.dtype();
  }

  void apply(const Index& index) {
    switch (index.kind) {
      case Index::Kind::newaxis:
        view_.shape.push_back(1);
        view_.strides.push_back(0);
        return;
      case Index::Kind::all:
        return keep(0, source_.shape()[dimension_], 1);
      case Index::Kind::slice: {
        const int64_t extent = source_.shape()[dimension_];
        const int64_t length = runtime::slice_length(extent, index.start, index.stop, index.step);
        return keep(runtime::slice_first(extent, index.start, index.step), length, index.step);
      }
      case Index::Kind::position:
        move(checked_position(source_, dimension_, index.start));
        ++dimension_;
        return;
    }
  }

  runtime::ArrayView finish() {
    while (dimension_ < source_.rank()) apply(all);
    return view_;
  }

 private:
  void keep(int64_t first, int64_t length, int64_t step) {
    // Nothing of an empty or single slice is stepped over, so a huge step cannot overflow.
    view_.strides.push_back(source_.strides()[dimension_] * (length > 1 ? step : 1));
    view_.shape.push_back(length);
    if (length > 0) move(first);
    ++dimension_;
  }
  void move(int64_t elements) {
    // An empty tensor has no element to point at.
    if (source_.size() != 0) {
      view_.data += elements * source_.strides()[dimension_] * byte_size(view_.dtype);
    }
  }

  const Tensor& source_;
  runtime::ArrayView view_;
  int dimension_ = 0;
};

}  // namespace

Tensor Tensor::operator[](std::initializer_list<Index> indices) const {
  check(*this, indices);
  ViewBuilder builder(*this);
  for (const Index& index : indices) builder.apply(index);
  return with_view(builder.finish());
}

}  // namespace onepass
