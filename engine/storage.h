// SPDX-License-Identifier: Apache-2.0
// The memory behind tensors: shared by all views of it, freed with the last.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "onepass/engine/tensor.h"
#include "onepass/runtime/buffer.h"

namespace onepass {

struct ConstantMemory;

/// Owns a pooled buffer, a constant, or a share in whatever else keeps the bytes alive, such as the
/// mapping of a file. Memory of the caller has no Storage: its tensors hold a null pointer.
class Storage {
 public:
  explicit Storage(runtime::Buffer buffer) noexcept : memory_(std::move(buffer)) {}
  explicit Storage(std::shared_ptr<void> owner) noexcept : memory_(std::move(owner)) {}
  explicit Storage(std::shared_ptr<ConstantMemory> constant) noexcept
      : memory_(std::move(constant)) {}

  /// A new storage with one reference.
  static Storage* make(runtime::Buffer buffer);
  static Storage* make(std::shared_ptr<void> owner);
  static Storage* make(std::shared_ptr<ConstantMemory> constant);

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(this);
  }

  /// Null: not a constant.
  ConstantMemory* constant() const {
    const auto* constant = std::get_if<std::shared_ptr<ConstantMemory>>(&memory_);
    return constant == nullptr ? nullptr : constant->get();
  }

 private:
  static void destroy(Storage* storage) noexcept;

  std::atomic<int64_t> references_{1};
  std::variant<runtime::Buffer, std::shared_ptr<void>, std::shared_ptr<ConstantMemory>> memory_;
};

/// A handle on elements that `storage` keeps alive. Takes over one reference of it, also if it
/// throws. Views in which one element stands for several are read-only whatever `read_only` says.
Tensor make_tensor(const runtime::ArrayView& view, Storage* storage, bool read_only);

/// Bytes of a dense tensor. UserError naming `op` if they do not fit 63 bits.
int64_t dense_bytes(const char* op, const Shape& shape, DType dtype);

/// "f32[128, 256]", as errors name tensors.
std::string type_text(const Tensor& tensor);
std::string type_text(DType dtype, const Shape& shape);

}  // namespace onepass
