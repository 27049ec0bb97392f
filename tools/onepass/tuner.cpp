// SPDX-License-Identifier: Apache-2.0
// The method: candidates are compiled, compared with the usual tile and warmed; then rounds go
// through all in turn, and the fastest round of each counts. A new tile must win by a margin.
#include "tuner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "agreement.h"
#include "onepass/codegen/target.h"
#include "onepass/engine/entry.h"
#include "onepass/engine/run.h"
#include "onepass/engine/value_node.h"
#include "onepass/runtime/blas.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass::tool {
namespace {

using codegen::ProductClass;
using codegen::ProductTile;
using codegen::ProductTuning;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 7;
constexpr double sample_ns = 2e6;
/// Less is noise.
constexpr double margin = 0.97;

/// The expression compiled with some tiles, however it is compiled elsewhere.
class Variant {
 public:
  Variant(const Value& value, const EvaluateOptions& options, const Tensor& target,
          const ProductTuning& tuning, codegen::ProviderTuning providers = {})
      : flat_(flatten(std::span<const Value>(&value, 1))), target_(target) {
    const codegen::TuningTrial trial(tuning, std::move(providers));
    entry_ = make_entry(flat_->tape, flat_->arguments(), options, {&target_, 1});
    usual_ = trial.usual();
    open_ = trial.open();
    sizes_.resize(entry_->symbols.size());
    if (!entry_->resolve(flat_->arguments(), sizes_)) {
      throw InternalError("tune: the sizes are not those that the code was made for.");
    }
  }

  const ProductTuning& usual() const { return usual_; }
  const std::set<ir::ProviderClass>& open() const { return open_; }
  const Tensor& target() const { return target_; }
  double fastest_ns() const { return fastest_; }

  void run() const { run_into(*entry_, flat_->arguments(), sizes_, {&target_, 1}); }

  /// Warms up and finds how many evaluations make one sample.
  void prepare() {
    run();
    batch_ = std::max(1, static_cast<int>(std::ceil(sample_ns / std::max(time_of(1), 1.0))));
  }

  void measure() { fastest_ = std::min(fastest_, time_of(batch_) / batch_); }

 private:
  double time_of(int evaluations) const {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < evaluations; ++i) run();
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  }

  std::unique_ptr<FlatValues> flat_;
  Tensor target_;
  std::shared_ptr<const Entry> entry_;
  ProductTuning usual_;
  std::set<ir::ProviderClass> open_;
  std::vector<int64_t> sizes_;
  int batch_ = 1;
  double fastest_ = std::numeric_limits<double>::infinity();
};

class Tuner {
 public:
  Tuner(const Value& value, const EvaluateOptions& options)
      : value_(value), options_(options), expected_(evaluate(value, options)) {}

  std::vector<TunedProduct> run() {
    ProductTuning usual = Variant(value_, options_, empty_like(expected_), {}).usual();
    std::vector<TunedProduct> results;
    for (const auto& [product, tile] : usual) results.push_back(tune_product(product, tile));
    return results;
  }

 private:
  TunedProduct tune_product(const ProductClass& product, const ProductTile& usual) {
    TunedProduct result{product, usual, usual};
    const int registers = codegen::host_target().vector_registers();
    race(result, register_tiles(usual, registers));
    race(result, cache_blocks(result.best));
    return result;
  }

  /// The best so far against others.
  void race(TunedProduct& result, const std::vector<ProductTile>& others) {
    std::vector<ProductTile> tiles = {result.best};
    tiles.insert(tiles.end(), others.begin(), others.end());
    std::vector<Variant> variants;
    variants.reserve(tiles.size());
    for (const ProductTile& tile : tiles) {
      variants.emplace_back(value_, options_, empty_like(expected_),
                            ProductTuning{{result.product, tile}});
      require_same_bits(variants.back(), tile);
      variants.back().prepare();
    }
    for (int round = 0; round < rounds; ++round) {
      for (Variant& variant : variants) variant.measure();
    }
    const double before = variants[0].fastest_ns();
    if (result.candidates == 0) result.usual_ns = before;
    result.best_ns = before;
    result.candidates += static_cast<int>(others.size());
    for (size_t i = 1; i < tiles.size(); ++i) {
      if (variants[i].fastest_ns() >= std::min(result.best_ns, before * margin)) continue;
      result.best = tiles[i];
      result.best_ns = variants[i].fastest_ns();
    }
  }

  void require_same_bits(const Variant& variant, const ProductTile& tile) const {
    variant.run();
    const Agreement agreement = compare(expected_, variant.target());
    if (agreement.differing == 0) return;
    throw InternalError(fmt::format("tune: with a {} {} elements differ, first at {}.",
                                    to_string(tile), agreement.differing, agreement.first));
  }

  const Value& value_;
  const EvaluateOptions options_;
  const Tensor expected_;
};

