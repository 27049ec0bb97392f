// SPDX-License-Identifier: Apache-2.0
#include "binding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agreement.h"

namespace onepass::tool {
namespace {

std::string error(const std::string& text) {
  try {
    parse_binding(text);
  } catch (const UserError& e) {
    return e.what();
  }
  ADD_FAILURE() << text << ": no error";
  return "";
}

Tensor tensor_of(const Names& names, const std::string& name) {
  return evaluate(std::get<Value>(names.at(name)));
}

Names made(const std::vector<std::string>& texts, const FillOptions& options = {}) {
  return materialize(parse_bindings(texts), options);
}

TEST(Binding, ReadsNumbersFilesAndTypes) {
  EXPECT_EQ(std::get<Number>(parse_binding("x=-3").source), Number(int64_t{-3}));
  EXPECT_EQ(std::get<Number>(parse_binding("alpha_1=0.5").source), Number(0.5));
  EXPECT_EQ(std::get<FileSource>(parse_binding("x=a=b.npy").source).path, "a=b.npy");
  const Binding typed = parse_binding("x=i16[ 2, 0,3 ]");
  EXPECT_EQ(std::get<TypeSource>(typed.source).dtype, i16);
  EXPECT_EQ(std::get<TypeSource>(typed.source).shape, (Shape{2, 0, 3}));
  EXPECT_EQ(std::get<TypeSource>(parse_binding("x=f32[]").source).shape, Shape{});
}

TEST(Binding, RefusesWithTheFix) {
  EXPECT_EQ(error("x"),
            "'x' binds nothing; write name=value, as in x=x.npy, x=3.5 or x=f32[128, 512]");
  EXPECT_EQ(error("2x=3"),
            "'2x' cannot be bound; a name is a letter, then letters, digits and underscores");
  EXPECT_EQ(error("=3"),
            "'' cannot be bound; a name is a letter, then letters, digits and underscores");
  EXPECT_EQ(error("f32=3"), "'f32' cannot be bound; it is a word of the language");
  EXPECT_EQ(error("None=3"), "'None' cannot be bound; it is a word of the language");
  EXPECT_EQ(error("x=float[3]"),
            "x=float[3]: 'float' is not a dtype; the dtypes are boolean i8 i16 i32 i64 u8 u16 u32 "
            "u64 f16 bf16 f32 f64");
  EXPECT_EQ(error("x=f32[3, -1]"),
            "x=f32[3, -1]: '-1' is not an extent; extents are whole numbers from 0 on");
  EXPECT_EQ(error("x=f32[3,]"),
            "x=f32[3,]: '' is not an extent; extents are whole numbers from 0 on");
  EXPECT_EQ(error("x=f32[n]"),
            "x=f32[n]: 'n' is not an extent; extents are whole numbers from 0 on");
  EXPECT_EQ(error("x=f32"),
            "x=f32: 'f32' is neither a number, a .npy file nor a dtype with a shape, as in "
            "f32[128, 512]");
  EXPECT_EQ(
      error("x="),
      "x=: '' is neither a number, a .npy file nor a dtype with a shape, as in f32[128, 512]");
}

TEST(Binding, TooManyDimensionsAreRefused) {
  EXPECT_THROW(parse_binding("x=f32[1,1,1,1,1,1,1,1,1]"), UserError);
}

TEST(Binding, ANameIsBoundOnce) {
  const std::vector<std::string> texts = {"x=1", "y=2", "x=3"};
  try {
    parse_bindings(texts);
    FAIL() << "no error";
  } catch (const UserError& e) {
    EXPECT_STREQ(e.what(), "'x' is bound twice");
  }
}

TEST(Binding, RandomDataIsRepeatableAndDependsOnNameAndSeed) {
  const Names names = made({"x=f32[100]", "y=f32[100]"});
  const Names again = made({"y=f32[100]", "x=f32[100]"});
  const Names other = made({"x=f32[100]"}, {.seed = 1});
  EXPECT_EQ(compare(tensor_of(names, "x"), tensor_of(again, "x")).differing, 0);
  EXPECT_GT(compare(tensor_of(names, "x"), tensor_of(names, "y")).differing, 90);
  EXPECT_GT(compare(tensor_of(names, "x"), tensor_of(other, "x")).differing, 90);
}

TEST(Binding, EveryDtypeHasRandomData) {
  for (const DTypeInfo& row : dtype_table) {
    const std::string name(row.name);
    const Tensor x = tensor_of(made({"x=" + name + "[7, 9]"}), "x");
    EXPECT_EQ(to_string(x.dtype()), name);
    EXPECT_EQ(x.shape(), (Shape{7, 9})) << name;
    const std::vector<double> values = x.to_vector<double>();
    EXPECT_NE(std::count(values.begin(), values.end(), values.front()), 63) << name;
  }
}

}  // namespace
}  // namespace onepass::tool
