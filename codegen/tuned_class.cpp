// SPDX-License-Identifier: Apache-2.0
// Strict reading: a line that is not exactly what is written is none.
#include "onepass/codegen/tuned_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace onepass::codegen {
namespace {

std::string size_text(int bits) {
  return fmt::format("[{}, {}]", int64_t{1} << (bits - 1), (int64_t{1} << bits) - 1);
}

}  // namespace

std::string class_text(DType dtype, int row_bits, int column_bits, int depth_bits) {
  return fmt::format("{}, rows in {}, columns in {}, depth in {}", to_string(dtype),
                     size_text(row_bits), size_text(column_bits), size_text(depth_bits));
}

std::optional<DType> read_class(std::string_view line, std::initializer_list<DType> known,
                                std::span<int64_t> numbers) {
  const size_t end_of_name = std::min(line.find(' '), line.size());
  const auto dtype = std::find_if(known.begin(), known.end(), [&](DType candidate) {
    return line.substr(0, end_of_name) == to_string(candidate);
  });
  if (dtype == known.end()) return std::nullopt;
  line.remove_prefix(end_of_name);
  for (int64_t& number : numbers) {
    if (!line.starts_with(' ')) return std::nullopt;
    line.remove_prefix(1);
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc{}) return std::nullopt;
    line.remove_prefix(static_cast<size_t>(end - line.data()));
  }
  return line.empty() ? std::optional(*dtype) : std::nullopt;
}

}  // namespace onepass::codegen
