// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/symbol.h"

#include <vector>

#include "expect_error.h"

namespace onepass::runtime {
namespace {

using onepass::testing::expect_error;

/// The indices of start:stop:step in the words of Python's reference: i = start + k step, first
/// clamped.
std::vector<int64_t> python_slice(int64_t extent, int64_t start, int64_t stop, int64_t step) {
  const int64_t low = step > 0 ? 0 : -1;
  const int64_t high = step > 0 ? extent : extent - 1;
  const auto place = [&](int64_t bound) {
    if (bound < 0) bound += extent;
    if (bound < low) return low;
    return bound > high ? high : bound;
  };
  std::vector<int64_t> indices;
  const int64_t end = stop == slice_end ? (step > 0 ? extent : -1) : place(stop);
  for (int64_t i = place(start); step > 0 ? i < end : i > end; i += step) indices.push_back(i);
  return indices;
}

TEST(Slice, FollowsPythonForEverySmallCase) {
  std::vector<int64_t> bounds = {slice_end, INT64_MIN, INT64_MAX - 1};
  for (int64_t b = -7; b <= 7; ++b) bounds.push_back(b);
  for (int64_t extent = 0; extent <= 5; ++extent) {
    for (const int64_t start : bounds) {
      for (const int64_t stop : bounds) {
        for (const int64_t step : {-7, -3, -2, -1, 1, 2, 3, 7}) {
          const auto expected = python_slice(extent, start, stop, step);
          const int64_t length = slice_length(extent, start, stop, step);
          ASSERT_EQ(length, static_cast<int64_t>(expected.size()))
              << extent << " [" << start << ":" << stop << ":" << step << "]";
          if (expected.empty()) continue;
          ASSERT_EQ(slice_first(extent, start, step), expected[0])
              << extent << " [" << start << ":" << stop << ":" << step << "]";
        }
      }
    }
  }
}

TEST(Slice, SurvivesTheLargestNumbers) {
  EXPECT_EQ(slice_length(INT64_MAX, 0, slice_end, 1), INT64_MAX);
  EXPECT_EQ(slice_length(INT64_MAX, slice_end, slice_end, -1), INT64_MAX);
  EXPECT_EQ(slice_length(10, 0, slice_end, INT64_MAX), 1);
  EXPECT_EQ(slice_length(10, slice_end, slice_end, INT64_MIN), 1);
  EXPECT_EQ(slice_first(10, slice_end, INT64_MIN), 9);
}

TEST(Slice, RefusesStepZero) {
  expect_error<UserError>("slice: step is 0; the step must not be 0.",
                          [] { slice_length(3, 0, 3, 0); });
  expect_error<UserError>("slice: step is 0; the step must not be 0.",
                          [] { slice_first(3, 0, 0); });
}

Symbol symbol(Symbol::Kind kind, std::vector<int> terms, int input = 0, int dimension = 0) {
  Symbol result;
  result.kind = kind;
  result.terms = std::move(terms);
  result.input = input;
  result.dimension = dimension;
  return result;
}

std::vector<int64_t> resolve(const std::vector<Symbol>& symbols, const std::vector<Shape>& shapes,
                             const std::vector<int64_t>& given = {}) {
  std::vector<int64_t> values(symbols.size(), -99);
  resolve_symbols(symbols, shapes, given, values);
  return values;
}

TEST(ResolveSymbols, EveryKindFollowsFromEarlierOnes) {
  Symbol slice = symbol(Symbol::Kind::slice_length, {0});
  slice.start = 1;
  slice.stop = slice_end;
  slice.step = 2;
  const std::vector<Symbol> symbols = {
      symbol(Symbol::Kind::input_extent, {}, 1, 0), symbol(Symbol::Kind::given, {}, 1),
      symbol(Symbol::Kind::sum, {0, 1, -1}),        symbol(Symbol::Kind::product, {0, 1, -1}),
      symbol(Symbol::Kind::quotient, {3, 1}),       slice,
  };
  EXPECT_EQ(resolve(symbols, {{3}, {10, 4}}, {7, 6}), (std::vector<int64_t>{10, 6, 17, 60, 10, 5}));
}

TEST(ResolveSymbols, AnEmptyProductIsEmptyHoweverLargeTheRest) {
  const std::vector<Symbol> symbols = {
      symbol(Symbol::Kind::given, {}, 0),
      symbol(Symbol::Kind::given, {}, 1),
      symbol(Symbol::Kind::product, {0, 0, 1}),
  };
  EXPECT_EQ(resolve(symbols, {}, {INT64_MAX, 0})[2], 0);
  expect_error<UserError>("reshape: too many elements; the number of elements must fit 63 bits.",
                          [&] { resolve(symbols, {}, {INT64_MAX, 1}); });
}

TEST(ResolveSymbols, RefusesWhatHasNoAnswer) {
  const std::vector<Symbol> quotient = {
      symbol(Symbol::Kind::given, {}, 0),
      symbol(Symbol::Kind::given, {}, 1),
      symbol(Symbol::Kind::quotient, {0, 1}),
  };
  expect_error<UserError>(
      "reshape: 10 elements, 3 in the extents that are given; the extent -1 must follow from them "
      "without a rest.",
      [&] { resolve(quotient, {}, {10, 3}); });
  expect_error<UserError>(
      "reshape: 0 elements, 0 in the extents that are given; the extent -1 must follow from them "
      "without a rest.",
      [&] { resolve(quotient, {}, {0, 0}); });
  const std::vector<Symbol> sum = {symbol(Symbol::Kind::given, {}, 0),
                                   symbol(Symbol::Kind::sum, {0, 0})};
  expect_error<UserError>("concat: the joined extent is too large; it must fit 63 bits.",
                          [&] { resolve(sum, {}, {INT64_MAX}); });
}

}  // namespace
}  // namespace onepass::runtime
