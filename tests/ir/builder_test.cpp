// SPDX-License-Identifier: Apache-2.0
#include "onepass/ir/builder.h"

#include <gtest/gtest.h>

#include "graph_building.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "onepass/ir/verify.h"

namespace onepass::ir {
namespace {

Expr literal(Builder& b, double value) { return b.weak_scalar(WeakKind::floating, value); }
Expr integer(Builder& b, int64_t value) {
  return b.weak_scalar(WeakKind::integer, static_cast<double>(value), value);
}

std::string printed(Builder& b, std::initializer_list<Expr> outputs) {
  const Graph graph = finish(b, outputs);
  verify(graph);
  return print(graph);
}

TEST(Builder, GivesLiteralsTheDtypeOfTheirPartner) {
  Builder b("g");
  const Expr x = b.input("x", f64, {4}), i = b.input("i", u8, {4}), h = b.input("h", f16, {4});
  const Expr a = apply(b, OpCode::multiply, {x, integer(b, 2)});
  const Expr c = apply(b, OpCode::add, {integer(b, 3), i});
  const Expr d = apply(b, OpCode::multiply, {h, literal(b, 0.1)});
  EXPECT_EQ(printed(b, {a, c, d}),
            "graph g(x: f64[n], i: u8[m], h: f16[k], s0: scalar f64, s1: scalar u8, s2: scalar "
            "f32) where n = 4, m = 4, k = 4 {\n"
            "  %0 = multiply x, s0 : f64[n]\n"
            "  %1 = add s1, i : u8[m]\n"
            "  %2 = multiply h, s2 : f16[k]\n"
            "  return %0, %1, %2\n"
            "}\n");
}

TEST(Builder, KeepsASlotForEveryLiteralInOrder) {
  Builder b("g");
  const Expr unused = literal(b, 1), x = b.input("x", f32, {2}), twice = literal(b, 2);
  const Expr y = b.input("y", f64, {2});
  const Expr first = apply(b, OpCode::add, {x, twice}), second = apply(b, OpCode::add, {y, twice});
  (void)unused;
  // One literal beside two dtypes: the slot is the wider one, the other reader casts.
  EXPECT_EQ(printed(b, {first, second}),
            "graph g(x: f32[n], y: f64[m], s0: scalar f32, s1: scalar f64) where n = 2, m = 2 {\n"
            "  %0 = cast s1 {dtype = f32} : f32[]\n"
            "  %1 = add x, %0 : f32[n]\n"
            "  %2 = add y, s1 : f64[m]\n"
            "  return %1, %2\n"
            "}\n");
}

TEST(Builder, CombinesLiteralsBeforeATensorDecidesTheirDtype) {
  Builder b("g");
  const Expr x = b.input("x", f64, {2});
  const Expr both = apply(b, OpCode::multiply, {integer(b, 2), literal(b, 0.1)});
  EXPECT_EQ(printed(b, {apply(b, OpCode::add, {x, both})}),
            "graph g(x: f64[n], s0: scalar f64, s1: scalar f64) where n = 2 {\n"
            "  %0 = multiply s0, s1 : f64[]\n"
            "  %1 = add x, %0 : f64[n]\n"
            "  return %1\n"
            "}\n");
}

TEST(Builder, EvaluatesLiteralsAloneInTheirDefaultDtype) {
  Builder b("g");
  const Expr sum = apply(b, OpCode::add, {integer(b, 2), integer(b, 3)});
  EXPECT_EQ(b.type(sum).dtype, i64);
  EXPECT_EQ(printed(b, {sum, literal(b, 1.5)}),
            "graph g(s0: scalar i64, s1: scalar i64, s2: scalar f32) {\n"
            "  %0 = add s0, s1 : i64[]\n"
            "  return %0, s2\n"
            "}\n");
}

TEST(Builder, RefusesLiteralsThatDoNotFit) {
  Builder b;
  const Expr u = b.input("u", u8, {4}), i = b.input("i", i32, {4}), p = b.input("p", boolean, {4});
  const auto add = [&](Expr x, Expr y) {
    return user_error([&] { apply(b, OpCode::add, {x, y}); });
  };
  EXPECT_EQ(add(u, integer(b, 300)),
            "add: x is u8[4], y is the literal 300; a literal must lie in the range of u8, 0 to "
            "255. Cast the tensor first, for example astype(x, i64).");
  EXPECT_EQ(add(u, integer(b, -1)),
            "add: x is u8[4], y is the literal -1; a literal must lie in the range of u8, 0 to "
            "255. Cast the tensor first, for example astype(x, i64).");
  EXPECT_EQ(add(i, literal(b, 2.5)),
            "add: x is i32[4], y is the literal 2.5; a floating literal needs a floating tensor. "
            "Cast the tensor first, for example astype(x, f32).");
  EXPECT_EQ(user_error([&] { apply(b, OpCode::equal, {p, integer(b, 1)}); }),
            "equal: x is boolean[4], y is the literal 1; a boolean mixes with booleans only. Cast "
            "the tensor first, for example astype(x, i32).");
  EXPECT_EQ(add(u, integer(b, 255)), "no error");
  EXPECT_EQ(add(i, integer(b, -2147483648LL)), "no error");
}

TEST(Builder, TakesSpecialExponentsAsAttributes) {
  for (const double exponent : {-2.0, -1.0, -0.5, 0.5, 2.0, 3.0, 4.0}) {
    Builder b("g");
    const Graph graph =
        finish(b, {apply(b, OpCode::pow, {b.input("x", f32, {2}), literal(b, exponent)})});
    const Node& pow = graph.node(graph.outputs[0]);
    ASSERT_EQ(pow.inputs.size(), 1u) << exponent;
    EXPECT_EQ(pow.attributes.number(AttributeKey::exponent), exponent);
    EXPECT_EQ(graph.scalars.size(), 1u);
  }
  Builder b("g");
  const Expr x = b.input("x", f32, {2}), i = b.input("i", i32, {2});
  EXPECT_EQ(printed(b, {apply(b, OpCode::pow, {x, literal(b, 2.5)}),
                        apply(b, OpCode::pow, {i, integer(b, 3)}),
                        apply(b, OpCode::pow, {i, integer(b, 5)})}),
            "graph g(x: f32[n], i: i32[m], s0: scalar f32, s1: scalar i64, s2: scalar i32) where n "
            "= 2, m = 2 {\n"
            "  %0 = pow x, s0 : f32[n]\n"
            "  %1 = pow i {exponent = 3} : i32[m]\n"
            "  %2 = pow i, s2 : i32[m]\n"
            "  return %0, %1, %2\n"
            "}\n");
  Builder c;
  const Expr j = c.input("j", i32, {2});
  EXPECT_EQ(user_error([&] { apply(c, OpCode::pow, {j, integer(c, -3)}); }),
            "pow: x is i32[2], y is the literal -3; integers have no negative powers. Cast x "
            "first, for example astype(x, f32).");
}

TEST(Builder, UnifiesExtentsOnlyWhereAnOpRequiresIt) {
  Builder b("g");
  const Expr x = b.input("x", f32, {4, 4}), y = b.input("y", f32, {4}), z = b.input("z", f32, {4});
  EXPECT_EQ(printed(b, {apply(b, OpCode::add, {x, y}), z}),
            "graph g(x: f32[n, m], y: f32[m], z: f32[k]) where n = 4, m = 4, k = 4 {\n"
            "  %0 = add x, y : f32[n, m]\n"
            "  return %0, z\n"
            "}\n");
}

TEST(Builder, RecordsWhatACallMustKeep) {
  Builder b("g");
  const Expr x = b.input("x", f32, {3, 4});
  const Expr y = structural(b, OpCode::reshape, {x}, with_shape(b, {2, -1}));
  const Graph graph = finish(b, {y});
  verify(graph);
  EXPECT_EQ(print(graph),
            "graph g(x: f32[n, m]) where n = 3, m = 4, k = 2 is given(0), p = -1 is given(1), q = "
            "12 is product(n, m), r = 6 is quotient(q, k), t = 12 is product(k, r) require k in "
            "[0, end], p in [-1, -1], q == t {\n"
            "  %0 = reshape x {dimensions = [k, r]} : f32[k, r]\n"
            "  return %0\n"
            "}\n");
  const std::vector<int64_t> same = {3, 4, 2, -1, 12, 6, 12}, other = {5, 4, 2, -1, 20, 10, 20};
  EXPECT_TRUE(facts_hold(graph, same));
  EXPECT_TRUE(facts_hold(graph, other));
  EXPECT_FALSE(facts_hold(graph, std::vector<int64_t>{3, 3, 2, -1, 9, 4, 8}));
  EXPECT_FALSE(facts_hold(graph, std::vector<int64_t>{3, 4, 2, 6, 12, 6, 12}));
}

TEST(Builder, MergesWhatIsDerivedFromExtentsThatBecomeEqual) {
  Builder b("g");
  const Expr x = b.input("x", f32, {7}), y = b.input("y", f32, {7}), z = b.input("z", f32, {3});
  const auto tail = [&](const Expr& e) {
    Attributes attributes = with(AttributeKey::start, {-3});
    attributes.set(AttributeKey::stop, {runtime::slice_end});
    attributes.set(AttributeKey::step, {1});
    return structural(b, OpCode::slice, {e}, attributes);
  };
  // The first tail is as long as z and the second is not known to be, until x and y are equal.
  const Expr first = apply(b, OpCode::add, {z, tail(x)}), second = tail(y);
  const Expr both = apply(b, OpCode::add, {x, y});
  const Graph graph = finish(b, {first, second, both});
  verify(graph);
  EXPECT_EQ(graph.node(graph.outputs[0]).type, graph.node(graph.outputs[1]).type);
  EXPECT_TRUE(parse(print(graph)) == graph);
}

TEST(Builder, TreatsADerivedExtentOfOneAsTheConstant) {
  Builder b("g");
  const Expr x = b.input("x", f32, {5}), y = b.input("y", f32, {3});
  Attributes first = with(AttributeKey::start, {0});
  first.set(AttributeKey::stop, std::vector<int64_t>{1});
  first.set(AttributeKey::step, std::vector<int64_t>{1});
  const Expr head = structural(b, OpCode::slice, {x}, first);
  EXPECT_EQ(printed(b, {apply(b, OpCode::add, {head, y})}),
            "graph g(x: f32[n], y: f32[m]) where n = 5, m = 3, k = 1 is slice_length(n, 0, 1, 1) "
            "require k in [1, 1] {\n"
            "  %0 = slice x {start = [0], stop = [1], step = [1]} : f32[1]\n"
            "  %1 = add %0, y : f32[m]\n"
            "  return %1\n"
            "}\n");
}

TEST(Builder, MakesNamesReadableAndUnique) {
  Builder b("two words");
  const Expr x = b.input("x", f32, {2}), y = b.input("x", f32, {2}), s = b.input("s0", f32, {2});
  const Expr n = b.input("n", f32, {2}), odd = b.input("1-a", f32, {});
  const Graph graph = finish(b, {x, y, s, n, odd});
  verify(graph);
  EXPECT_EQ(graph.name, "two_words");
  EXPECT_EQ(graph.inputs[1].name, "x_1");
  EXPECT_EQ(graph.inputs[2].name, "s0_");
  EXPECT_EQ(graph.inputs[4].name, "_1_a");
  EXPECT_EQ(graph.symbols[0].name, "m");
}

TEST(Builder, IsEmptyAfterFinishing) {
  Builder b("g");
  finish(b, {b.input("x", f32, {2})});
  EXPECT_EQ(printed(b, {b.input("y", f32, {3})}),
            "graph g(y: f32[n]) where n = 3 {\n  return y\n}\n");
}

TEST(Composites, ExpandToTheFormulaAUserWrites) {
  Builder b("g");
  const Expr x = b.input("x", f32, {4});
  const Expr half = apply(b, OpCode::multiply, {b.constant(0.5), x});
  const Expr inner = apply(b, OpCode::multiply, {x, b.constant(0.70710678118654752440)});
  const Expr weight = apply(b, OpCode::add, {b.constant(1), apply(b, OpCode::erf, {inner})});
  const Expr written = apply(b, OpCode::multiply, {half, weight});
  Builder c("g");
  const Graph by_hand = finish(b, {written});
  const Graph by_name = finish(c, {composite(c, Composite::gelu_erf, {c.input("x", f32, {4})})});
  EXPECT_EQ(print(by_hand), print(by_name));
}

TEST(Composites, AcceptWhatTheirFormulaAccepts) {
  for (const Composite function : composites()) {
    if (function == Composite::linear) continue;
    for (const DType dtype : {f32, f64, f16, bf16}) {
      Builder b;
      std::vector<Expr> inputs = {b.input("x", dtype, {3, 4})};
      while (inputs.size() < static_cast<size_t>(info(function).arity)) {
        inputs.push_back(literal(b, 0.25));
      }
      const Expr y = b.composite(function, inputs);
      EXPECT_EQ(b.type(y).dtype, dtype) << to_string(function);
      verify(finish(b, {y}));
    }
  }
  Builder b;
  const Expr i = b.input("i", i32, {4}), p = b.input("p", boolean, {4});
  EXPECT_EQ(b.type(composite(b, Composite::relu, {i})).dtype, i32);
  EXPECT_EQ(user_error([&] { composite(b, Composite::gelu, {i}); }),
            "gelu: x is i32[4]; it needs a floating dtype. Cast it first, for example astype(x, "
            "f32).");
  EXPECT_EQ(user_error([&] { composite(b, Composite::relu, {p}); }),
            "relu: x is boolean[4]; it needs a numeric dtype. Cast it first, for example "
            "astype(x, f32).");
}

TEST(Composites, NestWithoutCopyingTheirOperand) {
  Builder b;
  Expr x = b.input("x", f32, {4});
  constexpr int depth = 50;
  for (int i = 0; i < depth; ++i) x = composite(b, Composite::gelu, {x});
  EXPECT_LT(finish(b, {x}).nodes.size(), 20u * depth);
}

}  // namespace
}  // namespace onepass::ir
