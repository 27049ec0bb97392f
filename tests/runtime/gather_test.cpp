// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/gather.h"

#include <numeric>
#include <vector>

#include "expect_error.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {
namespace {

using Values = std::vector<int32_t>;

Values counted(int64_t count) {
  Values values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

template <class Index>
Values take(const Shape& shape, int axis, std::vector<Index> indices) {
  Values source = counted(element_count(shape));
  Shape taken = shape;
  taken[axis] = static_cast<int64_t>(indices.size());
  Values result(static_cast<size_t>(element_count(taken)), -1);
  const ArrayView from = dense_view(source.data(), i32, shape);
  const ArrayView chosen =
      dense_view(indices.data(), dtype_of<Index>, {static_cast<int64_t>(indices.size())});
  check_indices(from, chosen, axis);
  gather(from, chosen, dense_view(result.data(), i32, taken), axis);
  return result;
}

template <class Index>
class GatherIndex : public ::testing::Test {};
using IndexTypes =
    ::testing::Types<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(GatherIndex, IndexTypes);

TYPED_TEST(GatherIndex, ChoosesSlicesOfAnyDimension) {
  using I = TypeParam;
  EXPECT_EQ((take<I>({4}, 0, {3, 0, 3})), (Values{3, 0, 3}));
  EXPECT_EQ((take<I>({3, 2}, 0, {2, 0})), (Values{4, 5, 0, 1}));
  EXPECT_EQ((take<I>({2, 3}, 1, {2, 2, 1, 0})), (Values{2, 2, 1, 0, 5, 5, 4, 3}));
  EXPECT_EQ((take<I>({2, 3}, 1, {})), Values());
  EXPECT_EQ((take<I>({0, 3}, 1, {1})), Values());
}

TEST(Gather, CountsNegativeIndicesFromTheEnd) {
  EXPECT_EQ((take<int64_t>({4}, 0, {-1, -4})), (Values{3, 0}));
  EXPECT_EQ((take<int8_t>({2, 2}, 0, {-2})), (Values{0, 1}));
}

TEST(Gather, CutsLongWorkOverThreads) {
  const int64_t n = 100000;
  std::vector<int64_t> reversed(static_cast<size_t>(n));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  Values expected = counted(n);
  std::reverse(expected.begin(), expected.end());
  for (const int threads : {1, 2, 5}) {
    const ThreadScope scope(threads);
    EXPECT_EQ(take<int64_t>({n}, 0, reversed), expected);
  }
}

TEST(CheckIndices, RefuseWhatIsOutsideAndNameIt) {
  onepass::testing::expect_error<UserError>(
      "take: index 5 at position 1, but axis 1 of i32[2, 5] has 5 elements; indices must lie in "
      "[-5, 5).",
      [] { take<int64_t>({2, 5}, 1, {0, 5}); });
  onepass::testing::expect_error<UserError>(
      "take: index -6 at position 0, but axis 1 of i32[2, 5] has 5 elements; indices must lie in "
      "[-5, 5).",
      [] { take<int8_t>({2, 5}, 1, {-6}); });
  onepass::testing::expect_error<UserError>(
      "take: index 18446744073709551615 at position 0, but axis 0 of i32[4] has 4 elements; "
      "indices must lie in [-4, 4).",
      [] { take<uint64_t>({4}, 0, {UINT64_MAX}); });
  onepass::testing::expect_error<UserError>(
      "take: index 0 at position 0, but axis 0 of i32[0] has 0 elements; an empty axis has none to "
      "take.",
      [] { take<int32_t>({0}, 0, {0}); });
}

}  // namespace
}  // namespace onepass::runtime
