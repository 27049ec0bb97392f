// SPDX-License-Identifier: Apache-2.0
// Views composed with broadcasting, permutation, slicing and extents of 1 that come and go.
#include "onepass/codegen/view.h"

#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

using ir::AttributeKey;
using ir::OpCode;

/// Dimensions align on the right; an extent of 1 does not move.
View through_broadcast(const ir::Dimensions& input, const View& view) {
  View result(static_cast<size_t>(input.rank()));
  const size_t shift = view.size() - result.size();
  for (size_t d = 0; d < result.size(); ++d) {
    if (input[static_cast<int>(d)] != ir::one) result[d] = view[d + shift];
  }
  return result;
}

View through_permutation(const ir::Node& node, const View& view) {
  View result(view.size());
  const auto permutation = node.attributes.words(AttributeKey::permutation);
  for (size_t d = 0; d < view.size(); ++d) result[static_cast<size_t>(permutation[d])] = view[d];
  return result;
}

View through_slice(const ir::Node& node, const ir::Dimensions& input, const View& view) {
  const auto start = node.attributes.words(AttributeKey::start);
  const auto stop = node.attributes.words(AttributeKey::stop);
  const auto step = node.attributes.words(AttributeKey::step);
  View result = view;
  for (size_t d = 0; d < view.size(); ++d) {
    const ir::Dimension extent = input[static_cast<int>(d)];
    if (extent == ir::one) {
      result[d] = {};
      continue;
    }
    const bool whole = start[d] == 0 && stop[d] == runtime::slice_end && step[d] == 1;
    if (whole) continue;
    // The step of a slice with one element may be huge and is then not used: it may wrap.
    const auto scaled = [&](int64_t x) {
      return static_cast<int64_t>(static_cast<uint64_t>(x) * static_cast<uint64_t>(step[d]));
    };
    result[d].step = scaled(view[d].step);
    for (auto& offset : result[d].offsets) offset.scale = scaled(offset.scale);
    result[d].offsets.push_back({0, start[d], step[d], extent, 1});
  }
  return result;
}

/// Extents other than 1 keep their order.
View through_reshape(const ir::Dimensions& input, const ir::Dimensions& output, const View& view) {
  View result(static_cast<size_t>(input.rank()));
  int from = 0;
  for (int d = 0; d < input.rank(); ++d) {
    if (input[d] == ir::one) continue;
    while (from < output.rank() && output[from] == ir::one) ++from;
    internal_check(from < output.rank() && output[from] == input[d],
                   "a reshape inside a kernel moves elements");
    result[static_cast<size_t>(d)] = view[static_cast<size_t>(from++)];
  }
  return result;
}

}  // namespace

View view_through(const ir::Graph& body, const ir::Node& node, ir::NodeId input, const View& view) {
  const ir::Dimensions& dimensions = body.node(input).type.dimensions;
  switch (node.op) {
    case OpCode::permute_dims:
      return through_permutation(node, view);
    case OpCode::slice:
      return through_slice(node, dimensions, view);
    case OpCode::reshape:
      return through_reshape(dimensions, node.type.dimensions, view);
    default:
      return through_broadcast(dimensions, view);
  }
}

}  // namespace onepass::codegen
