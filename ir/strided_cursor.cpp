// SPDX-License-Identifier: Apache-2.0
// Reading and writing in runs along the innermost dimension.
#include "onepass/ir/strided_cursor.h"

#include <algorithm>
#include <cstring>

namespace onepass::ir {
namespace {

/// Copies `count` elements of an unsigned integer's size between places `from_step` and `to_step`
/// bytes apart.
template <class Word>
void copy_words(const std::byte* from, int64_t from_step, std::byte* to, int64_t to_step,
                int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    Word word;
    std::memcpy(&word, from + i * from_step, sizeof word);
    std::memcpy(to + i * to_step, &word, sizeof word);
  }
}

void copy_run(const std::byte* from, int64_t from_step, std::byte* to, int64_t to_step,
              int64_t count, int64_t bytes) {
  if (from_step == bytes && to_step == bytes) {
    std::memcpy(to, from, static_cast<size_t>(count * bytes));
    return;
  }
  switch (bytes) {
    case 1:
      return copy_words<uint8_t>(from, from_step, to, to_step, count);
    case 2:
      return copy_words<uint16_t>(from, from_step, to, to_step, count);
    case 4:
      return copy_words<uint32_t>(from, from_step, to, to_step, count);
    default:
      return copy_words<uint64_t>(from, from_step, to, to_step, count);
  }
}

}  // namespace

StridedCursor::StridedCursor(const runtime::ArrayView& view)
    : data_(view.data), bytes_(byte_size(view.dtype)), dense_(runtime::is_dense(view)) {
  for (int d = 0; d < view.rank(); ++d) {
    const int64_t extent = view.shape[d];
    const int64_t stride = view.strides[d] * bytes_;
    if (extent == 1) continue;
    const int last = extents_.rank() - 1;
    if (last >= 0 && strides_[last] == stride * extent) {
      extents_[last] *= extent;
      strides_[last] = stride;
    } else {
      extents_.push_back(extent);
      strides_.push_back(stride);
    }
  }
  if (extents_.empty()) {
    extents_.push_back(1);
    strides_.push_back(bytes_);
  }
  for (int d = 0; d < extents_.rank(); ++d) index_.push_back(0);
}

void StridedCursor::advance(int64_t count) {
  int d = extents_.rank() - 1;
  index_[d] += count;
  data_ += count * strides_[d];
  while (index_[d] == extents_[d] && d > 0) {
    data_ -= index_[d] * strides_[d];
    index_[d] = 0;
    --d;
    ++index_[d];
    data_ += strides_[d];
  }
}

template <class Copy>
void StridedCursor::each_run(int64_t count, Copy copy) {
  const int inner = extents_.rank() - 1;
  for (int64_t done = 0; done < count;) {
    const int64_t run = std::min(count - done, extents_[inner] - index_[inner]);
    copy(done, run, strides_[inner]);
    advance(run);
    done += run;
  }
}

void StridedCursor::read(void* to, int64_t count) {
  auto* const target = static_cast<std::byte*>(to);
  each_run(count, [&](int64_t done, int64_t run, int64_t step) {
    copy_run(data_, step, target + done * bytes_, bytes_, run, bytes_);
  });
}

void StridedCursor::write(const void* from, int64_t count) {
  const auto* const source = static_cast<const std::byte*>(from);
  each_run(count, [&](int64_t done, int64_t run, int64_t step) {
    copy_run(source + done * bytes_, bytes_, data_, step, run, bytes_);
  });
}

}  // namespace onepass::ir
