// SPDX-License-Identifier: Apache-2.0
// The file of tuned products: one line each, believed only if all of it is right; and the tiles and
// providers that it or a trial holds.
#include "onepass/codegen/product_tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "onepass/codegen/target.h"
#include "onepass/codegen/tuned_class.h"
#include "onepass/runtime/blas.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/settings.h"
#include "onepass/runtime/user_file.h"

namespace onepass::codegen {
namespace {

constexpr std::string_view format = "onepass tuning 1";
constexpr int most_rows = 16, most_vectors = 8;
constexpr int64_t most_block = int64_t{1} << 14;
constexpr int packed_bits = 12;  // of a depth that is packed at once

thread_local TuningTrial* current_trial = nullptr;

/// The lines before the products; another version or CPU has other ones.
std::string head() {
  return fmt::format("{}\nversion {}\ncpu {}\n", format, ONEPASS_VERSION, runtime::cpu_info().name);
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
  std::array<int64_t, 10> n{};
  const auto dtype = read_class(line, {f32, f64, i32}, n);
  if (!dtype) return false;
  const bool are_flags = in(n[0], 0, 1) && in(n[1], 0, 1) && in(n[9], 0, 1);
  const bool are_small = std::all_of(n.begin(), n.end(), [](int64_t v) { return v <= most_block; });
  if (!are_flags || !are_small) return false;
  const ProductClass product{*dtype,
                             n[0] == 1,
                             n[1] == 1,
                             static_cast<int>(n[2]),
                             static_cast<int>(n[3]),
                             static_cast<int>(n[4])};
  const ProductTile tile{static_cast<int>(n[5]), static_cast<int>(n[6]), n[7], n[8], n[9] == 1};
  return is_plausible(product, tile) && tuning.emplace(product, tile).second;
}

}  // namespace

std::string to_string(const ProductClass& product) {
  return class_text(product.dtype, product.row_bits, product.column_bits, product.depth_bits);
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

std::string tuning_text(const Tuning& tuning) {
  std::string text = head();
  for (const auto& [product, tile] : tuning.products) {
    text += fmt::format("product {} {:d} {:d} {} {} {} {} {} {} {} {:d}\n",
                        to_string(product.dtype), product.left_in_place, product.right_in_place,
                        product.row_bits, product.column_bits, product.depth_bits, tile.rows,
                        tile.vectors, tile.depth_block, tile.row_block, tile.packs_right);
  }
  for (const auto& [product, lead] : tuning.providers) {
    text += fmt::format("provider {}\n", provider_line(product, lead));
  }
  return text + "end\n";
}

std::optional<Tuning> parse_tuning(const std::string& text) {
  std::string_view rest = text;
  const std::string before = head();
  if (text.size() > runtime::longest_user_file || !rest.starts_with(before)) return std::nullopt;
  rest.remove_prefix(before.size());
  Tuning tuning;
  while (const auto line = runtime::take_line(rest, "product")) {
    if (!read_product(*line, tuning.products)) return std::nullopt;
  }
  while (const auto line = runtime::take_line(rest, "provider")) {
    if (!read_provider(*line, tuning.providers)) return std::nullopt;
  }
  return rest == "end\n" ? std::optional(tuning) : std::nullopt;
}

std::string saved_tuning_path() { return runtime::user_file_path("tuning.txt"); }

SavedTuning load_tuning() {
  const std::string path = saved_tuning_path();
  const auto text = runtime::read_user_file(path);
  if (!text) return {{}, "none; 'onepass tune' measures"};
  if (auto tuning = parse_tuning(*text)) {
    const size_t providers = tuning->providers.size();
    std::string state =
        fmt::format("{} classes of products, {}from {}", tuning->products.size(),
                    providers == 0 ? "" : fmt::format("{} of providers, ", providers), path);
    return {std::move(*tuning), std::move(state)};
  }
  return {{}, fmt::format("ignored: {} is damaged, or of another version or CPU", path)};
}

const SavedTuning& saved_tuning() {
  static const SavedTuning* const saved = new SavedTuning(
      runtime::settings().tuning ? load_tuning() : SavedTuning{{}, "off, by ONEPASS_TUNING"});
  return *saved;
}

void save_tuning(const Tuning& tuning) {
  const std::string text = tuning_text(tuning);
  if (parse_tuning(text) != tuning) {
    throw UserError("save_tuning: the numbers are not those of a product; see product_tuning.h.");
  }
  runtime::write_user_file("save_tuning", saved_tuning_path(), text);
}

TuningTrial::TuningTrial(const ProductTuning& tiles, ProviderTuning providers)
    : tiles_(tiles), providers_(std::move(providers)), outer_(current_trial) {
  current_trial = this;
}

TuningTrial::~TuningTrial() { current_trial = outer_; }

std::optional<ProductTile> tuned_tile(const ProductClass& product, const ProductTile& usual) {
  if (current_trial != nullptr) current_trial->usual_.emplace(product, usual);
  const ProductTuning& tuning =
      current_trial != nullptr ? current_trial->tiles_ : saved_tuning().tuning.products;
  const auto found = tuning.find(product);
  const bool serves = found != tuning.end() && is_plausible(product, found->second);
  return serves ? std::optional(found->second) : std::nullopt;
}

std::optional<ir::ProviderLead> tuned_provider(const ir::ProviderClass& product) {
  if (current_trial != nullptr) current_trial->open_.insert(product);
  if (!host_target().tuned_for_host) return std::nullopt;
  const ProviderTuning& tuning =
      current_trial != nullptr ? current_trial->providers_ : saved_tuning().tuning.providers;
  const auto found = tuning.find(product);
  if (found == tuning.end()) return std::nullopt;
  const bool is_there =
      found->second.provider == ir::Provider::generated || runtime::blas_available();
  return is_there ? std::optional(found->second) : std::nullopt;
}

}  // namespace onepass::codegen
