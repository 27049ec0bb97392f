// SPDX-License-Identifier: Apache-2.0
// Element-wise nodes: blocks of dense operands through the host kernels.
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "onepass/ir/convert_elements.h"
#include "onepass/ir/host_kernels.h"
#include "onepass/ir/interpret.h"
#include "onepass/ir/strided_cursor.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

using runtime::ArrayView;

/// Elements that go through a kernel at once: a few blocks of them fit the first level cache.
constexpr int64_t block_elements = 1024;
constexpr size_t max_arity = 3;
constexpr size_t max_element_bytes = 8;

struct Block {
  alignas(64) std::byte bytes[block_elements * max_element_bytes];
};

/// An operand that gives dense blocks of the dtype that the kernel computes in.
class BlockReader {
 public:
  BlockReader(const ArrayView& operand, const Shape& shape, DType computed)
      : from_(operand.dtype),
        computed_(computed),
        repeated_(element_count(operand.shape) == 1),
        cursor_(repeated_ ? operand : runtime::broadcasted(operand, shape)) {
    if (repeated_) fill();
  }

  const void* next(int64_t count) {
    if (repeated_) return block_.bytes;
    if (from_ != computed_) {
      cursor_.read(narrow_.bytes, count);
      convert_elements(from_, narrow_.bytes, computed_, block_.bytes, count);
      return block_.bytes;
    }
    if (cursor_.is_dense()) {
      const void* const here = cursor_.data();
      cursor_.skip(count);
      return here;
    }
    cursor_.read(block_.bytes, count);
    return block_.bytes;
  }

 private:
  void fill() {
    convert_elements(from_, cursor_.data(), computed_, block_.bytes, 1);
    const auto bytes = static_cast<size_t>(byte_size(computed_));
    for (size_t i = 1; i < block_elements; ++i) {
      std::memcpy(block_.bytes + i * bytes, block_.bytes, bytes);
    }
  }

  DType from_, computed_;
  bool repeated_;
  StridedCursor cursor_;
  Block block_, narrow_;
};

/// A result that takes dense blocks.
class BlockWriter {
 public:
  BlockWriter(const ArrayView& result, DType computed)
      : to_(result.dtype), computed_(computed), cursor_(result) {}

  void* place() { return is_direct() ? cursor_.data() : block_.bytes; }
  void finish(int64_t count) {
    if (is_direct()) return cursor_.skip(count);
    if (to_ == computed_) return cursor_.write(block_.bytes, count);
    convert_elements(computed_, block_.bytes, to_, narrow_.bytes, count);
    cursor_.write(narrow_.bytes, count);
  }

 private:
  bool is_direct() const { return to_ == computed_ && cursor_.is_dense(); }

  DType to_, computed_;
  StridedCursor cursor_;
  Block block_, narrow_;
};

/// 16-bit floats are computed in f32; a choice between them moves their bits.
DType computed_dtype(const Node& node, DType dtype) {
  if (!is_half(dtype)) return dtype;
  return info(node.op).rule == TypeRule::select ? u16 : f32;
}

/// The dtype that names the kernel: that of the last operand, which is never the condition of
/// `where`; among 16-bit floats and f32 literals beside them f32.
DType operand_dtype(const NodeRun& run) {
  DType dtype = run.inputs.back().dtype;
  for (size_t i = info(run.node.op).rule == TypeRule::select ? 1 : 0; i < run.inputs.size(); ++i) {
    if (run.inputs[i].dtype != dtype) dtype = f32;
  }
  return computed_dtype(run.node, dtype);
}

HostKernel kernel_of(const NodeRun& run, DType dtype) {
  const Attributes& attributes = run.node.attributes;
  const HostKernel kernel = attributes.has(AttributeKey::exponent)
                                ? host_pow_kernel(attributes.number(AttributeKey::exponent), dtype)
                                : host_kernel(run.node.op, dtype, run.accuracy);
  internal_check(kernel != nullptr, "interpret: an op on a dtype that its rule refuses");
  return kernel;
}

/// What the kernel stores, before a 16-bit result is rounded.
DType stored_dtype(const Node& node, DType dtype) {
  const TypeRule rule = info(node.op).rule;
  return rule == TypeRule::equality || rule == TypeRule::ordering ? boolean : dtype;
}

}  // namespace

void interpret_elementwise(const NodeRun& run) {
  const DType dtype = operand_dtype(run);
  const HostKernel kernel = kernel_of(run, dtype);
  const int64_t count = element_count(run.result.shape);
  if (count == 0) return;
  const bool selects = info(run.node.op).rule == TypeRule::select;
  const auto bits_of = [&](ArrayView view) {
    if (dtype == u16 && is_half(view.dtype)) view.dtype = u16;
    return view;
  };

  std::array<std::optional<BlockReader>, max_arity> readers;
  for (size_t i = 0; i < run.inputs.size(); ++i) {
    const bool is_condition = selects && i == 0;
    readers[i].emplace(bits_of(run.inputs[i]), run.result.shape, is_condition ? boolean : dtype);
  }
  BlockWriter writer(bits_of(run.result), stored_dtype(run.node, dtype));
  for (int64_t done = 0; done < count; done += block_elements) {
    const int64_t block = std::min(block_elements, count - done);
    const void* operands[max_arity] = {};
    for (size_t i = 0; i < run.inputs.size(); ++i) operands[i] = readers[i]->next(block);
    kernel(operands, writer.place(), block);
    writer.finish(block);
  }
}

}  // namespace onepass::ir
