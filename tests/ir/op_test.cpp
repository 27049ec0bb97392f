// SPDX-License-Identifier: Apache-2.0
#include "onepass/ir/op.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "onepass/ir/attributes.h"
#include "onepass/ir/composite.h"
#include "onepass/ir/type_rules.h"

namespace onepass::ir {
namespace {

TEST(OpTable, FindsEveryOpByItsName) {
  std::set<std::string_view> names;
  const auto check = [&](OpCode op) {
    EXPECT_EQ(op_from_name(to_string(op)), op);
    EXPECT_TRUE(names.insert(to_string(op)).second) << to_string(op);
    EXPECT_FALSE(info(op).doc.empty()) << to_string(op);
  };
  for (const OpCode op : elementwise_ops()) check(op);
  for (const OpCode op : structural_ops()) check(op);
  for (const OpCode op :
       {OpCode::input, OpCode::scalar, OpCode::constant, OpCode::fused, OpCode::result}) {
    check(op);
  }
  EXPECT_EQ(op_from_name("convolve"), std::nullopt);
  EXPECT_EQ(op_from_name(""), std::nullopt);
}

TEST(OpTable, TellsElementwiseOpsFromOthers) {
  for (const OpCode op : elementwise_ops()) {
    EXPECT_TRUE(is_elementwise(op)) << to_string(op);
    EXPECT_NE(info(op).rule, TypeRule::structural) << to_string(op);
    EXPECT_GE(info(op).arity, 1) << to_string(op);
    EXPECT_LE(info(op).arity, 3) << to_string(op);
  }
  for (const OpCode op : structural_ops()) EXPECT_FALSE(is_elementwise(op)) << to_string(op);
  EXPECT_FALSE(is_elementwise(OpCode::result));
}

TEST(OpTable, HasConsistentColumns) {
  for (const OpCode op : elementwise_ops()) {
    const OpInfo& row = info(op);
    EXPECT_LT(row.low, row.high) << row.name;
    EXPECT_LE(row.ulp_f32, 4) << row.name;
    EXPECT_LE(row.ulp_f64, 4) << row.name;
    EXPECT_FALSE(row.lowering.empty()) << row.name;
    if (row.laws & laws::commutative) {
      EXPECT_EQ(row.arity, 2) << row.name;
    }
    if (row.laws & (laws::odd | laws::even | laws::zero_preserving)) {
      EXPECT_EQ(row.arity, 1) << row.name;
    }
    EXPECT_FALSE((row.laws & laws::odd) && (row.laws & laws::even)) << row.name;
  }
}

TEST(OpTable, NamesTheAttributesOfEachOp) {
  const AttributeRules slice = attribute_rules(OpCode::slice);
  EXPECT_EQ(slice.allowed.size(), 3u);
  EXPECT_EQ(slice.required.size(), 3u);
  EXPECT_TRUE(attribute_rules(OpCode::matmul).required.empty());
  EXPECT_EQ(attribute_rules(OpCode::matmul).allowed.size(), 3u);
  EXPECT_TRUE(attribute_rules(OpCode::add).allowed.empty());
  ASSERT_EQ(attribute_rules(OpCode::pow).allowed.size(), 1u);
  EXPECT_EQ(attribute_rules(OpCode::pow).allowed[0], AttributeKey::exponent);
}

TEST(OpTable, GivesPowOneInputBesideALiteralExponent) {
  Attributes attributes;
  EXPECT_EQ(expected_inputs(OpCode::pow, attributes), 2);
  attributes.set_number(AttributeKey::exponent, 3);
  EXPECT_EQ(expected_inputs(OpCode::pow, attributes), 1);
  EXPECT_EQ(expected_inputs(OpCode::concat, {}), -1);
}

TEST(Attributes, KeepTheirKeysInOrderAndReplaceValues) {
  Attributes a, b;
  a.set(AttributeKey::keepdims, 1);
  a.set(AttributeKey::axes, {0, 2});
  b.set(AttributeKey::axes, std::vector<int64_t>{5});
  b.set(AttributeKey::keepdims, 1);
  EXPECT_NE(a, b);
  b.set(AttributeKey::axes, {0, 2});
  EXPECT_EQ(a, b);
  b.erase(AttributeKey::axes);
  EXPECT_FALSE(b.has(AttributeKey::axes));
  EXPECT_TRUE(b.words(AttributeKey::axes).empty());
  EXPECT_EQ(b.word(AttributeKey::keepdims), 1);
}

TEST(Attributes, StoreEveryNanAsOne) {
  Attributes a, b;
  a.set_number(AttributeKey::value, std::nan("1"));
  b.set_number(AttributeKey::value, -std::nan("2"));
  EXPECT_EQ(a, b);
  a.set_number(AttributeKey::value, 0.0);
  b.set_number(AttributeKey::value, -0.0);
  EXPECT_NE(a, b);
}

TEST(Attributes, AreFoundByName) {
  EXPECT_EQ(attribute_from_name("axes"), AttributeKey::axes);
  EXPECT_EQ(attribute_from_name("axe"), std::nullopt);
}

TEST(CompositeTable, FindsEveryFunctionByItsName) {
  EXPECT_EQ(composites().size(), 9u);
  for (const Composite function : composites()) {
    EXPECT_EQ(composite_from_name(to_string(function)), function);
    EXPECT_EQ(op_from_name(to_string(function)), std::nullopt);
    const std::string_view parameters = info(function).parameters;
    EXPECT_EQ(std::count(parameters.begin(), parameters.end(), ',') + 1, info(function).arity);
  }
  EXPECT_EQ(composite_from_name("swish"), std::nullopt);
}

}  // namespace
}  // namespace onepass::ir
