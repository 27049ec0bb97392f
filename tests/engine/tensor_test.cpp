// SPDX-License-Identifier: Apache-2.0
// Handles: making, sharing, wrapping, reading back.
#include "onepass/engine/tensor.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

#include "error_text.h"
#include "onepass/engine/storage.h"
#include "onepass/runtime/buffer.h"

namespace onepass {
namespace {

int64_t bytes_in_use() { return runtime::pool_statistics().bytes_in_use; }

TEST(Tensor, NestedListsGiveDenseTensors) {
  const Tensor vector{1.5f, 2.f};
  EXPECT_EQ(vector.shape(), Shape({2}));
  EXPECT_EQ(vector.dtype(), f32);
  EXPECT_EQ(vector.to_vector<float>(), (std::vector<float>{1.5f, 2.f}));

  const Tensor matrix = {{1, 2, 3}, {4, 5, 6}};
  EXPECT_EQ(matrix.shape(), Shape({2, 3}));
  EXPECT_EQ(matrix.strides(), Strides({3, 1}));
  EXPECT_EQ(matrix.dtype(), i32);
  EXPECT_EQ(matrix.to_vector<int32_t>(), (std::vector<int32_t>{1, 2, 3, 4, 5, 6}));

  const Tensor cube = {{{1., 2.}, {3., 4.}, {5., 6.}}};
  EXPECT_EQ(cube.shape(), Shape({1, 3, 2}));
  EXPECT_EQ(cube.to_vector<double>(), (std::vector<double>{1, 2, 3, 4, 5, 6}));
}

TEST(Tensor, NestedListsOfOneRowKeepTheirRank) {
  const Tensor row = {{1.f, 2.f}};
  EXPECT_EQ(row.shape(), Shape({1, 2}));
  const Tensor element = {{{7.f}}};
  EXPECT_EQ(element.shape(), Shape({1, 1, 1}));
}

TEST(Tensor, BooleansGoInAndOut) {
  const Tensor vector{true, false, true};
  EXPECT_EQ(vector.dtype(), boolean);
  EXPECT_EQ(vector.to_vector<bool>(), (std::vector<bool>{true, false, true}));
  const Tensor matrix = {{true, false}, {false, true}};
  EXPECT_EQ(matrix.to_vector<bool>(), (std::vector<bool>{true, false, false, true}));
  const Tensor cube = {{{true}, {false}}};
  EXPECT_EQ(cube.to_vector<int32_t>(), (std::vector<int32_t>{1, 0}));
  const std::array<bool, 2> values = {false, true};
  EXPECT_EQ(Tensor::copy_of(std::span<const bool>(values)).to_vector<bool>(),
            (std::vector<bool>{false, true}));
}

TEST(Tensor, RaggedListsAreRefused) {
  EXPECT_EQ(error_text([] { Tensor({{1.f, 2.f}, {3.f}}); }),
            "Tensor: the nested lists have 2 and 1 entries; lists of one level must be equally "
            "long.");
  EXPECT_EQ(error_text([] { Tensor({{{1.f}, {2.f}}, {{3.f}}}); }),
            "Tensor: the nested lists have 2 and 1 entries; lists of one level must be equally "
            "long.");
  EXPECT_EQ(error_text([] { Tensor({{{1.f}, {2.f}}, {{3.f}, {4.f, 5.f}}}); }),
            "Tensor: the nested lists have 1 and 2 entries; lists of one level must be equally "
            "long.");
}

TEST(Tensor, CopyOfCopiesAndHandlesShare) {
  std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const Tensor x = Tensor::copy_of(std::span<const float>(values), {2, 3});
  values[0] = 9;
  EXPECT_EQ(x.data<float>()[0], 1);
  const Tensor shared = x;
  const Tensor copied = Tensor::copy_of(x);
  x.data<float>()[0] = 7;
  EXPECT_EQ(shared.data<float>()[0], 7);
  EXPECT_EQ(copied.data<float>()[0], 1);
}

TEST(Tensor, CopyOfAViewIsDense) {
  const Tensor x = {{1, 2, 3}, {4, 5, 6}};
  const Tensor copy = Tensor::copy_of(x[{all, slice(std::nullopt, std::nullopt, -2)}]);
  EXPECT_EQ(copy.strides(), Strides({2, 1}));
  EXPECT_EQ(copy.to_vector<int32_t>(), (std::vector<int32_t>{3, 1, 6, 4}));
}

TEST(Tensor, CopyOfChecksTheNumberOfValues) {
  const std::vector<float> values(5);
  EXPECT_EQ(error_text([&] { Tensor::copy_of(std::span<const float>(values), {2, 3}); }),
            "copy_of: 5 values for f32[2, 3], which has 6 elements; the numbers must be equal.");
}

TEST(Tensor, ScalarsAndEmptyTensorsAreTensors) {
  const float one[] = {4.f};
  const Tensor scalar = Tensor::copy_of(std::span<const float>(one), {});
  EXPECT_EQ(scalar.rank(), 0);
  EXPECT_EQ(scalar.size(), 1);
  EXPECT_EQ(scalar.item<float>(), 4.f);
  const Tensor none = Tensor::uninitialized({3, 0, 2}, f64);
  EXPECT_EQ(none.size(), 0);
  EXPECT_TRUE(none.is_dense());
  EXPECT_TRUE(none.to_vector<float>().empty());
  EXPECT_EQ(none.header().bytes.begin, none.header().bytes.end);
  EXPECT_EQ(Tensor::copy_of(std::span<const float>()).shape(), Shape({0}));
}

TEST(Tensor, WrapSharesTheCallersMemory) {
  float values[6] = {1, 2, 3, 4, 5, 6};
  const Tensor x = Tensor::wrap(values, {2, 3});
  EXPECT_EQ(x.data<float>(), values);
  EXPECT_FALSE(x.is_read_only());
  values[5] = 60;
  EXPECT_EQ((x[{1, 2}].item<float>()), 60);
  const Tensor reversed = Tensor::wrap(values + 5, {6}, {-1});
  EXPECT_EQ(reversed.to_vector<float>(), (std::vector<float>{60, 5, 4, 3, 2, 1}));
  EXPECT_EQ(reversed.header().bytes.begin, reinterpret_cast<std::byte*>(values));
  EXPECT_EQ(reversed.header().bytes.end, reinterpret_cast<std::byte*>(values + 6));
}

TEST(Tensor, WrapOfConstantsIsReadOnlyAndSoAreItsViews) {
  const float values[4] = {1, 2, 3, 4};
  const Tensor x = Tensor::wrap(values, {4});
  EXPECT_TRUE(x.is_read_only());
  EXPECT_TRUE((x[{slice(1, 3)}].is_read_only()));
  EXPECT_FALSE(Tensor::copy_of(x).is_read_only());
}

TEST(Tensor, ElementsThatStandForSeveralAreReadOnly) {
  float value = 1;
  EXPECT_TRUE(Tensor::wrap(&value, {5}, {0}).is_read_only());
  EXPECT_FALSE(Tensor::wrap(&value, {1}, {0}).is_read_only());
}

TEST(Tensor, WrapRefusesWhatItCannotBe) {
  float values[4] = {};
  EXPECT_EQ(error_text([] { Tensor::wrap(static_cast<float*>(nullptr), {2, 3}); }),
            "wrap: data is null for f32[2, 3]; it must point to the first of 6 elements.");
  EXPECT_EQ(error_text([&] { Tensor::wrap(values, {2, 2}, {1}); }),
            "wrap: shape is [2, 2], strides are [1]; there must be one stride for each extent.");
  EXPECT_EQ(error_text([&] { Tensor::wrap(values, {-1}); }),
            "shape: extent -1 in [-1]; extents must not be negative.");
  EXPECT_EQ(error_text([&] { Tensor::wrap(values, {3, 2}, {INT64_MIN, 1}); }),
            "wrap: strides are [-9223372036854775808, 1] for f32[3, 2]; every element must lie "
            "within 2^63 - 1 bytes of data.");
  auto* const odd = reinterpret_cast<float*>(reinterpret_cast<char*>(values) + 1);
  EXPECT_EQ(error_text([&] { Tensor::wrap(odd, {2}); }),
            "wrap: data is not aligned for f32[2]; its address must be a multiple of 4. Use "
            "copy_of on an aligned copy.");
}

TEST(Tensor, WrapOfNothingMayBeNull) {
  const Tensor x = Tensor::wrap(static_cast<float*>(nullptr), {0, 3});
  EXPECT_EQ(x.size(), 0);
  EXPECT_TRUE((x[{slice(0, 0), slice(std::nullopt, std::nullopt, -1)}].to_vector<float>().empty()));
}

TEST(Tensor, EmptyHandlesAreRefused) {
  const Tensor x;
  EXPECT_FALSE(static_cast<bool>(x));
  const std::string expected = "Tensor: the handle is empty; assign a tensor to it first.";
  EXPECT_EQ(error_text([&] { x.shape(); }), expected);
  EXPECT_EQ(error_text([&] { x.item<float>(); }), expected);
  EXPECT_EQ(error_text([&] { x[{0}]; }), expected);
  EXPECT_EQ(error_text([&] { to_string(x); }), expected);
  EXPECT_EQ(error_text([&] { Tensor::copy_of(x); }), expected);
}

TEST(Tensor, DataChecksTheElementType) {
  const Tensor x{1.f, 2.f, 3.f, 4.f};
  EXPECT_EQ(error_text([&] { x.data<double>(); }),
            "data: tensor is f32[4], asked for f64; the types must be equal. Convert with "
            "astype(x, f64) or to_vector.");
}

TEST(Tensor, ItemNeedsOneElement) {
  EXPECT_EQ(error_text([] { Tensor({1.f, 2.f}).item<float>(); }),
            "item: tensor is f32[2], 2 elements; it must have exactly one.");
  EXPECT_EQ(error_text([] { Tensor::uninitialized({0}, f32).item<float>(); }),
            "item: tensor is f32[0], 0 elements; it must have exactly one.");
  EXPECT_EQ(Tensor({{{2.5}}}).item<float>(), 2.5f);
}

TEST(Tensor, OversizedRequestsFailWithoutLeak) {
  const int64_t before = bytes_in_use();
  EXPECT_EQ(error_text([] { Tensor::uninitialized({int64_t{1} << 62, 4}, f32); }),
            "shape: [4611686018427387904, 4] has more than 2^63 - 1 elements; the number of "
            "elements must fit 63 bits.");
  EXPECT_EQ(error_text([] { Tensor::uninitialized({int64_t{1} << 62}, f32); }),
            "empty: f32[4611686018427387904] has more than 2^63 - 1 bytes; the size in bytes must "
            "fit 63 bits.");
  EXPECT_EQ(error_text<SystemError>([] { Tensor::uninitialized({int64_t{1} << 59}, f32); }),
            "buffer: cannot allocate 2305843009213693952 bytes.");
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(Tensor, MemoryLivesAsLongAsTheLastView) {
  const int64_t before = bytes_in_use();
  Tensor view;
  {
    const Tensor x = Tensor::copy_of(std::span<const int32_t>({1, 2, 3, 4}));
    view = x[{slice(2)}];
  }
  EXPECT_GT(bytes_in_use(), before);
  EXPECT_EQ(view.to_vector<int32_t>(), (std::vector<int32_t>{3, 4}));
  view = Tensor();
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(Tensor, MovesLeaveAnEmptyHandle) {
  Tensor x{1.f};
  const Tensor y = std::move(x);
  EXPECT_FALSE(static_cast<bool>(x));
  EXPECT_EQ(y.item<float>(), 1.f);
  x = y;
  x = *&x;
  EXPECT_EQ(x.item<float>(), 1.f);
}

TEST(Tensor, ConcurrentHandlesFreeTheMemoryOnce) {
  const int64_t before = bytes_in_use();
  {
    Tensor shared{1.f, 2.f, 3.f};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([shared] {
        Tensor kept = shared;
        for (int i = 0; i < 1000; ++i) {
          kept = shared[{slice(i % 3)}];
          const Tensor own = Tensor::copy_of(kept);
          ASSERT_EQ(own.size(), 3 - i % 3);
        }
      });
    }
    shared = Tensor();
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(bytes_in_use(), before);
}

TEST(Tensor, MayBeFreedOnAnotherThreadThanItWasMadeOn) {
  const int64_t before = bytes_in_use();
  std::vector<Tensor> made;
  std::thread([&] {
    for (int i = 0; i < 200; ++i) made.push_back(Tensor{static_cast<float>(i)});
  }).join();
  EXPECT_EQ(made[199].item<float>(), 199.f);
  std::thread([&] { made.clear(); }).join();
  EXPECT_EQ(bytes_in_use(), before);
}

// Destroyed after the thread-local data of the main thread: must neither crash nor leak.
const Tensor outlives_main{1.f, 2.f};

TEST(Tensor, StaticTensorsAreAllowed) { EXPECT_EQ(outlives_main.size(), 2); }

}  // namespace
}  // namespace onepass
