// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/npy_header.h"

#include <cstring>
#include <memory>

#include "expect_error.h"

namespace onepass::runtime {
namespace {

using onepass::testing::expect_error;

/// A file's beginning with `dictionary` under a prologue of the given version.
std::string file_with(const std::string& dictionary, int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
    bytes += static_cast<char>(dictionary.size() >> (8 * i) & 0xFF);
  }
  return bytes + dictionary;
}

/// Parses from memory of exactly this size, so that a sanitizer sees any byte read beyond it.
NpyHeader parse(const std::string& bytes) {
  const auto exact = std::make_unique<std::byte[]>(bytes.size());
  std::memcpy(exact.get(), bytes.data(), bytes.size());
  return parse_npy_header({exact.get(), bytes.size()}, "x.npy");
}

NpyHeader parse_dictionary(const std::string& dictionary) { return parse(file_with(dictionary)); }

const std::string plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n";

TEST(NpyHeader, ReadsAllVersions) {
  for (const int version : {1, 2, 3}) {
    const NpyHeader header = parse(file_with(plain, version));
    EXPECT_EQ(header.dtype, f32);
    EXPECT_FALSE(header.fortran_order);
    EXPECT_EQ(header.shape, Shape({3, 4}));
    EXPECT_EQ(header.data_bytes, 48);
    EXPECT_EQ(header.data_offset, static_cast<int64_t>(plain.size() + (version == 1 ? 10 : 12)));
  }
}

TEST(NpyHeader, ReadsEveryTypeThatNumPyHas) {
  for (const DTypeInfo& type : dtype_table) {
    if (type.numpy.empty()) continue;
    const std::string descriptor(type.numpy);
    const NpyHeader header =
        parse_dictionary("{'descr': '" + descriptor + "', 'fortran_order': True, 'shape': (), }\n");
    EXPECT_EQ(info(header.dtype).name, type.name);
    EXPECT_TRUE(header.fortran_order);
    EXPECT_EQ(header.data_bytes, type.bytes);
  }
}

TEST(NpyHeader, TakesAnyWayToWriteTheDictionary) {
  const NpyHeader header =
      parse_dictionary("  {\"shape\" :( 2L,3L ,) ,'fortran_order':True,\t'descr' :\"=i8\"}   \n");
  EXPECT_EQ(header.shape, Shape({2, 3}));
  EXPECT_EQ(header.dtype, i64);
  EXPECT_TRUE(header.fortran_order);
  EXPECT_EQ(parse_dictionary("{'descr': '<b1', 'fortran_order': False, 'shape': (5,), }").shape,
            Shape({5}));
}

TEST(NpyHeader, RefusesBigEndianWithTheCure) {
  expect_error<UserError>(
      "load_npy: 'x.npy' holds big-endian numbers ('>f4'); only little-endian files can be loaded. "
      "Convert it in Python: a.astype('<f4').",
      [] { parse_dictionary("{'descr': '>f4', 'fortran_order': False, 'shape': (3,), }"); });
}

TEST(NpyHeader, RefusesTypesThatAreNotOurs) {
  for (const std::string type :
       {"<c8", "|O", "<U5", "<M8[ns]", "|V4", "<f16", "<i3", "|f4", "", "f"}) {
    expect_error<UserError>(
        "load_npy: 'x.npy' holds elements of type '" + type +
            "'; there is no such element type here.",
        [&] {
          parse_dictionary("{'descr': '" + type + "', 'fortran_order': False, 'shape': (3,), }");
        });
  }
  expect_error<UserError>(
      "load_npy: 'x.npy' holds structures; only arrays of plain numbers and booleans can be "
      "loaded.",
      [] {
        parse_dictionary("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }");
      });
}

TEST(NpyHeader, RefusesWhatIsNoHeader) {
  expect_error<UserError>(
      "load_npy: 'x.npy' is not a .npy file: it does not begin with the bytes \\x93NUMPY and a "
      "version.",
      [] { parse("PK\x03\x04 an archive"); });
  expect_error<UserError>(
      "load_npy: 'x.npy' has .npy version 4.0; versions 1.0, 2.0 and 3.0 can be loaded.",
      [] { parse(file_with(plain, 4)); });
  expect_error<UserError>("load_npy: 'x.npy' ends inside its header.",
                          [] { parse(file_with(plain).substr(0, 40)); });
}

TEST(NpyHeader, RefusesSizesThatCannotBe) {
  const auto with_shape = [](const std::string& shape) {
    return "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }";
  };
  expect_error<UserError>(
      "load_npy: 'x.npy' claims shape [4611686018427387904, 2]; its size in bytes must fit 63 "
      "bits.",
      [&] { parse_dictionary(with_shape("(4611686018427387904, 2)")); });
  expect_error<UserError>(
      "load_npy: 'x.npy' has a malformed header: an extent beyond 63 bits at byte 69 of the "
      "dictionary.",
      [&] { parse_dictionary(with_shape("(9223372036854775808,)")); });
  expect_error<UserError>("load_npy: 'x.npy' has more than 8 dimensions; at most 8 are supported.",
                          [&] { parse_dictionary(with_shape("(1, 1, 1, 1, 1, 1, 1, 1, 1)")); });
  EXPECT_EQ(parse_dictionary(with_shape("(0, 4611686018427387904, 4)")).data_bytes, 0);
}

TEST(NpyHeader, RefusesMalformedDictionaries) {
  for (const std::string dictionary :
       {"", "{", "{}", "[]", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 3}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}", "{'descr': '<f4"}) {
    EXPECT_THROW(parse_dictionary(dictionary), UserError) << dictionary;
  }
}

/// A corrupted header either is another valid one or a UserError; never anything else.
void expect_tolerated(const std::string& bytes) {
  try {
    const NpyHeader header = parse(bytes);
    EXPECT_GE(header.data_bytes, 0);
    EXPECT_LE(header.data_offset, static_cast<int64_t>(bytes.size()));
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()).find("load_npy: 'x.npy' "), 0u) << error.what();
  }
}

