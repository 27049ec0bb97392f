// SPDX-License-Identifier: Apache-2.0
// How a kernel's iteration space reaches the elements of a value inside it: one coordinate per
// dimension of the value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "onepass/ir/row_space.h"

namespace onepass::ir {

/// The spaces of a kernel: that of its results, which includes the rows it reduces (row_space.h),
/// for a reduction over other axes that of the elements it reduces, and for products those of their
/// operands; the last two where elements of the operand are read again and again.
enum class Space : uint8_t { results, reduced, left, right, left_again, right_again };

constexpr bool is_of_operand(Space space) { return space >= Space::left; }

/// The index of a value along one of its dimensions.
struct Coordinate {
  int dimension = -1;   // of the iteration space, extents of 1 left out; -1: fixed
  bool sliced = false;  // moved by slice_first(extent, start, step) and scaled by step
  int64_t start = 0, step = 1;
};

struct AccessMap {
  Space space = Space::results;
  std::vector<Coordinate> coordinates;
};

/// Access maps as small numbers: equal maps have equal numbers.
class AccessMaps {
 public:
  /// Every extent of the value but those of 1 is a dimension of the space.
  int identity(Space space, const Dimensions& dimensions);
  /// The same of a result with one element per row or column of a space.
  int of_rows(const RowSpace& rows, const Dimensions& dimensions);
  const AccessMap& operator[](int map) const { return maps_[static_cast<size_t>(map)]; }

  /// The map of input `index` of `consumer`, whose own map is `map`. Nothing if the consumer needs
  /// it finished, or if two slices would have to be composed. `reduced`: the space of the elements
  /// that a reduction reduces.
  std::optional<int> of_input(const Graph& graph, const Node& consumer, size_t index, int map,
                              Space reduced = Space::reduced);

 private:
  int intern(AccessMap map);
  int aligned(const Dimensions& from, const Dimensions& to, int map);
  int permuted(const Node& consumer, int map);
  int squeezed(const Dimensions& from, const Dimensions& to, int map);
  std::optional<int> sliced(const Node& consumer, int map);

  std::vector<AccessMap> maps_;
  std::unordered_map<std::string, int> numbers_;
};

/// True if a reshape from one to the other only inserts and removes extents of 1.
bool only_moves_ones(const Dimensions& a, const Dimensions& b);

}  // namespace onepass::ir
