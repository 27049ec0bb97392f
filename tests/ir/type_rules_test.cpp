// SPDX-License-Identifier: Apache-2.0
// Promotion, broadcasting and the shape rules, with the exact texts of their errors.
#include "onepass/ir/type_rules.h"

#include <gtest/gtest.h>

#include "graph_building.h"
#include "onepass/ir/print.h"
#include "onepass/ir/verify.h"

namespace onepass::ir {
namespace {

using enum AttributeKey;

TEST(Promotion, StaysWithinAKind) {
  const DType kinds[][3] = {{i8, i16, i16},  {u8, i8, i16},    {u8, i16, i16},
                            {u16, i8, i32},  {u16, i32, i32},  {u32, i8, i64},
                            {u32, i64, i64}, {i32, i64, i64},  {u8, u64, u64},
                            {f16, f32, f32}, {f16, bf16, f32}, {bf16, f32, f32},
                            {f16, f64, f64}, {f32, f64, f64},  {boolean, boolean, boolean}};
  for (const auto& [a, b, both] : kinds) {
    EXPECT_EQ(promoted(a, b), both) << to_string(a) << " " << to_string(b);
    EXPECT_EQ(promote("add", b, a), both) << to_string(a) << " " << to_string(b);
  }
}

TEST(Promotion, IsSymmetricAndKeepsTheKind) {
  for (int a = 0; a < dtype_count; ++a) {
    for (int b = 0; b < dtype_count; ++b) {
      const auto x = static_cast<DType>(a), y = static_cast<DType>(b);
      const std::optional<DType> both = promoted(x, y);
      EXPECT_EQ(both, promoted(y, x));
      const bool mixes = (is_floating(x) && is_floating(y)) || x == y ||
                         (is_integer(x) && is_integer(y) && !(x == u64 && is_signed_integer(y)) &&
                          !(y == u64 && is_signed_integer(x)));
      EXPECT_EQ(both.has_value(), mixes) << to_string(x) << " " << to_string(y);
    }
  }
}

TEST(Promotion, NamesTheCastThatFixesIt) {
  EXPECT_EQ(user_error([] { promote("add", i32, f32); }),
            "add: x is i32, y is f32; dtypes of different kinds do not mix. Cast one first, for "
            "example astype(x, f32).");
  EXPECT_EQ(user_error([] { promote("add", i64, u64); }),
            "add: x is i64, y is u64; no integer dtype holds both. Cast one first, for example "
            "astype(y, i64).");
}

/// The type of one op on fresh inputs, as text with captured extents; or the error.
class Inference : public testing::Test {
 protected:
  Expr input(DType dtype, const Shape& shape) { return builder_.input("x", dtype, shape); }
  std::string type_of(const Expr& e) {
    return std::string(to_string(builder_.type(e).dtype)) + to_string(builder_.shape(e));
  }
  std::string elementwise(OpCode op, std::initializer_list<Expr> inputs) {
    std::string text;
    const std::string error = user_error([&] { text = type_of(apply(builder_, op, inputs)); });
    return text.empty() ? error : text;
  }
  std::string structural_type(OpCode op, std::initializer_list<Expr> inputs,
                              Attributes attributes) {
    std::string text;
    const std::string error = user_error(
        [&] { text = type_of(structural(builder_, op, inputs, std::move(attributes))); });
    return text.empty() ? error : text;
  }
  Builder builder_;
};

TEST_F(Inference, BroadcastsFromTheRight) {
  const Expr x = input(f32, {2, 1, 4}), y = input(f32, {3, 1}), z = input(f32, {});
  EXPECT_EQ(elementwise(OpCode::add, {x, y}), "f32[2, 3, 4]");
  EXPECT_EQ(elementwise(OpCode::add, {z, y}), "f32[3, 1]");
  EXPECT_EQ(elementwise(OpCode::fma, {x, y, z}), "f32[2, 3, 4]");
  EXPECT_EQ(elementwise(OpCode::add, {input(f32, {0}), input(f32, {1})}), "f32[0]");
  EXPECT_EQ(elementwise(OpCode::add, {input(f32, {3, 4}), input(f32, {5})}),
            "add: x is f32[3, 4], y is f32[5]; shapes must broadcast, but x.shape[-1] = 4 and "
            "y.shape[-1] = 5.");
  EXPECT_EQ(elementwise(OpCode::clip, {input(f32, {3, 4}), z, input(f32, {2, 4})}),
            "clip: x is f32[3, 4], y is f32[], z is f32[2, 4]; shapes must broadcast, but "
            "x.shape[-2] = 3 and z.shape[-2] = 2.");
  EXPECT_EQ(elementwise(OpCode::add, {input(f32, {0}), input(f32, {3})}),
            "add: x is f32[0], y is f32[3]; shapes must broadcast, but x.shape[-1] = 0 and "
            "y.shape[-1] = 3.");
}

TEST_F(Inference, NamesTheDtypeThatAnOpNeeds) {
  const Expr i = input(i32, {4}), b = input(boolean, {4}), x = input(f32, {4});
  EXPECT_EQ(elementwise(OpCode::tanh, {i}),
            "tanh: x is i32[4]; it needs a floating dtype. Cast it first, for example astype(x, "
            "f32).");
  EXPECT_EQ(elementwise(OpCode::divide, {i, i}),
            "divide: x is i32[4], y is i32[4]; it needs a floating dtype. Cast them first, for "
            "example astype(x, f32).");
  EXPECT_EQ(elementwise(OpCode::add, {b, b}),
            "add: x is boolean[4], y is boolean[4]; it needs a numeric dtype. Cast them first, for "
            "example astype(x, f32).");
  EXPECT_EQ(elementwise(OpCode::bitwise_and, {x, x}),
            "bitwise_and: x is f32[4], y is f32[4]; it needs a boolean or integer dtype. Cast them "
            "first, for example astype(x, i32).");
  EXPECT_EQ(elementwise(OpCode::bitwise_left_shift, {b, b}),
            "bitwise_left_shift: x is boolean[4], y is boolean[4]; it needs an integer dtype. Cast "
            "them first, for example astype(x, i32).");
  EXPECT_EQ(elementwise(OpCode::logical_not, {i}),
            "logical_not: x is i32[4]; it needs a boolean dtype. Cast it first, for example "
            "astype(x, boolean).");
  EXPECT_EQ(elementwise(OpCode::where, {i, x, x}),
            "where: x is i32[4], y is f32[4], z is f32[4]; x must be boolean. Compare it first, "
            "for example x != 0.");
  EXPECT_EQ(elementwise(OpCode::add, {i, x}),
            "add: x is i32[4], y is f32[4]; dtypes of different kinds do not mix. Cast one first, "
            "for example with astype(.., f32).");
  EXPECT_EQ(elementwise(OpCode::add, {input(i64, {4}), input(u64, {4})}),
            "add: x is i64[4], y is u64[4]; no integer dtype holds both. Cast the u64 one first, "
            "for example with astype(.., i64).");
}

TEST_F(Inference, GivesTheDtypeOfEachRule) {
  const Expr i = input(i32, {4}), b = input(boolean, {4}), x = input(f32, {4}), h = input(f16, {4});
  EXPECT_EQ(elementwise(OpCode::less, {i, i}), "boolean[4]");
  EXPECT_EQ(elementwise(OpCode::equal, {b, b}), "boolean[4]");
  EXPECT_EQ(elementwise(OpCode::isnan, {x}), "boolean[4]");
  EXPECT_EQ(elementwise(OpCode::where, {b, i, input(i64, {4})}), "i64[4]");
  EXPECT_EQ(elementwise(OpCode::bitwise_invert, {b}), "boolean[4]");
  EXPECT_EQ(elementwise(OpCode::add, {h, x}), "f32[4]");
  EXPECT_EQ(elementwise(OpCode::floor, {i}), "i32[4]");
}

TEST_F(Inference, MultipliesMatricesVectorsAndBatches) {
  const auto matmul = [&](const Shape& a, const Shape& b) {
    return structural_type(OpCode::matmul, {input(f32, a), input(f32, b)}, {});
  };
  EXPECT_EQ(matmul({2, 3}, {3, 4}), "f32[2, 4]");
  EXPECT_EQ(matmul({3}, {3, 4}), "f32[4]");
  EXPECT_EQ(matmul({2, 3}, {3}), "f32[2]");
  EXPECT_EQ(matmul({3}, {3}), "f32[]");
  EXPECT_EQ(matmul({5, 1, 2, 3}, {6, 3, 4}), "f32[5, 6, 2, 4]");
  EXPECT_EQ(matmul({7, 2, 3}, {3}), "f32[7, 2]");
  EXPECT_EQ(matmul({2, 0}, {0, 4}), "f32[2, 4]");
  EXPECT_EQ(matmul({128, 256}, {128, 512}),
            "matmul: lhs is f32[128, 256], rhs is f32[128, 512]; inner dimensions must match, but "
            "lhs.shape[-1] = 256 and rhs.shape[-2] = 128.");
  EXPECT_EQ(matmul({2, 3}, {4}),
            "matmul: lhs is f32[2, 3], rhs is f32[4]; inner dimensions must match, but "
            "lhs.shape[-1] = 3 and rhs.shape[-1] = 4.");
  EXPECT_EQ(matmul({2, 3, 4}, {5, 4, 6}),
            "matmul: lhs is f32[2, 3, 4], rhs is f32[5, 4, 6]; batch dimensions must broadcast, "
            "but lhs.shape[-3] = 2 and rhs.shape[-3] = 5.");
  EXPECT_EQ(matmul({}, {3}),
            "matmul: lhs is f32[], rhs is f32[3]; operands must have at least one dimension. "
            "Multiply by a scalar with *.");
  EXPECT_EQ(structural_type(OpCode::matmul, {input(boolean, {2, 2}), input(boolean, {2, 2})}, {}),
            "matmul: lhs is boolean[2, 2], rhs is boolean[2, 2]; it needs a numeric dtype. Cast "
            "them first, for example astype(lhs, f32).");
  EXPECT_EQ(structural_type(OpCode::matmul, {input(f32, {2, 2}), input(f64, {2, 2})}, {}),
            "f64[2, 2]");
  EXPECT_EQ(structural_type(OpCode::matmul, {input(f32, {2, 2}), input(f32, {2, 2})},
                            with(tile_size, {0})),
            "matmul: lhs is f32[2, 2], rhs is f32[2, 2], tile_size is 0; it must be at least 1.");
}

TEST_F(Inference, SumsOverAnySetOfAxes) {
  const Expr x = input(f32, {2, 3, 4});
  const auto sum = [&](std::vector<int64_t> over, bool keep) {
    Attributes attributes = with(axes, std::move(over));
    attributes.set(keepdims, keep);
    return structural_type(OpCode::sum, {x}, std::move(attributes));
  };
  EXPECT_EQ(sum({1}, false), "f32[2, 4]");
  EXPECT_EQ(sum({-1, 0}, true), "f32[1, 3, 1]");
  EXPECT_EQ(sum({}, false), "f32[2, 3, 4]");
  EXPECT_EQ(structural_type(OpCode::sum, {x}, {}), "f32[]");
  EXPECT_EQ(sum({3}, false), "sum: x is f32[2, 3, 4], axis is 3; it must lie in [-3, 2].");
  EXPECT_EQ(sum({-4}, false), "sum: x is f32[2, 3, 4], axis is -4; it must lie in [-3, 2].");
  EXPECT_EQ(sum({1, -2}, false),
            "sum: x is f32[2, 3, 4], axis 1 appears twice; each may appear once.");
  EXPECT_EQ(structural_type(OpCode::sum, {input(u16, {3})}, {}), "u64[]");
  EXPECT_EQ(structural_type(OpCode::sum, {input(i8, {3})}, {}), "i64[]");
  EXPECT_EQ(structural_type(OpCode::sum, {input(bf16, {3})}, {}), "bf16[]");
}

TEST_F(Inference, ReductionsWidenKeepTestOrCount) {
  const auto type = [&](OpCode op, DType dtype) {
    return structural_type(op, {input(dtype, {3})}, {});
  };
  for (int d = 0; d < dtype_count; ++d) {
    const auto dtype = static_cast<DType>(d);
    const std::string own = std::string(to_string(dtype)) + "[]";
    const std::string wide = is_floating(dtype)           ? own
                             : is_unsigned_integer(dtype) ? "u64[]"
                                                          : "i64[]";
    EXPECT_EQ(type(OpCode::sum, dtype), wide);
    EXPECT_EQ(type(OpCode::prod, dtype), wide);
    EXPECT_EQ(type(OpCode::any, dtype), "boolean[]");
    EXPECT_EQ(type(OpCode::all, dtype), "boolean[]");
    EXPECT_EQ(type(OpCode::count_nonzero, dtype), "i64[]");
    if (dtype == boolean) continue;
    EXPECT_EQ(type(OpCode::argmax, dtype), "i64[]");
    EXPECT_EQ(type(OpCode::max, dtype), own);
    EXPECT_EQ(type(OpCode::min, dtype), own);
  }
  EXPECT_EQ(type(OpCode::max, boolean),
            "max: x is boolean[3]; it needs a numeric dtype. Cast it first, for example astype(x, "
            "i64).");
}

TEST_F(Inference, ExtremesNeedElementsAlongEveryReducedAxis) {
  const auto type = [&](OpCode op, const Shape& shape, std::vector<int64_t> over) {
    return structural_type(op, {input(f32, shape)}, with(axes, std::move(over)));
  };
  EXPECT_EQ(type(OpCode::max, {0, 3}, {1}), "f32[0]");
  EXPECT_EQ(type(OpCode::max, {0, 3}, {0}),
            "max: x is f32[0, 3], axis 0 has no elements; the max of no elements is undefined. "
            "Reduce over axes that have some.");
  EXPECT_EQ(type(OpCode::min, {2, 0}, {0, 1}),
            "min: x is f32[2, 0], axis 1 has no elements; the min of no elements is undefined. "
            "Reduce over axes that have some.");
  for (const OpCode op : {OpCode::sum, OpCode::prod, OpCode::all, OpCode::any}) {
    EXPECT_FALSE(type(op, {0, 3}, {0}).empty());
  }
}

TEST_F(Inference, AnExtremeRequiresElementsOfLaterCallsOnce) {
  const Expr x = input(f32, {2, 3});
  const Expr rows = structural(builder_, OpCode::max, {x}, with(axes, {1}));
  const Expr both = structural(builder_, OpCode::min, {x}, with(axes, {0, 1}));
  const Graph graph = finish(builder_, {rows, both});
  EXPECT_NE(print(graph).find("require m in [1, end], n in [1, end] {"), std::string::npos)
      << print(graph);
}

TEST_F(Inference, ReshapesOnlyBetweenEqualCounts) {
  const Expr x = input(f32, {3, 4});
  const auto reshape = [&](std::initializer_list<int64_t> shape) {
    return structural_type(OpCode::reshape, {x}, with_shape(builder_, shape));
  };
  EXPECT_EQ(reshape({6, 2}), "f32[6, 2]");
  EXPECT_EQ(reshape({-1, 6}), "f32[2, 6]");
  EXPECT_EQ(reshape({-1}), "f32[12]");
  EXPECT_EQ(reshape({1, 12, 1}), "f32[1, 12, 1]");
  EXPECT_EQ(reshape({12, -1}), "f32[12, 1]");
  EXPECT_EQ(reshape({5, 2}),
            "reshape: x is f32[3, 4], the shape is [5, 2]; counts of elements must be equal, but "
            "12 is not 10.");
  EXPECT_EQ(reshape({-1, 5}),
            "reshape: x is f32[3, 4], the shape is [-1, 5]; the extent -1 must follow from the "
            "others, but 12 elements do not divide by 5.");
  EXPECT_EQ(reshape({-1, -1}),
            "reshape: x is f32[3, 4], the shape is [-1, -1]; only one extent may be -1.");
  EXPECT_EQ(reshape({-2, 6}),
            "reshape: x is f32[3, 4], the shape is [-2, 6]; extents must not be negative.");
  EXPECT_EQ(structural_type(OpCode::reshape, {input(f32, {0, 3})}, with_shape(builder_, {5, 0})),
            "f32[5, 0]");
  EXPECT_EQ(user_error([&] { builder_.given_dimensions(std::vector<int64_t>(9, 1)); }),
            "shape: 9 dimensions; at most 8 are supported.");
}

TEST_F(Inference, SlicesLikePython) {
  const Expr x = input(f32, {7});
  const auto slice = [&](int64_t from, int64_t to, int64_t by) {
    Attributes attributes = with(start, {from});
    attributes.set(stop, std::vector<int64_t>{to});
    attributes.set(step, std::vector<int64_t>{by});
    return structural_type(OpCode::slice, {x}, std::move(attributes));
  };
  EXPECT_EQ(slice(1, 5, 1), "f32[4]");
  EXPECT_EQ(slice(-3, runtime::slice_end, 1), "f32[3]");
  EXPECT_EQ(slice(-1, runtime::slice_end, -2), "f32[4]");
  EXPECT_EQ(slice(5, 2, 1), "f32[0]");
  EXPECT_EQ(slice(2, 3, 1), "f32[1]");
  EXPECT_EQ(slice(0, 5, 0), "slice: x is f32[7], step is 0 in dimension 0; a step must not be 0.");
  EXPECT_EQ(structural_type(OpCode::slice, {input(f32, {2, 2})},
                            [] {
                              Attributes a = with(start, {0});
                              a.set(stop, std::vector<int64_t>{1});
                              a.set(step, std::vector<int64_t>{1});
                              return a;
                            }()),
            "slice: x is f32[2, 2], with 1 starts, 1 stops, 1 steps; there must be one of each per "
            "dimension.");
}

TEST_F(Inference, JoinsPermutesGathersAndStretches) {
  const Expr x = input(f32, {2, 3}), y = input(f32, {5, 3}), z = input(f32, {5, 4});
  EXPECT_EQ(structural_type(OpCode::concat, {x, y}, with(axis, {0})), "f32[7, 3]");
  EXPECT_EQ(structural_type(OpCode::concat, {z, y}, with(axis, {-1})), "f32[5, 7]");
  EXPECT_EQ(structural_type(OpCode::concat, {x, y, z}, with(axis, {0})),
            "concat: input 0 is f32[2, 3], input 2 is f32[5, 4]; shapes must be equal except along "
            "axis 0, but their extents 1 are 3 and 4.");
  EXPECT_EQ(structural_type(OpCode::concat, {x, input(f32, {3})}, with(axis, {0})),
            "concat: input 0 is f32[2, 3], input 1 is f32[3]; shapes must be equal except along "
            "axis 0.");
  EXPECT_EQ(structural_type(OpCode::concat, {x, y}, with(axis, {2})),
            "concat: input 0 is f32[2, 3], axis is 2; it must lie in [-2, 1].");
  EXPECT_EQ(structural_type(OpCode::permute_dims, {x}, with(permutation, {-1, 0})), "f32[3, 2]");
  EXPECT_EQ(structural_type(OpCode::permute_dims, {x}, with(permutation, {0, 0})),
            "permute_dims: x is f32[2, 3], the permutation has 2 entries; it must name each of the "
            "2 dimensions once.");
  EXPECT_EQ(structural_type(OpCode::take, {x, input(i32, {4})}, with(axis, {1})), "f32[2, 4]");
  EXPECT_EQ(structural_type(OpCode::take, {x, y}, with(axis, {1})),
            "take: x is f32[2, 3], y is f32[5, 3]; y must be an integer vector.");
  EXPECT_EQ(structural_type(OpCode::broadcast_to, {input(f32, {3})}, with_shape(builder_, {2, 3})),
            "f32[2, 3]");
  EXPECT_EQ(structural_type(OpCode::broadcast_to, {input(f32, {3})}, with_shape(builder_, {4})),
            "broadcast_to: x is f32[3], the shape is [4]; extents must be equal or 1 in x, but "
            "x.shape[-1] = 3 and shape[-1] = 4.");
  EXPECT_EQ(structural_type(OpCode::broadcast_to, {x}, with_shape(builder_, {3})),
            "broadcast_to: x is f32[2, 3], the shape is [3]; the shape must have at least as many "
            "dimensions as x.");
  Attributes count = with_shape(builder_, {2, 6});
  count.set(axis, -1);
  count.set(dtype, static_cast<int64_t>(i64));
  EXPECT_EQ(structural_type(OpCode::iota, {}, count), "i64[2, 6]");
}

TEST_F(Inference, RefusesSizesThatOverflow) {
  const int64_t large = int64_t{1} << 40;
  EXPECT_EQ(structural_type(OpCode::broadcast_to, {input(f32, {1})},
                            with_shape(builder_, {large, large})),
            "shape: [1099511627776, 1099511627776] has more than 2^63 - 1 elements; the number of "
            "elements must fit 63 bits.");
}

}  // namespace
}  // namespace onepass::ir
