// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/blas.h"

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>
#include <tuple>
#include <vector>

#include "expect_error.h"
#include "onepass/runtime/buffer.h"
#include "onepass/runtime/openblas.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {
namespace {

/// The element at the flat row-major position `i` of a view.
template <class T>
T& at(const ArrayView& view, int64_t i) {
  int64_t offset = 0;
  for (int d = view.rank() - 1; d >= 0; --d) {
    offset += i % view.shape[d] * view.strides[d];
    i /= view.shape[d];
  }
  return view.as<T>()[offset];
}

/// Small integers, whose products every order of summation gets exactly.
template <class T>
void fill_small_integers(const ArrayView& view, int64_t seed) {
  for (int64_t i = 0; i < element_count(view.shape); ++i) {
    at<T>(view, i) = static_cast<T>((i * 7 + seed) % 11 - 5);
  }
}

/// An array of `shape` in memory of its own, larger than needed so that strided views fit.
template <class T>
struct Array {
  std::vector<T> data;
  ArrayView view;
  explicit Array(const Shape& shape) : data(static_cast<size_t>(element_count(shape))) {
    view = dense_view(data.data(), dtype_of<T>, shape);
  }
};

ArrayView transposed(const ArrayView& view) {
  ArrayView result = view;
  const int last = view.rank() - 1;
  std::swap(result.shape[last], result.shape[last - 1]);
  std::swap(result.strides[last], result.strides[last - 1]);
  return result;
}

/// Symbols 0.. are batch, M, N, K.
void multiply(const ArrayView& a, const ArrayView& b, const ArrayView& c,
              const std::vector<int64_t>& extents) {
  LibraryProduct product;
  product.batch_rank = static_cast<int>(extents.size()) - 3;
  for (size_t i = 0; i < extents.size(); ++i) product.extents.push_back(static_cast<int>(i));
  const ProductRequest request{product, a, b, c, extents};
  const Buffer memory(product_bytes(request));
  run_product(request, {memory.data(), static_cast<size_t>(memory.size())});
}

/// Row `i` of a batch element of a broadcast operand, by NumPy's rules.
template <class T>
T operand_at(const ArrayView& view, const Shape& batch, int64_t b, int64_t row, int64_t column) {
  const int lead = view.rank() - 2;
  int64_t offset = row * view.strides[lead] + column * view.strides[lead + 1];
  for (int d = batch.rank() - 1; d >= 0; --d) {
    const int own = d - (batch.rank() - lead);
    if (own >= 0 && view.shape[own] != 1) offset += b % batch[d] * view.strides[own];
    b /= batch[d];
  }
  return view.as<T>()[offset];
}

template <class T>
void expect_product(const ArrayView& a, const ArrayView& b, const ArrayView& c,
                    const std::vector<int64_t>& extents, const std::string& what) {
  fill_small_integers<T>(a, 3);
  fill_small_integers<T>(b, 8);
  for (int64_t i = 0; i < element_count(c.shape); ++i) {
    at<T>(c, i) = std::numeric_limits<T>::quiet_NaN();
  }
  multiply(a, b, c, extents);
  const size_t rank = extents.size() - 3;
  const Shape batch(std::span<const int64_t>{extents.data(), rank});
  const int64_t m = extents[rank], n = extents[rank + 1], k = extents[rank + 2];
  for (int64_t i = 0; i < element_count(c.shape); ++i) {
    T expected = 0;
    for (int64_t p = 0; p < k; ++p) {
      expected += operand_at<T>(a, batch, i / (m * n), i / n % m, p) *
                  operand_at<T>(b, batch, i / (m * n), p, i % n);
    }
    ASSERT_EQ(at<T>(c, i), expected) << what << " at " << i;
  }
}

template <class T>
class Product : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!blas_available()) GTEST_SKIP() << "OpenBLAS is not installed";
  }
};
using ProductTypes = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Product, ProductTypes);

/// The layouts that one matrix of rows x columns is tried in: BLAS takes the first four as they
/// are.
template <class T>
struct Layouts {
  static constexpr int count = 8;
  Array<T> storage;
  ArrayView view;

