// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/npy.h"

#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <vector>

#include "expect_error.h"
#include "onepass/runtime/npy_header.h"
#include "temporary_folder.h"

namespace onepass::runtime {
namespace {

using onepass::testing::expect_error;
using onepass::testing::TemporaryFolder;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The elements of a view in logical order, as bytes.
std::vector<std::byte> bytes_of(const ArrayView& view) {
  std::vector<std::byte> result(
      static_cast<size_t>(element_count(view.shape) * byte_size(view.dtype)));
  copy_elements(view, dense_view(result.data(), view.dtype, view.shape));
  return result;
}

std::vector<std::byte> pattern(DType dtype, int64_t count) {
  std::vector<std::byte> bytes(static_cast<size_t>(count * byte_size(dtype)));
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(dtype == DType::boolean ? i % 2 : i * 37 + 11);
  }
  return bytes;
}

TEST(Npy, GivesBackWhatWasSavedForEveryTypeAndShape) {
  const TemporaryFolder folder;
  for (const DTypeInfo& type : dtype_table) {
    if (type.numpy.empty()) continue;
    const DType dtype = *dtype_from_name(type.name);
    for (const Shape& shape :
         {Shape{}, Shape{1}, Shape{5}, Shape{0}, Shape{3, 0, 2}, Shape{2, 3, 4}}) {
      std::vector<std::byte> bytes = pattern(dtype, element_count(shape));
      const std::string path = folder.file("x.npy");
      save_npy(path, dense_view(bytes.data(), dtype, shape));
      const OwnedArray loaded = load_npy(path);
      EXPECT_EQ(loaded.view.dtype, dtype);
      EXPECT_EQ(loaded.view.shape, shape);
      EXPECT_EQ(bytes_of(loaded.view), bytes) << type.name << to_string(shape);
    }
  }
}

TEST(Npy, SavesStridedArraysInLogicalOrder) {
  const TemporaryFolder folder;
  std::vector<std::byte> bytes = pattern(i32, 24);
  const ArrayView view =
      sliced(permuted(dense_view(bytes.data(), i32, {2, 3, 4}), std::vector<int64_t>{2, 0, 1}), 0,
             3, 2, -2);
  save_npy(folder.file("x.npy"), view);
  const OwnedArray loaded = load_npy(folder.file("x.npy"));
  EXPECT_TRUE(is_dense(loaded.view));
  EXPECT_EQ(bytes_of(loaded.view), bytes_of(view));
  std::vector<std::byte> one = pattern(i32, 1);
  save_npy(folder.file("x.npy"), broadcasted(dense_view(one.data(), i32, {}), {2, 2}));
  EXPECT_EQ(load_npy(folder.file("x.npy")).view.shape, Shape({2, 2}));
}

TEST(Npy, KeepsFortranOrderAsStrides) {
  const TemporaryFolder folder;
  std::vector<std::byte> bytes = pattern(f64, 6);
  const ArrayView fortran =
      permuted(dense_view(bytes.data(), f64, {3, 2}), std::vector<int64_t>{1, 0});
  save_npy(folder.file("x.npy"), fortran);
  EXPECT_NE(read_file(folder.file("x.npy")).find("'fortran_order': True"), std::string::npos);
  const OwnedArray loaded = load_npy(folder.file("x.npy"));
  EXPECT_EQ(loaded.view.shape, Shape({2, 3}));
  EXPECT_EQ(loaded.view.strides, Strides({1, 2}));
  EXPECT_EQ(bytes_of(loaded.view), bytes_of(fortran));
}

TEST(Npy, LoadsDataThatIsNotAlignedInItsFile) {
  const TemporaryFolder folder;
  std::string file("\x93NUMPY\x01\x00", 8);
  const std::string dictionary = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
  ASSERT_NE((dictionary.size() + 10) % 8, 0u);
  file += static_cast<char>(dictionary.size());
  file += '\0';
  const double values[] = {1.5, -2.5};
  file += dictionary + std::string(reinterpret_cast<const char*>(values), sizeof(values));
  folder.write("x.npy", file);
  const OwnedArray loaded = load_npy(folder.file("x.npy"));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(loaded.view.data) % alignof(double), 0u);
  EXPECT_EQ(loaded.view.as<double>()[0], 1.5);
  EXPECT_EQ(loaded.view.as<double>()[1], -2.5);
}

TEST(Npy, WritingALoadedArrayLeavesTheFile) {
  const TemporaryFolder folder;
  std::vector<float> values = {1, 2, 3};
  save_npy(folder.file("x.npy"), dense_view(values.data(), f32, {3}));
  const std::string before = read_file(folder.file("x.npy"));
  const OwnedArray loaded = load_npy(folder.file("x.npy"));
  loaded.view.as<float>()[1] = 99;
  EXPECT_EQ(read_file(folder.file("x.npy")), before);
  EXPECT_EQ(load_npy(folder.file("x.npy")).view.as<float>()[1], 2);
}

