// SPDX-License-Identifier: Apache-2.0
// Making and freeing storages and tensor headers, both from object pools.
#include "onepass/engine/storage.h"

#include <fmt/format.h>

#include <memory>

#include "onepass/engine/object_pool.h"

namespace onepass {
namespace {

struct Release {
  void operator()(Storage* storage) const noexcept { storage->release(); }
};

/// True if one element stands for several: an extent above 1 with stride 0.
bool repeats_elements(const runtime::Layout& layout) {
  for (int d = 0; d < layout.rank(); ++d) {
    if (layout.is_broadcast(d)) return true;
  }
  return false;
}

}  // namespace

Storage* Storage::make(runtime::Buffer buffer) {
  return ObjectPool<Storage>::make(std::move(buffer));
}

Storage* Storage::make(std::shared_ptr<void> owner) {
  return ObjectPool<Storage>::make(std::move(owner));
}

Storage* Storage::make(std::shared_ptr<ConstantMemory> constant) {
  return ObjectPool<Storage>::make(std::move(constant));
}

void Storage::destroy(Storage* storage) noexcept { ObjectPool<Storage>::destroy(storage); }

namespace {

/// Numbers from 1, each thread from blocks of its own.
uint64_t next_serial() {
  constexpr uint64_t block = 1 << 20;
  static constinit std::atomic<uint64_t> blocks = 1;
  static constinit thread_local uint64_t next = 0, end = 0;
  if (next == end) {
    next = blocks.fetch_add(block, std::memory_order_relaxed);
    end = next + block;
  }
  return next++;
}

}  // namespace

Tensor make_tensor(const runtime::ArrayView& view, Storage* storage, bool read_only) {
  std::unique_ptr<Storage, Release> owned(storage);
  TensorHeader* const header = ObjectPool<TensorHeader>::make();
  header->layout = runtime::Layout(view.dtype, view.shape, view.strides);
  header->view = view;
  header->bytes = runtime::touched_bytes(view);
  header->constant = owned != nullptr && owned->constant() != nullptr;
  header->storage = owned.release();
  header->serial = next_serial();
  header->read_only = read_only || repeats_elements(header->layout);
  return Tensor(header);
}

void Tensor::destroy(const TensorHeader* header) noexcept {
  if (header->storage != nullptr) header->storage->release();
  ObjectPool<TensorHeader>::destroy(const_cast<TensorHeader*>(header));
}

int64_t dense_bytes(const char* op, const Shape& shape, DType dtype) {
  int64_t bytes = 0;
  if (__builtin_mul_overflow(element_count(shape), byte_size(dtype), &bytes)) {
    throw UserError(
        fmt::format("{}: {} has more than 2^63 - 1 bytes; the size in bytes must fit 63 bits.", op,
                    type_text(dtype, shape)));
  }
  return bytes;
}

std::string type_text(DType dtype, const Shape& shape) {
  return fmt::format("{}{}", to_string(dtype), to_string(shape));
}

std::string type_text(const Tensor& tensor) { return type_text(tensor.dtype(), tensor.shape()); }

}  // namespace onepass
