// SPDX-License-Identifier: Apache-2.0
// Creation: memory first, then one pass that fills it.
#include "onepass/engine/creation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "onepass/engine/conversion.h"
#include "onepass/engine/storage.h"
#include "onepass/runtime/mxcsr.h"

namespace onepass {
namespace {

/// As Tensor::uninitialized, for a function whose name errors must carry.
Tensor allocate(const char* op, const Shape& shape, DType dtype) {
  dense_bytes(op, shape, dtype);
  return Tensor::uninitialized(shape, dtype);
}

void fill(const Tensor& tensor, uint64_t bits) {
  std::byte* const data = tensor.view().data;
  const int64_t count = tensor.size();
  switch (byte_size(tensor.dtype())) {
    case 1:
      std::fill_n(reinterpret_cast<uint8_t*>(data), count, static_cast<uint8_t>(bits));
      return;
    case 2:
      std::fill_n(reinterpret_cast<uint16_t*>(data), count, static_cast<uint16_t>(bits));
      return;
    case 4:
      std::fill_n(reinterpret_cast<uint32_t*>(data), count, static_cast<uint32_t>(bits));
      return;
    default:
      std::fill_n(reinterpret_cast<uint64_t*>(data), count, bits);
  }
}

Tensor filled(const char* op, const Shape& shape, const Scalar& value, DType dtype) {
  const uint64_t bits = element_bits(op, value, dtype);
  Tensor result = allocate(op, shape, dtype);
  fill(result, bits);
  return result;
}

/// Element i of a dense tensor becomes element(i), converted from T as op cast does.
template <Element T, class Function>
void fill_by_index(const Tensor& tensor, Function element) {
  constexpr int64_t block = 1024;
  T values[block];
  std::byte* to = tensor.view().data;
  const int64_t count = tensor.size();
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t length = std::min(block, count - begin);
    for (int64_t i = 0; i < length; ++i) values[i] = element(begin + i);
    convert_elements(runtime::dense_view(values, dtype_of<T>, {length}), to, tensor.dtype());
    to += length * byte_size(tensor.dtype());
  }
}

__int128 exact_integer(const Scalar& scalar) {
  return scalar.is_negative_integer() ? __int128{static_cast<int64_t>(scalar.integer())}
                                      : __int128{scalar.integer()};
}

Scalar exact_scalar(__int128 value) {
  return value < 0 ? Scalar(static_cast<int64_t>(value)) : Scalar(static_cast<uint64_t>(value));
}

[[noreturn]] void throw_range(const Scalar& start, const Scalar& stop, const Scalar& step,
                              const char* rule) {
  throw UserError(fmt::format("arange: start is {}, stop is {}, step is {}; {}.", to_string(start),
                              to_string(stop), to_string(step), rule));
}

int64_t integer_length(const Scalar& start, const Scalar& stop, const Scalar& step) {
  const __int128 by = exact_integer(step);
  const __int128 distance = exact_integer(stop) - exact_integer(start);
  if (distance == 0 || (distance < 0) != (by < 0)) return 0;
  const __int128 length = (distance + by + (by > 0 ? -1 : 1)) / by;
  if (length > INT64_MAX) {
    throw_range(start, stop, step, "the number of elements must fit 63 bits");
  }
  return static_cast<int64_t>(length);
}

int64_t floating_length(const Scalar& start, const Scalar& stop, const Scalar& step) {
  const double length = std::ceil((stop.number() - start.number()) / step.number());
  if (!std::isfinite(start.number()) || !std::isfinite(stop.number()) ||
      !std::isfinite(step.number())) {
    throw_range(start, stop, step, "all three must be finite");
  }
  constexpr double beyond = 0x1p63;
  if (!(length < beyond)) {
    throw_range(start, stop, step, "the number of elements must fit 63 bits");
  }
  return std::max<int64_t>(0, static_cast<int64_t>(length));
}

/// Both ends of an integer range must be elements of `dtype`.
void check_ends(const Scalar& start, const Scalar& step, int64_t length, DType dtype) {
  if (length == 0) return;
  const __int128 last = exact_integer(start) + exact_integer(step) * (length - 1);
  element_bits("arange", start, dtype);
  element_bits("arange", exact_scalar(last), dtype);
}

/// A dense copy of x in which only the columns [first(row), last(row)) of each row are not zero.
template <class First, class Last>
Tensor copied_band(const char* op, const Tensor& x, First first, Last last) {
  const int rank = x.rank();
  if (rank < 2) {
    throw UserError(fmt::format("{}: x is {}; it needs at least 2 dimensions.", op, type_text(x)));
  }
  Tensor result = Tensor::copy_of(x);
  const int64_t rows = x.shape()[rank - 2];
  const int64_t columns = x.shape()[rank - 1];
  const int64_t bytes = byte_size(x.dtype());
  const int64_t all_rows = columns == 0 ? 0 : x.size() / columns;
  for (int64_t i = 0; i < all_rows; ++i) {
    std::byte* const line = result.view().data + i * columns * bytes;
    const int64_t begin = std::clamp<int64_t>(first(i % rows), 0, columns);
    const int64_t end = std::clamp<int64_t>(last(i % rows), 0, columns);
    std::memset(line, 0, static_cast<size_t>(begin * bytes));
    std::memset(line + end * bytes, 0, static_cast<size_t>((columns - end) * bytes));
  }
  return result;
}

}  // namespace