  Layouts(int kind, int64_t rows, int64_t columns) : storage({3 * rows + 3, 3 * columns + 3}) {
    T* const data = storage.data.data();
    const int64_t pad = 2;
    const Strides strides[count] = {
        {columns, 1},        // dense
        {columns + pad, 1},  // padded rows
        {1, rows},           // dense columns
        {1, rows + pad},     // padded columns
        {2 * columns, 2},    // every second element
        {-columns, 1},       // rows backwards
        {2, 2 * rows + 1},   // columns of every second element
        {columns + 1, -1},   // columns backwards
    };
    view = {reinterpret_cast<std::byte*>(data), dtype_of<T>, {rows, columns}, strides[kind]};
    if (strides[kind][0] < 0) view.data += (rows - 1) * columns * int64_t{sizeof(T)};
    if (strides[kind][1] < 0) view.data += columns * int64_t{sizeof(T)};
  }
};

TYPED_TEST(Product, IsRightForEveryLayoutOfEveryMatrix) {
  using L = Layouts<TypeParam>;
  const int64_t m = 5, n = 4, k = 3;
  for (int i = 0; i < L::count; ++i) {
    for (int j = 0; j < L::count; ++j) {
      for (int l = 0; l < L::count; ++l) {
        L a(i, m, k), b(j, k, n), c(l, m, n);
        expect_product<TypeParam>(
            a.view, b.view, c.view, {m, n, k},
            std::to_string(i) + " " + std::to_string(j) + " " + std::to_string(l));
      }
    }
  }
}

TYPED_TEST(Product, IsRightForEverySmallSizeWithStretchedStrides) {
  for (const int64_t m : {1, 2, 17}) {
    for (const int64_t n : {1, 3, 16}) {
      for (const int64_t k : {1, 2, 33}) {
        Array<TypeParam> a({m, k}), b({k, n}), c({m, n});
        expect_product<TypeParam>(a.view, b.view, c.view, {m, n, k}, "dense");
        Array<TypeParam> row({1, k}), column({k, 1});
        // All rows of A are one row, all columns of B are one column.
        const ArrayView rows = broadcasted(row.view, {m, k});
        const ArrayView columns = broadcasted(column.view, {k, n});
        expect_product<TypeParam>(rows, columns, c.view, {m, n, k}, "stretched");
      }
    }
  }
}

TYPED_TEST(Product, IsCutOverThreadsByRowsOrColumns) {
  for (const int threads : {1, 2, 5}) {
    const ThreadScope scope(threads);
    for (const auto& [m, n, k] : {std::tuple<int64_t, int64_t, int64_t>{301, 130, 97},
                                  {130, 301, 97},
                                  {1, 5000, 300},
                                  {5000, 1, 300}}) {
      Array<TypeParam> a({m, k}), b({k, n}), c({m, n}), d({n, m});
      expect_product<TypeParam>(a.view, b.view, c.view, {m, n, k}, "rows");
      expect_product<TypeParam>(a.view, b.view, transposed(d.view), {m, n, k}, "columns");
    }
  }
}

TYPED_TEST(Product, StretchesAndPermutesBatches) {
  const int64_t m = 3, n = 2, k = 4;
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    Array<TypeParam> a({5, 2, m, k}), one({1, 2, m, k}), b({k, n}), b2({2, k, n}), c({5, 2, m, n});
    expect_product<TypeParam>(a.view, b.view, c.view, {5, 2, m, n, k}, "rhs without batch");
    expect_product<TypeParam>(one.view, b2.view, c.view, {5, 2, m, n, k}, "lhs stretched");
    Array<TypeParam> mixed({2, m, 5, k});
    const ArrayView permuted_batch = permuted(mixed.view, std::vector<int64_t>{2, 0, 1, 3});
    expect_product<TypeParam>(permuted_batch, b2.view, c.view, {5, 2, m, n, k}, "permuted");
    Array<TypeParam> odd({2, k, m, 5});
    const ArrayView strided = permuted(odd.view, std::vector<int64_t>{3, 0, 2, 1});
    expect_product<TypeParam>(strided, b2.view, c.view, {5, 2, m, n, k}, "packed");
  }
}

