// SPDX-License-Identifier: Apache-2.0
// Making tensors from values and from the caller's memory, and reading them back.
#include "onepass/engine/tensor.h"

#include <fmt/format.h>

#include <cstring>

#include "onepass/engine/conversion.h"
#include "onepass/engine/storage.h"

namespace onepass {
namespace {

/// UserError unless every element lies within reach of a 64-bit address.
void check_reach(const runtime::ArrayView& view) {
  int64_t sum = byte_size(view.dtype);
  bool overflow = false;
  for (int d = 0; d < view.rank(); ++d) {
    int64_t reach = 0;
    // The most negative stride has no absolute value; negative distances do not overflow.
    const int64_t stride = view.strides[d] < 0 ? view.strides[d] : -view.strides[d];
    overflow |= __builtin_mul_overflow(stride, view.shape[d] - 1, &reach);
    overflow |= __builtin_mul_overflow(reach, byte_size(view.dtype), &reach);
    overflow |= __builtin_sub_overflow(sum, reach, &sum);
  }
  if (overflow) {
    throw UserError(fmt::format(
        "wrap: strides are {} for {}; every element must lie within 2^63 - 1 bytes of data.",
        to_string(view.strides), type_text(view.dtype, view.shape)));
  }
}

}  // namespace

void Tensor::throw_empty() {
  throw UserError("Tensor: the handle is empty; assign a tensor to it first.");
}

void Tensor::throw_ragged(size_t expected, size_t found) {
  throw UserError(
      fmt::format("Tensor: the nested lists have {} and {} entries; lists of one level must be "
                  "equally long.",
                  expected, found));
}

Tensor Tensor::uninitialized(const Shape& shape, DType dtype) {
  runtime::Buffer buffer(dense_bytes("empty", shape, dtype));
  std::byte* const data = buffer.data();
  return make_tensor(runtime::dense_view(data, dtype, shape), Storage::make(std::move(buffer)),
                     false);
}

Tensor Tensor::copy_of(const Tensor& other) {
  Tensor result = uninitialized(other.shape(), other.dtype());
  copy_elements(other.view(), result.view());
  return result;
}

Tensor Tensor::copy_bytes(const void* data, size_t count, DType dtype, const Shape& shape) {
  const int64_t expected = element_count(shape);
  if (static_cast<uint64_t>(expected) != count) {
    throw UserError(
        fmt::format("copy_of: {} values for {}, which has {} elements; the numbers must be equal.",
                    count, type_text(dtype, shape), expected));
  }
  Tensor result = uninitialized(shape, dtype);
  if (count != 0) {
    std::memcpy(result.view().data, data, count * static_cast<size_t>(byte_size(dtype)));
  }
  return result;
}

Tensor Tensor::wrap_bytes(void* data, DType dtype, const Shape& shape, const Strides& strides,
                          bool read_only) {
  const int64_t count = element_count(shape);
  if (strides.rank() != shape.rank()) {
    throw UserError(
        fmt::format("wrap: shape is {}, strides are {}; there must be one stride for each extent.",
                    to_string(shape), to_string(strides)));
  }
  const runtime::ArrayView view{static_cast<std::byte*>(data), dtype, shape, strides};
  if (count != 0) {
    if (data == nullptr) {
      throw UserError(
          fmt::format("wrap: data is null for {}; it must point to the first of {} elements.",
                      type_text(dtype, shape), count));
    }
    if (reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(byte_size(dtype)) != 0) {
      throw UserError(
          fmt::format("wrap: data is not aligned for {}; its address must be a multiple of {}. "
                      "Use copy_of on an aligned copy.",
                      type_text(dtype, shape), byte_size(dtype)));
    }
    check_reach(view);
  }
  return make_tensor(view, nullptr, read_only);
}

Tensor Tensor::with_view(const runtime::ArrayView& view) const {
  const TensorHeader& from = header();
  if (from.storage != nullptr) from.storage->retain();
  return make_tensor(view, from.storage, from.read_only);
}

void* Tensor::data_as(DType dtype) const {
  if (dtype != this->dtype()) {
    throw UserError(
        fmt::format("data: tensor is {}, asked for {}; the types must be equal. Convert with "
                    "astype(x, {}) or to_vector.",
                    type_text(*this), to_string(dtype), to_string(dtype)));
  }
  return view().data;
}

void Tensor::copy_converted(void* target, DType dtype, bool single) const {
  if (single && size() != 1) {
    throw UserError(fmt::format("item: tensor is {}, {} elements; it must have exactly one.",
                                type_text(*this), size()));
  }
  convert_elements(view(), target, dtype);
}

}  // namespace onepass
