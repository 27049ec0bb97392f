// SPDX-License-Identifier: Apache-2.0
// Loads and saves .npy files.
#include "onepass/runtime/npy.h"

#include <fmt/format.h>

#include <algorithm>

#include "onepass/runtime/buffer.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/file.h"
#include "onepass/runtime/npy_header.h"

namespace onepass::runtime {
namespace {

/// Enough for any header of version 1 and for those of later versions that describe what we can
/// load.
constexpr int64_t max_header_bytes = 1 << 17;

NpyHeader read_header(const InputFile& file, const std::string& path) {
  const Buffer head(std::min(file.size(), max_header_bytes));
  const std::span bytes(head.data(), static_cast<size_t>(head.size()));
  file.read(0, bytes);
  const NpyHeader header = parse_npy_header(bytes, path);
  const int64_t found = file.size() - header.data_offset;
  if (found == header.data_bytes) return header;
  throw UserError(fmt::format(
      "load_npy: '{}' has {} bytes of data; its header says {}{}, which is {} bytes.", path, found,
      to_string(header.dtype), to_string(header.shape), header.data_bytes));
}

std::shared_ptr<std::byte> read_data(const InputFile& file, const NpyHeader& header) {
  const auto buffer = std::make_shared<Buffer>(header.data_bytes);
  file.read(header.data_offset, {buffer->data(), static_cast<size_t>(header.data_bytes)});
  return {buffer, buffer->data()};
}

/// The data in memory: mapped if every element is aligned in the file, else read.
std::shared_ptr<std::byte> load_data(const InputFile& file, const NpyHeader& header) {
  const bool aligned = header.data_offset % byte_size(header.dtype) == 0;
  if (aligned && header.data_bytes > 0) {
    if (const auto mapped = file.map_private()) return {mapped, mapped.get() + header.data_offset};
  }
  return read_data(file, header);
}

/// A C++ bool is 0 or 1; NumPy takes any byte but 0 for true.
void normalise_booleans(std::byte* data, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (data[i] > std::byte{1}) data[i] = std::byte{1};
  }
}

ArrayView reversed(const ArrayView& view) {
  ArrayView result = view;
  std::reverse(&result.shape[0], &result.shape[0] + view.rank());
  std::reverse(&result.strides[0], &result.strides[0] + view.rank());
  return result;
}

}  // namespace

OwnedArray load_npy(const std::string& path) {
  const InputFile file("load_npy", path);
  const NpyHeader header = read_header(file, path);
  const std::shared_ptr<std::byte> data = load_data(file, header);
  if (header.dtype == DType::boolean) normalise_booleans(data.get(), header.data_bytes);
  ArrayView view{data.get(), header.dtype, header.shape, header.shape};
  if (header.fortran_order) view = reversed(view);
  view.strides = row_major_strides(view.shape);
  if (header.fortran_order) view = reversed(view);
  return {view, data};
}

void save_npy(const std::string& path, const ArrayView& array) {
  const bool fortran = !is_dense(array) && is_dense(reversed(array));
  const std::string header = make_npy_header(array.dtype, fortran, array.shape, path);
  const int64_t bytes = element_count(array.shape) * byte_size(array.dtype);
  const std::byte* data = array.data;
  Buffer dense;
  if (!fortran && !is_dense(array)) {
    dense = Buffer(bytes);
    copy_elements(array, dense_view(dense.data(), array.dtype, array.shape));
    data = dense.data();
  }
  OutputFile file("save_npy", path);
  file.write(std::as_bytes(std::span(header)));
  file.write({data, static_cast<size_t>(bytes)});
  file.commit();
}

}  // namespace onepass::runtime