TEST(NpyHeader, SurvivesEveryPrefix) {
  const std::string valid = make_npy_header(f64, false, {12, 345, 6}, "x.npy");
  for (size_t length = 0; length < valid.size(); ++length) {
    EXPECT_THROW(parse(valid.substr(0, length)), UserError) << length;
  }
  EXPECT_EQ(parse(valid).shape, Shape({12, 345, 6}));
}

TEST(NpyHeader, SurvivesEveryCorruptionOfOneByte) {
  for (const int version : {1, 2}) {
    const std::string valid = file_with(plain, version);
    for (size_t at = 0; at < valid.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        std::string corrupted = valid;
        corrupted[at] = static_cast<char>(value);
        expect_tolerated(corrupted);
      }
    }
  }
}

TEST(NpyHeader, IsWrittenAsNumPyWritesIt) {
  const auto text = [](DType dtype, bool fortran, const Shape& shape) {
    const std::string header = make_npy_header(dtype, fortran, shape, "x.npy");
    EXPECT_EQ(header.size() % 64, 0u);
    EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    EXPECT_EQ(header.back(), '\n');
    return header.substr(10, header.find('}') - 9);
  };
  EXPECT_EQ(text(f32, false, {3, 4}),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
  EXPECT_EQ(text(boolean, true, {3}), "{'descr': '|b1', 'fortran_order': True, 'shape': (3,), }");
  EXPECT_EQ(text(u8, false, {}), "{'descr': '|u1', 'fortran_order': False, 'shape': (), }");
  EXPECT_EQ(text(f16, false, {0, 2}),
            "{'descr': '<f2', 'fortran_order': False, 'shape': (0, 2), }");
}

TEST(NpyHeader, IsReadAsItWasWritten) {
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{0}, Shape{1, 2, 3, 4, 5, 6, 7, 8}}) {
    for (const bool fortran : {false, true}) {
      const NpyHeader header = parse(make_npy_header(i16, fortran, shape, "x.npy"));
      EXPECT_EQ(header.shape, shape);
      EXPECT_EQ(header.fortran_order, fortran);
      EXPECT_EQ(header.dtype, i16);
      EXPECT_EQ(header.data_bytes, 2 * element_count(shape));
    }
  }
}

}  // namespace
}  // namespace onepass::runtime
