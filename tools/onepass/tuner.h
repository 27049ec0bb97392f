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

/// Times the candidates of each generated product while the others stay as they are. UserError if
/// there is none; InternalError if a candidate changes a bit of the result.
std::vector<TunedProduct> tune(const Value& value, const EvaluateOptions& options);

/// Tiles to try besides `usual`: register tiles, then cuts for the caches.
std::vector<codegen::ProductTile> register_tiles(const codegen::ProductTile& usual, int registers);
std::vector<codegen::ProductTile> cache_blocks(const codegen::ProductTile& usual);

}  // namespace onepass::tool