TEST(Npy, ALoadedArrayOutlivesItsFileAndItsReplacement) {
  const TemporaryFolder folder;
  std::vector<float> values = {1, 2, 3};
  save_npy(folder.file("x.npy"), dense_view(values.data(), f32, {3}));
  const OwnedArray loaded = load_npy(folder.file("x.npy"));
  save_npy(folder.file("x.npy"), dense_view(values.data(), f32, {1}));
  std::filesystem::remove(folder.file("x.npy"));
  EXPECT_EQ(loaded.view.as<float>()[2], 3);
}

TEST(Npy, AnyByteButZeroIsTrue) {
  const TemporaryFolder folder;
  folder.write("x.npy", make_npy_header(DType::boolean, false, {4}, "x.npy") +
                            std::string("\x00\x01\x02\xFF", 4));
  const OwnedArray loaded = load_npy(folder.file("x.npy"));
  const std::byte expected[] = {std::byte{0}, std::byte{1}, std::byte{1}, std::byte{1}};
  EXPECT_EQ(std::memcmp(loaded.view.data, expected, 4), 0);
}

TEST(Npy, RefusesFilesThatAreShorterOrLongerThanTheySay) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.npy");
  const std::string header = make_npy_header(f32, false, {2, 3}, "x.npy");
  for (const size_t bytes : {0, 1, 23, 25, 48}) {
    folder.write("x.npy", header + std::string(bytes, 'x'));
    expect_error<UserError>("load_npy: '" + path + "' has " + std::to_string(bytes) +
                                " bytes of data; its header says f32[2, 3], which is 24 bytes.",
                            [&] { load_npy(path); });
  }
  folder.write("x.npy", "");
  EXPECT_THROW(load_npy(path), UserError);
}

TEST(Npy, SurvivesEveryPrefixOfAFile) {
  const TemporaryFolder folder;
  std::vector<float> values = {1, 2, 3};
  save_npy(folder.file("whole.npy"), dense_view(values.data(), f32, {3}));
  const std::string whole = read_file(folder.file("whole.npy"));
  for (size_t length = 0; length < whole.size(); ++length) {
    folder.write("part.npy", whole.substr(0, length));
    EXPECT_THROW(load_npy(folder.file("part.npy")), UserError) << length;
  }
}

TEST(Npy, SaysWhyAFileCannotBeRead) {
  const TemporaryFolder folder;
  const std::string missing = folder.file("missing.npy");
  expect_error<SystemError>(
      "load_npy: cannot open '" + missing + "'; the system says: No such file or directory.",
      [&] { load_npy(missing); });
  expect_error<SystemError>(
      "load_npy: cannot read '" + folder.path() + "'; the system says: Is a directory.",
      [&] { load_npy(folder.path()); });
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0600), 0);
  expect_error<SystemError>(
      "load_npy: cannot read '" + folder.file("pipe") + "'; the system says: Invalid argument.",
      [&] { load_npy(folder.file("pipe")); });
}

TEST(Npy, AFailedSaveLeavesNothingBehindAndTheOldFileAlone) {
  const TemporaryFolder folder;
  std::vector<float> values = {1, 2, 3};
  const ArrayView array = dense_view(values.data(), f32, {3});
  const std::string elsewhere = folder.file("no/such/folder/x.npy");
  expect_error<SystemError>(
      "save_npy: cannot write '" + elsewhere + "'; the system says: No such file or directory.",
      [&] { save_npy(elsewhere, array); });
  // A folder in the place of the file: the rename fails after everything was written.
  std::filesystem::create_directories(folder.file("x.npy/inside"));
  EXPECT_THROW(save_npy(folder.file("x.npy"), array), SystemError);
  size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().filename(), "x.npy");
    ++entries;
  }
  EXPECT_EQ(entries, 1u);
}

TEST(Npy, HasNoBfloat16) {
  const TemporaryFolder folder;
  std::vector<std::byte> bytes = pattern(bf16, 2);
  const std::string path = folder.file("x.npy");
  folder.write("x.npy", "old");
  expect_error<UserError>("save_npy: '" + path +
                              "' would hold bf16, which NumPy does not have; save another dtype. "
                              "Write save_npy(path, astype(x, f32)).",
                          [&] { save_npy(path, dense_view(bytes.data(), bf16, {2})); });
  EXPECT_EQ(read_file(path), "old");
}

}  // namespace
}  // namespace onepass::runtime
