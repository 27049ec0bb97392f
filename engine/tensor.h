// SPDX-License-Identifier: Apache-2.0
// Tensor: a handle to a typed, strided array. Copying a handle shares the array.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "onepass/engine/index.h"
#include "onepass/runtime/array_view.h"
#include "onepass/runtime/dtype.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/layout.h"
#include "onepass/runtime/shape.h"

namespace onepass {

/// Marks what the functions of the library accept as an operand: tensors, expressions and values.
struct ExpressionTag {};

/// The memory behind tensors: owned, mapped from a file, or the caller's. Shared by all views of
/// it.
class Storage;

/// What a handle points to; never changes once made.
struct TensorHeader {
  mutable std::atomic<int64_t> references{1};
  runtime::Layout layout;
  runtime::ArrayView view;
  runtime::ByteRange bytes;  // that the view can touch
  Storage* storage = nullptr;
  bool read_only = false;
  bool constant = false;  // see constant.h
  uint64_t serial = 0;    // no other tensor of the process has it, ever
};

class Tensor : public ExpressionTag {
 public:
  /// An empty handle; using it is a UserError.
  Tensor() = default;
  Tensor(const Tensor& other) noexcept : header_(other.header_) { retain(); }
  Tensor(Tensor&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  Tensor& operator=(Tensor other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~Tensor() { release(); }

  /// Dense tensors from nested lists: {1.f, 2.f}, {{1.f, 2.f}, {3.f, 4.f}}, ... Ragged lists are a
  /// UserError.
  template <Element T>
  Tensor(std::initializer_list<T> values);
  template <Element T>
  Tensor(std::initializer_list<std::initializer_list<T>> rows);
  template <Element T>
  Tensor(std::initializer_list<std::initializer_list<std::initializer_list<T>>> planes);

  /// A new dense tensor with the given values in row-major order. Without a shape: one dimension.
  template <Element T>
  static Tensor copy_of(std::span<const T> values) {
    return copy_bytes(values.data(), values.size(), dtype_of<T>,
                      Shape{static_cast<int64_t>(values.size())});
  }
  template <Element T>
  static Tensor copy_of(std::span<const T> values, const Shape& shape) {
    return copy_bytes(values.data(), values.size(), dtype_of<T>, shape);
  }
  /// A new dense tensor with the elements of another.
  static Tensor copy_of(const Tensor& other);

  /// A tensor on the caller's memory, which must outlive it. Strides are in elements; none means
  /// dense row-major.
  template <Element T>
  static Tensor wrap(T* data, const Shape& shape) {
    return wrap_bytes(data, dtype_of<T>, shape, row_major_strides(shape), false);
  }
  template <Element T>
  static Tensor wrap(T* data, const Shape& shape, const Strides& strides) {
    return wrap_bytes(data, dtype_of<T>, shape, strides, false);
  }
  /// Read-only: evaluating into it is a UserError.
  template <Element T>
  static Tensor wrap(const T* data, const Shape& shape) {
    return wrap_bytes(const_cast<T*>(data), dtype_of<T>, shape, row_major_strides(shape), true);
  }
  template <Element T>
  static Tensor wrap(const T* data, const Shape& shape, const Strides& strides) {
    return wrap_bytes(const_cast<T*>(data), dtype_of<T>, shape, strides, true);
  }
  /// A dense tensor with undefined elements, from the buffer pool.
  static Tensor uninitialized(const Shape& shape, DType dtype);

  explicit operator bool() const { return header_ != nullptr; }
  const Shape& shape() const { return header().view.shape; }
  const Strides& strides() const { return header().view.strides; }
  DType dtype() const { return header().view.dtype; }
  int rank() const { return header().view.rank(); }
  int64_t size() const { return element_count(shape()); }
  bool is_dense() const { return header().layout.is_dense(); }
  /// True for views of a wrap(const T*) and where one element stands for several, as broadcast_to
  /// makes them.
  bool is_read_only() const { return header().read_only; }

  /// The first element. UserError if T is not the element type. Elements lie apart as strides()
  /// says. What is read-only must not be written through the pointer.
  template <Element T>
  T* data() const {
    return static_cast<T*>(data_as(dtype_of<T>));
  }
  /// The one element of a tensor of size 1, converted to T.
  template <Element T>
  T item() const {
    T value{};
    copy_converted(&value, dtype_of<T>, true);
    return value;
  }
  /// All elements in row-major order, converted to T.
  template <Element T>
  std::vector<T> to_vector() const;

  /// A view: slices, single indices, new axes, all. Missing dimensions stay whole. Shares memory.
  Tensor operator[](std::initializer_list<Index> indices) const;

  const TensorHeader& header() const {
    if (header_ == nullptr) [[unlikely]]
      throw_empty();
    return *header_;
  }
  const runtime::ArrayView& view() const { return header().view; }
  /// Another handle to what `header` describes.
  static Tensor of_header(const TensorHeader& header) {
    header.references.fetch_add(1, std::memory_order_relaxed);
    return Tensor(&header);
  }
  /// True if both are handles to one array.
  bool is_same(const Tensor& other) const { return header_ == other.header_; }
  /// A tensor that shares this one's memory under another view of it.
  Tensor with_view(const runtime::ArrayView& view) const;

 private:
  explicit Tensor(const TensorHeader* header) : header_(header) {}
  void retain() const noexcept {
    if (header_ != nullptr) header_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept {
    if (header_ != nullptr && header_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(header_);
  }
  static void destroy(const TensorHeader* header) noexcept;
  [[noreturn]] static void throw_empty();
  [[noreturn]] static void throw_ragged(size_t expected, size_t found);
  static Tensor copy_bytes(const void* data, size_t count, DType dtype, const Shape& shape);
  static Tensor wrap_bytes(void* data, DType dtype, const Shape& shape, const Strides& strides,
                           bool read_only);
  void* data_as(DType dtype) const;
  void copy_converted(void* target, DType dtype, bool single) const;
  friend Tensor make_tensor(const runtime::ArrayView& view, Storage* storage, bool read_only);

  const TensorHeader* header_ = nullptr;
};

/// Prints shape, dtype and values like NumPy; long tensors are shortened.
std::ostream& operator<<(std::ostream& stream, const Tensor& tensor);
std::string to_string(const Tensor& tensor);

template <Element T>
Tensor::Tensor(std::initializer_list<T> values)
    : Tensor(copy_bytes(values.begin(), values.size(), dtype_of<T>,
                        Shape{static_cast<int64_t>(values.size())})) {}

template <Element T>
Tensor::Tensor(std::initializer_list<std::initializer_list<T>> rows) {
  const size_t columns = rows.size() == 0 ? 0 : rows.begin()->size();
  for (const auto& row : rows) {
    if (row.size() != columns) throw_ragged(columns, row.size());
  }
  *this = uninitialized({static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns)},
                        dtype_of<T>);
  T* to = data<T>();
  for (const auto& row : rows) to = std::copy(row.begin(), row.end(), to);
}

template <Element T>
Tensor::Tensor(std::initializer_list<std::initializer_list<std::initializer_list<T>>> planes) {
  const size_t rows = planes.size() == 0 ? 0 : planes.begin()->size();
  const size_t columns = rows == 0 ? 0 : planes.begin()->begin()->size();
  for (const auto& plane : planes) {
    if (plane.size() != rows) throw_ragged(rows, plane.size());
    for (const auto& row : plane) {
      if (row.size() != columns) throw_ragged(columns, row.size());
    }
  }
  *this = uninitialized({static_cast<int64_t>(planes.size()), static_cast<int64_t>(rows),
                         static_cast<int64_t>(columns)},
                        dtype_of<T>);
  T* to = data<T>();
  for (const auto& plane : planes) {
    for (const auto& row : plane) to = std::copy(row.begin(), row.end(), to);
  }
}

template <Element T>
std::vector<T> Tensor::to_vector() const {
  const auto count = static_cast<size_t>(size());
  if constexpr (std::is_same_v<T, bool>) {  // std::vector<bool> has no array of bool inside
    const auto values = std::make_unique<bool[]>(count);
    copy_converted(values.get(), boolean, false);
    return std::vector<bool>(values.get(), values.get() + count);
  } else {
    std::vector<T> values(count);
    copy_converted(values.data(), dtype_of<T>, false);
    return values;
  }
}

}  // namespace onepass
