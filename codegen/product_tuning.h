// SPDX-License-Identifier: Apache-2.0
// Tiles of products as 'onepass tune' measured them on this CPU, beside their providers: a small
// file of this user, and trials that replace it. How a product is cut never changes its bits.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "onepass/codegen/provider_tuning.h"
#include "onepass/runtime/dtype.h"

namespace onepass::codegen {

/// Products that share a tile. Sizes by the number of bits: 7 is [64, 127].
struct ProductClass {
  DType dtype = DType::f32;                            // of the accumulation
  bool left_in_place = false, right_in_place = false;  // rows whose elements lie side by side
  int row_bits = 1, column_bits = 1, depth_bits = 1;
  friend auto operator<=>(const ProductClass&, const ProductClass&) = default;
};
/// "f32, rows in [64, 127], columns in [256, 511], depth in [512, 1023]"
std::string to_string(const ProductClass& product);

struct ProductTile {
  int rows = 1, vectors = 1;  // of a register tile, at most
  int64_t depth_block = 0;    // 0: all at once
  int64_t row_block = 0;      // 0: all at once
  bool packs_right = false;
  friend bool operator==(const ProductTile&, const ProductTile&) = default;
};
/// "tile of 6 x 4 vectors, depth by 384, rows by 1024, right operand packed"
std::string to_string(const ProductTile& tile);

/// Whether a register tile leaves registers for its operands.
bool fits_registers(int rows, int vectors, int registers);

using ProductTuning = std::map<ProductClass, ProductTile>;

struct Tuning {
  ProductTuning products;
  ProviderTuning providers;
  friend bool operator==(const Tuning&, const Tuning&) = default;
};

/// The text of the file for this CPU and version, and its reading: nothing unless every line is
/// there and every number is plausible.
std::string tuning_text(const Tuning& tuning);
std::optional<Tuning> parse_tuning(const std::string& text);

struct SavedTuning {
  Tuning tuning;
  std::string state;  // for people: how many, or why none
};
/// Reads the file now.
SavedTuning load_tuning();
/// What this process uses: the file at the first call, unless a setting forbids it.
const SavedTuning& saved_tuning();
/// Replaces the file. UserError if a number is not plausible, SystemError if it cannot be written.
void save_tuning(const Tuning& tuning);
std::string saved_tuning_path();

/// Within its lifetime, products that are planned on this thread use the tiles and providers given
/// here, and nothing that is saved. Remembers which products there are, with the tiles that are
/// usual for them.
class TuningTrial {
 public:
  explicit TuningTrial(const ProductTuning& tiles, ProviderTuning providers = {});
  ~TuningTrial();
  TuningTrial(const TuningTrial&) = delete;
  TuningTrial& operator=(const TuningTrial&) = delete;

  const ProductTuning& usual() const { return usual_; }
  /// Products whose provider was asked for.
  const std::set<ir::ProviderClass>& open() const { return open_; }

 private:
  friend std::optional<ProductTile> tuned_tile(const ProductClass&, const ProductTile&);
  friend std::optional<ir::ProviderLead> tuned_provider(const ir::ProviderClass&);
  const ProductTuning& tiles_;
  const ProviderTuning providers_;
  ProductTuning usual_;
  std::set<ir::ProviderClass> open_;
  TuningTrial* const outer_;
};

/// The tile to use instead of the usual one, if there is one.
std::optional<ProductTile> tuned_tile(const ProductClass& product, const ProductTile& usual);

}  // namespace onepass::codegen