Tensor zeros(const Shape& shape, DType dtype) { return filled("zeros", shape, 0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return filled("ones", shape, 1, dtype); }
Tensor empty(const Shape& shape, DType dtype) { return allocate("empty", shape, dtype); }
Tensor full(const Shape& shape, Scalar value, std::optional<DType> dtype) {
  return filled("full", shape, value, dtype.value_or(value.default_dtype()));
}

Tensor zeros_like(const Tensor& x, std::optional<DType> dtype) {
  return filled("zeros_like", x.shape(), 0, dtype.value_or(x.dtype()));
}
Tensor ones_like(const Tensor& x, std::optional<DType> dtype) {
  return filled("ones_like", x.shape(), 1, dtype.value_or(x.dtype()));
}
Tensor empty_like(const Tensor& x, std::optional<DType> dtype) {
  return allocate("empty_like", x.shape(), dtype.value_or(x.dtype()));
}
Tensor full_like(const Tensor& x, Scalar value, std::optional<DType> dtype) {
  return filled("full_like", x.shape(), value, dtype.value_or(x.dtype()));
}

Tensor arange(Scalar start, Scalar stop, Scalar step, std::optional<DType> dtype) {
  const bool floating = start.is_floating() || stop.is_floating() || step.is_floating();
  const DType type = dtype.value_or(floating ? f32 : i64);
  if (type == boolean) throw UserError("arange: dtype is boolean; it must be a number type.");
  if (floating && is_integer(type)) {
    throw_range(start, stop, step, "for an integer dtype all three must be integers");
  }
  if (step.number() == 0) throw_range(start, stop, step, "the step must not be 0");
  const runtime::FloatingPointDefaults defaults;
  const int64_t length =
      floating ? floating_length(start, stop, step) : integer_length(start, stop, step);
  if (is_integer(type)) check_ends(start, step, length, type);
  Tensor result = allocate("arange", {length}, type);
  if (is_integer(type)) {
    fill_by_index<uint64_t>(result, [&](int64_t i) {
      return start.integer() + step.integer() * static_cast<uint64_t>(i);
    });
  } else {
    fill_by_index<double>(
        result, [&](int64_t i) { return start.number() + static_cast<double>(i) * step.number(); });
  }
  return result;
}

Tensor arange(Scalar stop) { return arange(0, stop); }

Tensor linspace(double start, double stop, int64_t count, LinspaceOptions options) {
  if (count < 0) {
    throw UserError(fmt::format("linspace: count is {}; the count must not be negative.", count));
  }
  if (!is_floating(options.dtype)) {
    throw UserError(fmt::format(
        "linspace: dtype is {}; it must be floating. Convert with astype(.., {}) afterwards.",
        to_string(options.dtype), to_string(options.dtype)));
  }
  const runtime::FloatingPointDefaults defaults;
  Tensor result = allocate("linspace", {count}, options.dtype);
  const int64_t intervals = options.endpoint ? count - 1 : count;
  const double step = intervals > 0 ? (stop - start) / static_cast<double>(intervals) : 0;
  fill_by_index<double>(result, [&](int64_t i) {
    // The last one is stop itself, whatever the rounding of step.
    if (i > 0 && i == intervals) return stop;
    return i == 0 ? start : start + static_cast<double>(i) * step;
  });
  return result;
}

Tensor eye(int64_t rows, EyeOptions options) {
  const int64_t columns = options.columns == -1 ? rows : options.columns;
  Tensor result = filled("eye", {rows, columns}, 0, options.dtype);
  const uint64_t one = element_bits("eye", 1, options.dtype);
  const int64_t bytes = byte_size(options.dtype);
  const int64_t k = std::clamp(options.k, -rows, columns);
  for (int64_t row = std::max<int64_t>(0, -k); row < rows && row + k < columns; ++row) {
    std::memcpy(result.view().data + (row * columns + row + k) * bytes, &one,
                static_cast<size_t>(bytes));
  }
  return result;
}

Tensor tril(const Tensor& x, int64_t k) {
  const int64_t reach = int64_t{1} << 61;  // beyond any diagonal that memory could hold
  const int64_t diagonal = std::clamp(k, -reach, reach);
  return copied_band(
      "tril", x, [](int64_t) { return int64_t{0}; },
      [=](int64_t row) { return row + diagonal + 1; });
}

Tensor triu(const Tensor& x, int64_t k) {
  const int64_t reach = int64_t{1} << 61;
  const int64_t diagonal = std::clamp(k, -reach, reach);
  return copied_band(
      "triu", x, [=](int64_t row) { return row + diagonal; }, [](int64_t) { return INT64_MAX; });
}

}  // namespace onepass
