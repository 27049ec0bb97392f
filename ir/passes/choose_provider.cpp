// SPDX-License-Identifier: Apache-2.0
// Decides who computes each product. Sizes count only as far as a recorded range says, so that
// modes agree.
#include <algorithm>

#include "onepass/ir/passes/passes.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {
namespace {

/// The extents M, N, K of a product; vectors have M or N of 1.
struct ProductDimensions {
  Dimension m, n, k;
};

ProductDimensions dimensions_of(const Graph& graph, const Node& product) {
  const Dimensions& lhs = graph.node(product.inputs[0]).type.dimensions;
  const Dimensions& rhs = graph.node(product.inputs[1]).type.dimensions;
  return {lhs.rank() == 1 ? one : lhs[lhs.rank() - 2], rhs.rank() == 1 ? one : rhs[rhs.rank() - 1],
          lhs[lhs.rank() - 1]};
}

bool library_multiplies(DType dtype) { return dtype == f32 || dtype == f64; }

void require(Graph& graph, Dimension d, int64_t low, int64_t high) {
  const bool known = std::any_of(graph.validity.begin(), graph.validity.end(), [&](const auto& r) {
    return r.symbol == d && r.low == low && r.high == high;
  });
  if (!known) graph.validity.push_back({d, low, high});
}

Provider choose(Graph& graph, const ProductDimensions& d) {
  if (d.m == one || d.n == one || d.k == one) return Provider::generated;
  if (is_tiny_product(graph.captured_extent(d.m), graph.captured_extent(d.n),
                      graph.captured_extent(d.k))) {
    for (const Dimension extent : {d.m, d.n, d.k}) require(graph, extent, 0, tiny_extent);
    return Provider::generated;
  }
  for (const Dimension extent : {d.m, d.n, d.k}) {
    if (graph.captured_extent(extent) <= tiny_extent) continue;
    require(graph, extent, tiny_extent + 1, INT64_MAX);
    break;
  }
  return Provider::openblas;
}

}  // namespace

bool is_tiny_product(int64_t m, int64_t n, int64_t k) {
  return m <= tiny_extent && n <= tiny_extent && k <= tiny_extent;
}

void choose_provider(Graph& graph, const PassOptions& options) {
  for (Node& node : graph.nodes) {
    if (node.op != OpCode::matmul || node.attributes.has(AttributeKey::provider)) continue;
    Provider provider = Provider::generated;
    const bool open =
        library_multiplies(node.type.dtype) && !node.attributes.has(AttributeKey::tile_size);
    if (open && options.provider) provider = *options.provider;
    if (open && !options.provider) provider = choose(graph, dimensions_of(graph, node));
    node.attributes.set(AttributeKey::provider, static_cast<int64_t>(provider));
  }
}

}  // namespace onepass::ir