/// Each class of products by the library, the others generated with the tiles given.
class ProviderRace {
 public:
  ProviderRace(const Value& value, EvaluateOptions options, const ProductTuning& tiles)
      : value_(value),
        options_(std::move(options)),
        tiles_(tiles),
        expected_(evaluate(value, options_)) {
    options_.provider = Provider::tuned;
  }

  std::vector<TunedProvider> run() const {
    const Variant generated = variant({});
    if (generated.open().empty()) {
      throw UserError(
          "tune: the expression has no product that the library computes; it takes f32 and f64. "
          "Leave out --provider.");
    }
    std::vector<TunedProvider> results;
    for (const ir::ProviderClass& product : generated.open()) results.push_back(race(product));
    return results;
  }

 private:
  Variant variant(codegen::ProviderTuning providers) const {
    return Variant(value_, options_, empty_like(expected_), tiles_, std::move(providers));
  }

  TunedProvider race(const ir::ProviderClass& product) const {
    Variant generated = variant({});
    Variant library = variant({{product, {Provider::openblas, 1}}});
    generated.prepare();
    library.prepare();
    for (int round = 0; round < rounds; ++round) {
      generated.measure();
      library.measure();
    }
    TunedProvider result{product, {}, generated.fastest_ns(), library.fastest_ns()};
    result.max_abs_diff = compare(generated.target(), library.target()).max_abs_diff;
    const bool library_wins = result.library_ns < margin * result.generated_ns;
    const double lead = library_wins ? result.generated_ns / result.library_ns
                                     : result.library_ns / result.generated_ns;
    result.lead = {library_wins ? Provider::openblas : Provider::generated,
                   thousandths_above_1(lead)};
    return result;
  }

  /// Of a ratio; as good as equal is still an entry.
  static int thousandths_above_1(double ratio) {
    constexpr double most = 1000;
    return std::max(1, static_cast<int>(std::lround((std::min(ratio, most) - 1) * 1000)));
  }

  const Value& value_;
  EvaluateOptions options_;
  const ProductTuning& tiles_;
  const Tensor expected_;
};

}  // namespace

std::vector<ProductTile> register_tiles(const ProductTile& usual, int registers) {
  constexpr std::pair<int, int> shapes[] = {{4, 2}, {4, 3}, {4, 4},  {4, 5},  {5, 2}, {5, 4},
                                            {5, 5}, {6, 2}, {6, 3},  {6, 4},  {8, 1}, {8, 2},
                                            {8, 3}, {9, 3}, {12, 1}, {12, 2}, {14, 2}};
  std::vector<ProductTile> tiles;
  // So few rows are one tile, whatever their number of vectors.
  constexpr int fewest_rows = 4, most_vectors = 8;
  for (int vectors = 1; usual.rows < fewest_rows && vectors <= most_vectors; ++vectors) {
    ProductTile tile = usual;
    tile.vectors = vectors;
    if (tile != usual && codegen::fits_registers(tile.rows, vectors, registers)) {
      tiles.push_back(tile);
    }
  }
  if (usual.rows < fewest_rows) return tiles;
  for (const auto& [rows, vectors] : shapes) {
    if (!codegen::fits_registers(rows, vectors, registers)) continue;
    // Half of the registers idle hide no latency.
    if (2 * rows * vectors < registers) continue;
    ProductTile tile = usual;
    tile.rows = rows;
    tile.vectors = vectors;
    if (tile != usual) tiles.push_back(tile);
  }
  return tiles;
}

std::vector<ProductTile> cache_blocks(const ProductTile& usual) {
  struct Cut {
    int64_t depth, rows;
    bool packs;
  };
  constexpr Cut cuts[] = {{0, 0, false},    {8, 0, false},     {128, 0, false},   {256, 0, false},
                          {384, 0, false},  {512, 0, false},   {1024, 0, false},  {256, 256, true},
                          {512, 512, true}, {1024, 512, true}, {1024, 1024, true}};
  std::vector<ProductTile> tiles;
  for (const Cut& cut : cuts) {
    ProductTile tile = usual;
    tile.depth_block = cut.depth;
    tile.row_block = cut.rows;
    tile.packs_right = cut.packs;
    if (tile != usual) tiles.push_back(tile);
  }
  return tiles;
}

std::vector<TunedProduct> tune(const Value& value, const EvaluateOptions& options) {
  std::optional<ThreadScope> scope;
  if (options.threads > 0) scope.emplace(options.threads);
  return Tuner(value, options).run();
}

std::vector<TunedProvider> tune_providers(const Value& value, const EvaluateOptions& options,
                                          const ProductTuning& tiles) {
  if (!runtime::blas_available()) {
    throw UserError(
        "tune: there is no BLAS library here (Debian: libopenblas0). Leave out --provider.");
  }
  if (!codegen::host_target().tuned_for_host) {
    throw UserError("tune: ONEPASS_TARGET leaves nothing to tune. Leave it out.");
  }
  std::optional<ThreadScope> scope;
  if (options.threads > 0) scope.emplace(options.threads);
  return ProviderRace(value, options, tiles).run();
}

}  // namespace onepass::tool
