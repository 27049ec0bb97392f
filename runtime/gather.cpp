// SPDX-License-Identifier: Apache-2.0
// The take of arrays: index checks, and one copy per index.
#include "onepass/runtime/gather.h"

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <type_traits>

#include "onepass/runtime/error.h"
#include "onepass/runtime/schedule.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {
namespace {

/// Cost model of a copy whose places are not known in advance.
constexpr double nanoseconds_per_element = 1.0;

template <class T>
T index_at(const ArrayView& indices, int64_t i) {
  T value;
  std::memcpy(&value, indices.data + i * indices.strides[0] * int64_t{sizeof(T)}, sizeof(T));
  return value;
}

/// Calls `visit` with an integer of the indices' type.
template <class Visitor>
void visit_index_type(const ArrayView& indices, Visitor&& visit) {
  internal_check(is_integer(indices.dtype) && indices.rank() == 1,
                 "gather: indices must be a vector of integers");
  visit_dtype(indices.dtype, [&]<class T>(T example) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) visit(example);
  });
}

struct Gathering {
  const ArrayView& source;
  const ArrayView& indices;
  const ArrayView& result;
  int axis;
  Cut cut;
};

void copy_slice(const Gathering& g, int64_t from, int64_t to) {
  const ArrayView source = sliced(g.source, g.axis, from, 1, 1);
  const ArrayView target = sliced(g.result, g.axis, to, 1, 1);
  copy_elements(source, target);
}

/// A vector of elements, where setting up a copy for each would cost more than the copy.
void copy_element(const Gathering& g, int64_t from, int64_t to) {
  const int64_t bytes = byte_size(g.source.dtype);
  std::memcpy(g.result.data + to * g.result.strides[g.axis] * bytes,
              g.source.data + from * g.source.strides[g.axis] * bytes, static_cast<size_t>(bytes));
}

template <class T>
void gather_range(void* context, int64_t task) {
  const auto& g = *static_cast<const Gathering*>(context);
  const int64_t extent = g.source.shape[g.axis];
  const auto copy = g.source.rank() == 1 ? copy_element : copy_slice;
  for (int64_t i = g.cut.begin(task); i < g.cut.begin(task + 1); ++i) {
    const auto index = static_cast<int64_t>(index_at<T>(g.indices, i));
    copy(g, index < 0 ? index + extent : index, i);
  }
}

}  // namespace

void check_indices(const ArrayView& source, const ArrayView& indices, int axis) {
  const int64_t extent = source.shape[axis];
  visit_index_type(indices, [&]<class T>(T) {
    for (int64_t i = 0; i < indices.shape[0]; ++i) {
      const T index = index_at<T>(indices, i);
      const bool inside =
          std::is_signed_v<T>
              ? static_cast<int64_t>(index) >= -extent && static_cast<int64_t>(index) < extent
              : static_cast<uint64_t>(index) < static_cast<uint64_t>(extent);
      if (inside) continue;
      const std::string range = extent == 0
                                    ? "an empty axis has none to take"
                                    : fmt::format("indices must lie in [-{0}, {0})", extent);
      throw UserError(fmt::format(
          "take: index {} at position {}, but axis {} of {}{} has {} elements; {}.", index, i, axis,
          to_string(source.dtype), to_string(source.shape), extent, range));
    }
  });
}

void gather(const ArrayView& source, const ArrayView& indices, const ArrayView& result, int axis) {
  const int64_t elements = element_count(result.shape);
  if (elements == 0) return;
  const double cost = static_cast<double>(elements) * nanoseconds_per_element;
  Gathering gathering{source, indices, result, axis, cut_loop(result.shape[axis], 1, cost)};
  visit_index_type(indices, [&]<class T>(T) {
    parallel_tasks(gathering.cut.tasks, gather_range<T>, &gathering, cost);
  });
}

}  // namespace onepass::runtime
