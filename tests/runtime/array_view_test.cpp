// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/array_view.h"

#include <cstring>
#include <numeric>
#include <vector>

#include "expect_error.h"

namespace onepass::runtime {
namespace {

std::vector<int32_t> counted(int64_t count) {
  std::vector<int32_t> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

/// The elements of a view in logical order.
std::vector<int32_t> elements(const ArrayView& view) {
  std::vector<int32_t> result;
  for (int64_t i = 0; i < element_count(view.shape); ++i) {
    int64_t rest = i;
    int64_t offset = 0;
    for (int d = view.rank() - 1; d >= 0; --d) {
      offset += rest % view.shape[d] * view.strides[d];
      rest /= view.shape[d];
    }
    result.push_back(view.as<int32_t>()[offset]);
  }
  return result;
}

using Values = std::vector<int32_t>;

TEST(ArrayView, PermutesSlicesAndStretchesWithoutACopy) {
  Values data = counted(6);
  const ArrayView view = dense_view(data.data(), i32, {2, 3});
  EXPECT_EQ(elements(permuted(view, std::vector<int64_t>{1, 0})), (Values{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(elements(sliced(view, 1, 2, 2, -2)), (Values{2, 0, 5, 3}));
  EXPECT_EQ(elements(sliced(view, 0, 1, 1, 1)), (Values{3, 4, 5}));
  EXPECT_EQ(elements(sliced(view, 0, 0, 0, 5)), Values());
  EXPECT_EQ(elements(broadcasted(sliced(view, 1, 1, 1, 1), {2, 2, 2})),
            (Values{1, 1, 4, 4, 1, 1, 4, 4}));
  EXPECT_EQ(elements(broadcasted(dense_view(data.data() + 5, i32, {}), {3})), (Values{5, 5, 5}));
}

TEST(ArrayView, BroadcastsAnExtentOfOneToNothing) {
  Values data = {7};
  const ArrayView view = broadcasted(dense_view(data.data(), i32, {1}), {0});
  EXPECT_EQ(view.shape, Shape({0}));
  EXPECT_EQ(view.strides, Strides({0}));
}

TEST(ArrayView, RefusesToBroadcastUnequalExtents) {
  Values data = counted(6);
  const ArrayView view = dense_view(data.data(), i32, {2, 3});
  onepass::testing::expect_error<UserError>(
      "broadcast_to: shape is [2, 3], target is [2, 4]; each extent, counted from the right, must "
      "be equal or 1.",
      [&] { broadcasted(view, {2, 4}); });
  onepass::testing::expect_error<UserError>(
      "broadcast_to: shape is [2, 3], target is [3]; each extent, counted from the right, must be "
      "equal or 1.",
      [&] { broadcasted(view, {3}); });
}

TEST(IsDense, LooksOnlyAtStridesThatMatter) {
  Values data = counted(24);
  const ArrayView view = dense_view(data.data(), i32, {2, 3, 4});
  EXPECT_TRUE(is_dense(view));
  EXPECT_TRUE(is_dense(sliced(view, 0, 1, 1, 1)));
  EXPECT_FALSE(is_dense(sliced(view, 1, 0, 2, 1)));
  EXPECT_FALSE(is_dense(sliced(view, 2, 0, 2, 2)));
  EXPECT_FALSE(is_dense(permuted(view, std::vector<int64_t>{0, 2, 1})));
  EXPECT_TRUE(is_dense(sliced(permuted(view, std::vector<int64_t>{0, 2, 1}), 2, 0, 0, 1)));
  EXPECT_TRUE(is_dense(ArrayView{nullptr, i32, {1, 1}, {17, -5}}));
  EXPECT_TRUE(is_dense(ArrayView{nullptr, i32, {}, {}}));
  EXPECT_FALSE(is_dense(ArrayView{nullptr, i32, {2}, {0}}));
}

TEST(TouchedBytes, SpanFromTheLowestToTheHighestElement) {
  std::vector<int32_t> data = counted(12);
  const auto* const base = reinterpret_cast<const std::byte*>(data.data());
  const ArrayView view = dense_view(data.data(), i32, {3, 4});
  const auto range_of = [&](const ArrayView& v) {
    const ByteRange range = touched_bytes(v);
    return std::pair(range.begin - base, range.end - base);
  };
  EXPECT_EQ(range_of(view), std::pair(ptrdiff_t{0}, ptrdiff_t{48}));
  EXPECT_EQ(range_of(sliced(view, 0, 2, 3, -1)), std::pair(ptrdiff_t{0}, ptrdiff_t{48}));
  EXPECT_EQ(range_of(sliced(view, 1, 1, 2, 2)), std::pair(ptrdiff_t{4}, ptrdiff_t{48}));
  EXPECT_EQ(range_of(sliced(sliced(view, 1, 1, 1, 1), 0, 1, 1, 1)),
            std::pair(ptrdiff_t{20}, ptrdiff_t{24}));
  EXPECT_EQ(touched_bytes(sliced(view, 0, 0, 0, 1)).begin, nullptr);
  EXPECT_EQ(touched_bytes(sliced(view, 0, 0, 0, 1)).end, nullptr);
  EXPECT_EQ(touched_bytes(dense_view(nullptr, f32, {3, 4})).end, nullptr) << "a layout alone";
}

/// Copies a byte pattern through a transposed, reversed, offset layout and back, element by element
/// compared.
void expect_copy_keeps_elements(DType dtype) {
  const int64_t bytes = byte_size(dtype);
  const Shape shape = {3, 4, 5};
  std::vector<std::byte> source(static_cast<size_t>(60 * bytes));
  for (size_t i = 0; i < source.size(); ++i) source[i] = static_cast<std::byte>(i * 7 + 1);
  std::vector<std::byte> middle(static_cast<size_t>(2 * 60 * bytes));
  std::vector<std::byte> back(source.size());
  const ArrayView from = dense_view(source.data(), dtype, shape);
  ArrayView through = dense_view(middle.data(), dtype, {5, 3, 8});
  through = sliced(permuted(through, std::vector<int64_t>{1, 2, 0}), 1, 7, 4, -2);
  copy_elements(from, through);
  copy_elements(through, dense_view(back.data(), dtype, shape));
  EXPECT_EQ(source, back) << to_string(dtype);
  EXPECT_EQ(std::memcmp(through.data, source.data(), static_cast<size_t>(bytes)), 0);
}

TEST(CopyElements, KeepsEveryElementOfEveryTypeInAnyLayout) {
  for (int i = 0; i < dtype_count; ++i) expect_copy_keeps_elements(static_cast<DType>(i));
}

TEST(CopyElements, RepeatsABroadcastSource) {
  Values row = counted(3);
  Values target(6, -1);
  copy_elements(broadcasted(dense_view(row.data(), i32, {3}), {2, 3}),
                dense_view(target.data(), i32, {2, 3}));
  EXPECT_EQ(target, (Values{0, 1, 2, 0, 1, 2}));
}

TEST(CopyElements, CopiesAScalarAndNothing) {
  Values source = {5};
  Values target = {0};
  copy_elements(dense_view(source.data(), i32, {0, 4}), dense_view(target.data(), i32, {0, 4}));
  EXPECT_EQ(target[0], 0);
  copy_elements(dense_view(source.data(), i32, {}), dense_view(target.data(), i32, {}));
  EXPECT_EQ(target[0], 5);
}

}  // namespace
}  // namespace onepass::runtime
