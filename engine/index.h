// SPDX-License-Identifier: Apache-2.0
// What stands between the brackets of x[{..}], and how functions name axes.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

#include "onepass/runtime/shape.h"
#include "onepass/runtime/symbol.h"

namespace onepass {

/// One entry of an index: a whole dimension, a slice by Python's rules, a single position, or a new
/// axis of extent 1.
struct Index {
  enum class Kind : uint8_t { all, slice, position, newaxis };
  Kind kind = Kind::all;
  int64_t start = 0;  // the position of kind `position`
  int64_t stop = runtime::slice_end;
  int64_t step = 1;

  constexpr Index() = default;
  constexpr Index(Kind k) : kind(k) {}
  template <std::integral T>
  constexpr Index(T position) : kind(Kind::position), start(static_cast<int64_t>(position)) {}
  constexpr Index(Kind k, int64_t first, int64_t last, int64_t by)
      : kind(k), start(first), stop(last), step(by) {}
};

inline constexpr Index newaxis{Index::Kind::newaxis};

/// Elements start, start + step, .. before stop. Negative positions count from the end; without
/// values: to that end.
constexpr Index slice(std::optional<int64_t> start, std::optional<int64_t> stop = std::nullopt,
                      int64_t step = 1) {
  const int64_t first = start ? *start : (step < 0 ? -1 : 0);
  return Index(Index::Kind::slice, first, stop ? *stop : runtime::slice_end, step);
}

/// The axes that a reduction removes: a list, negative ones counted from the end; by default all of
/// them.
class Axes {
 public:
  constexpr Axes() = default;
  constexpr Axes(int axis) : Axes({axis}) {}
  constexpr Axes(std::initializer_list<int> axes)
      : Axes(std::span<const int>(axes.begin(), axes.size())) {}
  constexpr explicit Axes(std::span<const int> axes) : every_(false) {
    for (const int axis : axes) {
      if (count_ < max_rank) axes_[count_] = static_cast<int8_t>(axis);
      ++count_;
    }
  }
  constexpr bool every() const { return every_; }
  constexpr int count() const { return count_; }
  constexpr int operator[](int i) const { return axes_[i]; }

 private:
  int8_t axes_[max_rank] = {};
  int count_ = 0;
  bool every_ = true;
};

/// Reduces over nothing: the result has the shape of the input.
inline constexpr Axes no_axes = Axes(std::initializer_list<int>{});

struct ReductionOptions {
  Axes axis = {};
  bool keepdims = false;
};

/// One axis; it may be left out where there is but one.
struct CumulativeOptions {
  Axes axis = {};
  bool include_initial = false;  // the result begins with that of no elements
};

/// As an index a whole dimension: x[{all, 0}]. As a function the reduction all(x, {.axis = {1}}):
/// engine/structural.h.
struct All : Index {
  constexpr All() : Index(Kind::all) {}
  template <class X>
  auto operator()(X&& x, const ReductionOptions& options = {}) const;
};
inline constexpr All all;

}  // namespace onepass
