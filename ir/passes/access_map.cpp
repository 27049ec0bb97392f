// SPDX-License-Identifier: Apache-2.0
// Views as maps of coordinates.
#include "onepass/ir/passes/access_map.h"

#include "onepass/ir/cumulative.h"
#include "onepass/ir/passes/product_operands.h"
#include "onepass/ir/reduction.h"

namespace onepass::ir {
namespace {

bool is_full_slice(int64_t start, int64_t stop, int64_t step) {
  return start == 0 && step == 1 && stop == runtime::slice_end;
}

std::string bytes_of(const AccessMap& map) {
  std::string bytes(1, static_cast<char>(map.space));
  for (const Coordinate& c : map.coordinates) {
    const int64_t words[] = {c.dimension, c.sliced, c.start, c.step};
    bytes.append(reinterpret_cast<const char*>(words), sizeof words);
  }
  return bytes;
}

}  // namespace

bool only_moves_ones(const Dimensions& a, const Dimensions& b) {
  int i = 0, j = 0;
  while (true) {
    while (i < a.rank() && a[i] == one) ++i;
    while (j < b.rank() && b[j] == one) ++j;
    if (i == a.rank() || j == b.rank()) return i == a.rank() && j == b.rank();
    if (a[i++] != b[j++]) return false;
  }
}

int AccessMaps::intern(AccessMap map) {
  const auto [place, is_new] = numbers_.emplace(bytes_of(map), static_cast<int>(maps_.size()));
  if (is_new) maps_.push_back(std::move(map));
  return place->second;
}

int AccessMaps::identity(Space space, const Dimensions& dimensions) {
  AccessMap map;
  map.space = space;
  int moving = 0;
  for (const Dimension d : dimensions) {
    map.coordinates.push_back({.dimension = d == one ? -1 : moving++});
  }
  return intern(std::move(map));
}

int AccessMaps::of_rows(const RowSpace& rows, const Dimensions& dimensions) {
  AccessMap map;
  int extent = 0;
  for (const Dimension d : dimensions) {
    while (d != one && rows.reduces(extent)) ++extent;
    map.coordinates.push_back({.dimension = d == one ? -1 : extent++});
  }
  return intern(std::move(map));
}

/// Broadcasting: dimensions meet on the right.
int AccessMaps::aligned(const Dimensions& from, const Dimensions& to, int map) {
  AccessMap result;
  result.space = (*this)[map].space;
  const int offset = from.rank() - to.rank();
  for (int d = 0; d < to.rank(); ++d) {
    result.coordinates.push_back(
        to[d] == one ? Coordinate{} : (*this)[map].coordinates[static_cast<size_t>(d + offset)]);
  }
  return intern(std::move(result));
}

int AccessMaps::permuted(const Node& consumer, int map) {
  AccessMap result = (*this)[map];
  const auto permutation = consumer.attributes.words(AttributeKey::permutation);
  for (size_t i = 0; i < permutation.size(); ++i) {
    result.coordinates[static_cast<size_t>(permutation[i])] = (*this)[map].coordinates[i];
  }
  return intern(std::move(result));
}

int AccessMaps::squeezed(const Dimensions& from, const Dimensions& to, int map) {
  AccessMap result;
  result.space = (*this)[map].space;
  int source = 0;
  for (int d = 0; d < to.rank(); ++d) {
    if (to[d] == one) {
      result.coordinates.push_back({});
      continue;
    }
    while (from[source] == one) ++source;
    result.coordinates.push_back((*this)[map].coordinates[static_cast<size_t>(source++)]);
  }
  return intern(std::move(result));
}

std::optional<int> AccessMaps::sliced(const Node& consumer, int map) {
  using enum AttributeKey;
  AccessMap result = (*this)[map];
  for (size_t d = 0; d < result.coordinates.size(); ++d) {
    const int64_t first = consumer.attributes.words(start)[d];
    const int64_t last = consumer.attributes.words(stop)[d];
    const int64_t by = consumer.attributes.words(step)[d];
    Coordinate& c = result.coordinates[d];
    if (is_full_slice(first, last, by)) continue;
    if (c.sliced) return std::nullopt;
    if (first == 0 && by == 1) continue;
    c.sliced = true;
    c.start = first;
    c.step = by;
  }
  return intern(std::move(result));
}

std::optional<int> AccessMaps::of_input(const Graph& graph, const Node& consumer, size_t index,
                                        int map, Space reduced) {
  const Dimensions& from = consumer.type.dimensions;
  const Dimensions& to = graph.node(consumer.inputs[index]).type.dimensions;
  switch (consumer.op) {
    case OpCode::permute_dims:
      return permuted(consumer, map);
    case OpCode::slice:
      return sliced(consumer, map);
    case OpCode::reshape:
      return squeezed(from, to, map);
    default:
      break;
  }
  if (is_reduction(consumer.op)) return identity(reduced, to);
  if (consumer.op == OpCode::matmul) {
    const bool again = is_read_again(graph, consumer, index);
    const Space left = again ? Space::left_again : Space::left;
    const Space right = again ? Space::right_again : Space::right;
    return identity(index == 0 ? left : right, to);
  }
  const bool moves_nothing = is_elementwise(consumer.op) || is_cumulative(consumer.op) ||
                             consumer.op == OpCode::cast || consumer.op == OpCode::broadcast_to;
  if (!moves_nothing) return std::nullopt;
  return from == to ? map : aligned(from, to, map);
}

}  // namespace onepass::ir