TYPED_TEST(Product, TakesVectors) {
  Array<TypeParam> a({3, 4}), x({4}), y({3}), z({4}), dot({});
  fill_small_integers<TypeParam>(a.view, 1);
  fill_small_integers<TypeParam>(x.view, 2);
  multiply(a.view, x.view, y.view, {3, 1, 4});
  for (int64_t i = 0; i < 3; ++i) {
    TypeParam expected = 0;
    for (int64_t p = 0; p < 4; ++p) expected += a.data[size_t(i * 4 + p)] * x.data[size_t(p)];
    EXPECT_EQ(y.data[static_cast<size_t>(i)], expected);
  }
  multiply(y.view, a.view, z.view, {1, 4, 3});
  for (int64_t j = 0; j < 4; ++j) {
    TypeParam expected = 0;
    for (int64_t p = 0; p < 3; ++p) expected += y.data[size_t(p)] * a.data[size_t(p * 4 + j)];
    EXPECT_EQ(z.data[static_cast<size_t>(j)], expected);
  }
  multiply(x.view, sliced(x.view, 0, 3, 4, -1), dot.view, {1, 1, 4});
  EXPECT_EQ(dot.data[0], 2 * (x.data[0] * x.data[3] + x.data[1] * x.data[2]));
}

TYPED_TEST(Product, OfNothingIsPositiveZeroAndEmptyResultsAreLeftAlone) {
  Array<TypeParam> a({2, 0}), b({0, 3}), c({2, 6});
  for (TypeParam& value : c.data) value = -1;
  multiply(a.view, b.view, sliced(c.view, 1, 0, 3, 2), {2, 3, 0});
  for (size_t i = 0; i < c.data.size(); ++i) {
    EXPECT_EQ(c.data[i], i % 2 == 0 ? 0 : -1);
    EXPECT_EQ(std::signbit(c.data[i]), i % 2 != 0);
  }
  Array<TypeParam> wide({0, 5}), tall({5, 3}), none({0, 3});
  multiply(wide.view, tall.view, none.view, {0, 3, 5});
  Array<TypeParam> batch({0, 2, 5}), result({0, 2, 3});
  multiply(batch.view, tall.view, result.view, {0, 2, 3, 5});
}

TYPED_TEST(Product, OverwritesWhatWasInTheResult) {
  Array<TypeParam> a({2, 2}), b({2, 2}), c({2, 2});
  c.data.assign(4, std::numeric_limits<TypeParam>::quiet_NaN());
  multiply(a.view, b.view, c.view, {2, 2, 2});
  EXPECT_EQ(c.data, std::vector<TypeParam>(4, 0));
}

TYPED_TEST(Product, ManyThreadsMayMultiplyAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      Array<TypeParam> a({40, 30}), b({30, 50}), c({40, 50});
      std::fill(a.data.begin(), a.data.end(), TypeParam{1});
      std::fill(b.data.begin(), b.data.end(), TypeParam{2});
      for (int round = 0; round < 20; ++round) {
        multiply(a.view, b.view, c.view, {40, 50, 30});
        for (const TypeParam value : c.data) wrong += value != 60;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(OpenBlas, IsNullWhereTheLibraryIsNot) {
  EXPECT_EQ(load_openblas("libonepass-no-such-library.so.0"), nullptr);
  EXPECT_EQ(load_openblas("libm.so.6"), nullptr) << "a library without the functions";
}

TEST(OpenBlas, DescribesItself) {
  if (blas_available()) {
    EXPECT_EQ(blas_description().find("OpenBLAS"), 0u) << blas_description();
    EXPECT_NE(blas_description().find("set to 1 thread (was "), std::string::npos);
  } else {
    EXPECT_EQ(blas_description(), "none (libopenblas.so.0 is not installed)");
  }
}

}  // namespace
}  // namespace onepass::runtime
