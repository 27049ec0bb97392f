// SPDX-License-Identifier: Apache-2.0
// The file of tuned products: one line each, believed only if all of it is right.
#include "onepass/codegen/product_tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/settings.h"
#include "onepass/runtime/user_file.h"

namespace onepass::codegen {
namespace {

constexpr std::string_view format = "onepass tuning 1";
constexpr int most_bits = 40;
constexpr int most_rows = 16, most_vectors = 8;
constexpr int64_t most_block = int64_t{1} << 14;
constexpr int packed_bits = 12;  // of a depth that is packed at once

thread_local TuningTrial* current_trial = nullptr;

/// The lines before the products; another version or CPU has other ones.
std::string head() {
  return fmt::format("{}\nversion {}\ncpu {}\n", format, ONEPASS_VERSION, runtime::cpu_info().name);
}

std::string size_text(int bits) {
  return fmt::format("[{}, {}]", int64_t{1} << (bits - 1), (int64_t{1} << bits) - 1);
}

/// Numbers separated by single spaces, as many as asked for, and no other.
template <size_t count>
bool read_numbers(std::string_view text, std::array<int64_t, count>& numbers) {
  for (size_t i = 0; i < count; ++i) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (i + 1 == count) return text.empty();
    if (!text.starts_with(' ')) return false;
    text.remove_prefix(1);
  }
  return false;
}

bool in(int64_t value, int64_t low, int64_t high) { return low <= value && value <= high; }

bool is_plausible(const ProductClass& product, const ProductTile& tile) {
  // What is packed at once has a size, if need be that of the class.
  const bool fits = !tile.packs_right || tile.depth_block > 0 || product.depth_bits <= packed_bits;
  return in(product.row_bits, 1, most_bits) && in(product.column_bits, 1, most_bits) &&
         in(product.depth_bits, 1, most_bits) && in(tile.rows, 1, most_rows) &&
         in(tile.vectors, 1, most_vectors) && in(tile.depth_block, 0, most_block) &&
         in(tile.row_block, 0, most_block) && fits;
}

/// "<dtype> <ten numbers>"
bool read_product(std::string_view line, ProductTuning& tuning) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  ProductClass product;
  const auto name = line.substr(0, space);
  bool is_known = false;
  for (const DType dtype : {DType::f32, DType::f64, DType::i32}) {
    if (name != to_string(dtype)) continue;
    product.dtype = dtype;
    is_known = true;
  }
  std::array<int64_t, 10> n{};
  if (!is_known || !read_numbers(line.substr(space + 1), n)) return false;
  const bool are_flags = in(n[0], 0, 1) && in(n[1], 0, 1) && in(n[9], 0, 1);
  const bool are_small = std::all_of(n.begin(), n.end(), [](int64_t v) { return v <= most_block; });
  if (!are_flags || !are_small) return false;
  product.left_in_place = n[0] == 1;
  product.right_in_place = n[1] == 1;
  product.row_bits = static_cast<int>(n[2]);
  product.column_bits = static_cast<int>(n[3]);
  product.depth_bits = static_cast<int>(n[4]);
  const ProductTile tile{static_cast<int>(n[5]), static_cast<int>(n[6]), n[7], n[8], n[9] == 1};
  return is_plausible(product, tile) && tuning.emplace(product, tile).second;
}

}  // namespace

std::string to_string(const ProductClass& product) {
  return fmt::format("{}, rows in {}, columns in {}, depth in {}", to_string(product.dtype),
                     size_text(product.row_bits), size_text(product.column_bits),
                     size_text(product.depth_bits));
}

std::string to_string(const ProductTile& tile) {
  std::string text = fmt::format("tile of {} x {} vectors", tile.rows, tile.vectors);
  if (tile.depth_block > 0) text += fmt::format(", depth by {}", tile.depth_block);
  if (tile.row_block > 0) text += fmt::format(", rows by {}", tile.row_block);
  if (tile.packs_right) text += ", right operand packed";
  return text;
}

bool fits_registers(int rows, int vectors, int registers) {
  return rows * vectors + vectors + 1 <= registers;
}

std::string tuning_text(const ProductTuning& tuning) {
  std::string text = head();
  for (const auto& [product, tile] : tuning) {
    text += fmt::format("product {} {:d} {:d} {} {} {} {} {} {} {} {:d}\n",
                        to_string(product.dtype), product.left_in_place, product.right_in_place,
                        product.row_bits, product.column_bits, product.depth_bits, tile.rows,
                        tile.vectors, tile.depth_block, tile.row_block, tile.packs_right);
  }
  return text + "end\n";
}

std::optional<ProductTuning> parse_tuning(const std::string& text) {
  std::string_view rest = text;
  const std::string before = head();
  if (text.size() > runtime::longest_user_file || !rest.starts_with(before)) return std::nullopt;
  rest.remove_prefix(before.size());
  ProductTuning tuning;
  while (const auto line = runtime::take_line(rest, "product")) {
    if (!read_product(*line, tuning)) return std::nullopt;
  }
  return rest == "end\n" ? std::optional(tuning) : std::nullopt;
}

std::string saved_tuning_path() { return runtime::user_file_path("tuning.txt"); }

SavedTuning load_tuning() {
  const std::string path = saved_tuning_path();
  const auto text = runtime::read_user_file(path);
  if (!text) return {{}, "none; 'onepass tune' measures"};
  if (auto tuning = parse_tuning(*text)) {
    std::string state = fmt::format("{} classes of products, from {}", tuning->size(), path);
    return {std::move(*tuning), std::move(state)};
  }
  return {{}, fmt::format("ignored: {} is damaged, or of another version or CPU", path)};
}

const SavedTuning& saved_tuning() {
  static const SavedTuning* const saved = new SavedTuning(
      runtime::settings().tuning ? load_tuning() : SavedTuning{{}, "off, by ONEPASS_TUNING"});
  return *saved;
}

void save_tuning(const ProductTuning& tuning) {
  const std::string text = tuning_text(tuning);
  if (parse_tuning(text) != tuning) {
    throw UserError("save_tuning: the numbers are not those of a product; see product_tuning.h.");
  }
  runtime::write_user_file("save_tuning", saved_tuning_path(), text);
}

TuningTrial::TuningTrial(const ProductTuning& tuning) : tuning_(tuning), outer_(current_trial) {
  current_trial = this;
}

TuningTrial::~TuningTrial() { current_trial = outer_; }

std::optional<ProductTile> tuned_tile(const ProductClass& product, const ProductTile& usual) {
  if (current_trial != nullptr) current_trial->usual_.emplace(product, usual);
  const ProductTuning& tuning =
      current_trial != nullptr ? current_trial->tuning_ : saved_tuning().products;
  const auto found = tuning.find(product);
  const bool serves = found != tuning.end() && is_plausible(product, found->second);
  return serves ? std::optional(found->second) : std::nullopt;
}

}  // namespace onepass::codegen
