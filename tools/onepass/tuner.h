// SPDX-License-Identifier: Apache-2.0
// Which tiles are fastest for the products of an expression, on this CPU.
#pragma once

#include <vector>

#include "onepass/codegen/product_tuning.h"
#include "onepass/engine/onepass.h"

namespace onepass::tool {

struct TunedProduct {
  codegen::ProductClass product;
  codegen::ProductTile usual, best;  // equal if nothing is faster
  double usual_ns = 0, best_ns = 0;  // of the whole expression
  int candidates = 0;
};

struct TunedProvider {
  ir::ProviderClass product;
  ir::ProviderLead lead;
  double generated_ns = 0, library_ns = 0;  // of the whole expression
  double max_abs_diff = 0;                  // between the results of the two
};

/// Times the candidates of each generated product while the others stay as they are: none where
/// sizes of 1 or ONEPASS_TARGET leave none. InternalError if a candidate changes a bit.
std::vector<TunedProduct> tune(const Value& value, const EvaluateOptions& options);

/// Times the library for each product that it can compute against generated code with `tiles`,
/// while the others stay generated. UserError if there is no library, or no such product.
std::vector<TunedProvider> tune_providers(const Value& value, const EvaluateOptions& options,
                                          const codegen::ProductTuning& tiles);

/// Tiles to try besides `usual`: register tiles, then cuts for the caches.
std::vector<codegen::ProductTile> register_tiles(const codegen::ProductTile& usual, int registers);
std::vector<codegen::ProductTile> cache_blocks(const codegen::ProductTile& usual);

}  // namespace onepass::tool
