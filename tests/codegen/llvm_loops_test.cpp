// SPDX-License-Identifier: Apache-2.0
// Loop kinds, index values and the reduction tree against scalar models.
#include <bit>
#include <cmath>
#include <limits>

#include "nest_fixture.h"
#include "sample_values.h"

namespace onepass::codegen::testing {
namespace {

using Space = Array::Space;
constexpr ir::OpCode add = ir::OpCode::add;

uint64_t bits_of(float x) { return std::bit_cast<uint32_t>(x); }

TEST(SerialLoop, RunsItsRestOnceForAPartialStep) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i");
    const ArrayId out = t.buffer(i64, true);
    const ValueId whole = t.value(), partial = t.value();
    For serial = loop(LoopKind::serial, i, constant(0), bound(extent()), 4,
                      {IndexValue{whole, i64, variable(i)}, Store{out, variable(i), whole}});
    serial.rest = {IndexValue{partial, i64, variable(i) + 1000}, Store{out, variable(i), partial}};
    t.nest.phases = {{serial}};
    const MachineCode code = compile_nest(t.nest, target);
    for (const int64_t n : {0, 3, 4, 5, 8, 11}) {
      std::vector<int64_t> data(16, -1);
      run(code, {{data.data()}, {n}, {}});
      for (int64_t k = 0; k < 16; ++k) {
        int64_t expected = -1;
        if (k % 4 == 0 && k + 4 <= n) expected = k;
        if (k % 4 == 0 && k < n && k + 4 > n) expected = k + 1000;
        ASSERT_EQ(data[static_cast<size_t>(k)], expected) << "n = " << n << ", element " << k;
      }
    }
  }
}

TEST(SerialLoop, WithoutARestAlsoRunsThePartialStep) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i");
    const ArrayId out = t.buffer(i64, true);
    const ValueId x = t.value();
    t.nest.phases = {{loop(LoopKind::serial, i, constant(2), bound(extent(), constant(9)), 3,
                           {IndexValue{x, i64, variable(i, 10)}, Store{out, variable(i), x}})}};
    std::vector<int64_t> data(16, -1), expected(16, -1);
    run(compile_nest(t.nest, target), {{data.data()}, {100}, {}});
    expected[2] = 20;
    expected[5] = 50;
    expected[8] = 80;
    EXPECT_EQ(data, expected);
  }
}

TEST(UnrolledLoop, IndexesRegistersAndMayStartAtAnOuterVariable) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i"), u = t.variable("u"), w = t.variable("w");
    const VariableId v = t.variable("v");
    const ArrayId out = t.buffer(i64, true), in = t.buffer(i64);
    const ArrayId registers = t.local(Space::registers, i64, 4);
    const ValueId x = t.value(), y = t.value(), z = t.value();
    t.nest.phases = {
        {loop(LoopKind::serial, i, constant(0), bound(extent()), 4,
              {loop(LoopKind::unrolled, u, constant(0), bound(constant(4)), 1,
                    {Load{x, in, variable(i) + variable(u)}, Store{registers, variable(u), x}}),
               loop(LoopKind::unrolled, w, variable(i), bound(variable(i) + 4), 1,
                    {IndexValue{y, i64, variable(w, 2)}, Store{out, variable(w), y}}),
               loop(LoopKind::unrolled, v, constant(0), bound(constant(2)), 1,
                    {Load{z, registers, constant(3) + variable(v, -3)},
                     Store{out, variable(i) + variable(v), z}})})}};
    std::vector<int64_t> source(8), data(8, -1);
    for (size_t k = 0; k < source.size(); ++k) source[k] = 100 + static_cast<int64_t>(k);
    run(compile_nest(t.nest, target), {{data.data(), source.data()}, {8}, {}});
    EXPECT_EQ(data, (std::vector<int64_t>{103, 100, 4, 6, 107, 104, 12, 14}));
  }
}

TEST(SingleVector, IsMaskedUnlessExact) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId j = t.variable("j");
    const ArrayId in = t.buffer(f32), out = t.buffer(f32, true);
    const ValueId x = t.value();
    For vector = loop(LoopKind::vector, j, constant(0), bound(extent()), 16,
                      {Load{x, in, variable(j)}, Store{out, variable(j), x}});
    vector.single = true;
    t.nest.phases = {{vector}};
    const MachineCode masked = compile_nest(t.nest, target);
    std::get<For>(t.nest.phases[0][0]).exact = true;
    const MachineCode whole = compile_nest(t.nest, target);
    for (const int64_t n : {0, 1, 9, 16}) {
      std::vector<float> source(static_cast<size_t>(n), 3.0f), data(17, -1.0f);
      run(masked, {{source.data(), data.data()}, {n}, {}});
      for (int64_t k = 0; k < 17; ++k)
        ASSERT_EQ(data[static_cast<size_t>(k)], k < n ? 3.0f : -1.0f);
    }
    std::vector<float> source(16, 5.0f), data(17, -1.0f);
    run(whole, {{source.data(), data.data()}, {16}, {}});
    for (size_t k = 0; k < 16; ++k) ASSERT_EQ(data[k], 5.0f);
    run(whole, {{nullptr, nullptr}, {0}, {}});
  }
}

TEST(IndexValue, CountsLanesInEveryType) {
  for (const DType dtype : {i8, i32, i64, u16, f32, f64}) {
    for (const Target& target : targets()) {
      TestNest t;
      const VariableId i = t.variable("i"), j = t.variable("j");
      const int step = t.integer();
      const ArrayId out = t.buffer(dtype, true);
      const ValueId x = t.value();
      const Affine place = times_parameter(variable(j), step) + 5;
      t.nest.phases = {
          vector_phase(i, j, 16, {IndexValue{x, dtype, place}, Store{out, variable(j), x}})};
      constexpr int64_t n = 300;
      Bytes data(dtype, n);
      run(compile_nest(t.nest, target), {{data.data()}, {n, -7}, {}});
      visit_dtype(dtype, [&](auto zero) {
        using T = decltype(zero);
        if constexpr (std::is_arithmetic_v<T>) {
          for (int64_t k = 0; k < n; ++k)
            ASSERT_EQ(data.at<T>(k), static_cast<T>(5 - 7 * k)) << to_string(dtype);
        }
      });
    }
  }
}

TEST(Fill, ReplacesMaskedLanesOnly) {
  for (const Target& target : targets()) {
    // acc += in, over a whole vector and a partial one; missing elements count as 1000.
    TestNest t;
    const VariableId j = t.variable("j"), u = t.variable("u");
    const ArrayId in = t.buffer(f32), out = t.buffer(f32, true);
    const ArrayId acc = t.local(Space::registers, f32, 1, 16);
    const ValueId zero = t.value(), identity = t.value(), x = t.value(), filled = t.value();
    const ValueId old = t.value(), sum = t.value(), result = t.value();
    For store = loop(LoopKind::vector, u, constant(0), bound(constant(16)), 16,
                     {Load{result, acc, constant(0)}, Store{out, variable(u), result}});
    store.single = store.exact = true;
    t.nest.phases = {
        {Constant{zero, f32, bits_of(0.0f)}, Constant{identity, f32, bits_of(1000.0f)},
         Store{acc, constant(0), zero},
         loop(LoopKind::vector, j, constant(0), bound(extent()), 16,
              {Load{x, in, variable(j)}, Fill{filled, x, identity}, Load{old, acc, constant(0)},
               Compute{sum, add, f32, {old, filled}, 0}, Store{acc, constant(0), sum}}),
         store}};
    std::vector<float> source(16 + 5), data(16);
    for (size_t k = 0; k < source.size(); ++k) source[k] = static_cast<float>(k);
    run(compile_nest(t.nest, target), {{source.data(), data.data()}, {21}, {}});
    // The store into the register array is masked too: where no lane is active it keeps the sum.
    for (size_t k = 0; k < 16; ++k) {
      const float whole = static_cast<float>(k);
      ASSERT_EQ(data[k], k < 5 ? whole + static_cast<float>(k + 16) : whole);
    }
  }
}

/// Pairwise tree by index, as TreePush and TreeFold define it, on scalars.
class TreeModel {
 public:
  void push(float value) {
    size_t level = 0;
    for (size_t bits = count_++; (bits & 1) != 0; bits >>= 1) value = stack_[level++] + value;
    stack_.resize(std::max(stack_.size(), level + 1));
    stack_[level] = value;
  }
  float fold() const {
    auto level = static_cast<size_t>(std::countr_zero(count_));
    float result = stack_[level];
    for (++level; level < stack_.size(); ++level)
      if ((count_ >> level & 1) != 0) result = stack_[level] + result;
    return result;
  }

 private:
  size_t count_ = 0;
  std::vector<float> stack_;
};

TEST(ReductionTree, CombinesItemsPairwiseByIndexThenLanesByHalving) {
  constexpr int lanes = 16, parts = 2, width = lanes * parts, levels = 8;
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i"), u = t.variable("u"), v = t.variable("v");
    const ArrayId in = t.buffer(f32), out = t.buffer(f32, true);
    const ArrayId acc = t.local(Space::registers, f32, parts, lanes);
    const ArrayId stack = t.local(Space::scratch, f32, levels * width);
    const ValueId x = t.value(), total = t.value();
    For part = loop(LoopKind::vector, v, constant(0), bound(constant(lanes)), lanes,
                    {Load{x, in, variable(i, width) + variable(u, lanes) + variable(v)},
                     Store{acc, variable(u), x}});
    part.single = part.exact = true;
    t.nest.phases = {
        {loop(LoopKind::serial, i, constant(0), bound(extent() / 2), 1,
              {loop(LoopKind::unrolled, u, constant(0), bound(constant(parts)), 1, {part}),
               TreePush{stack, acc, add, f32, variable(i)}}),
         TreeFold{acc, stack, add, f32, extent() / 2}, LaneFold{total, acc, add, f32},
         Store{out, constant(0), total}}};
    const MachineCode code = compile_nest(t.nest, target);
    std::mt19937 random(7);
    std::uniform_real_distribution<float> numbers(-1e3f, 1e3f);
    for (const int64_t items : {1, 2, 3, 5, 8, 13, 31, 64, 100}) {
      std::vector<float> source(static_cast<size_t>(items * width));
      for (float& number : source) number = numbers(random);
      std::vector<TreeModel> models(width);
      for (size_t k = 0; k < source.size(); ++k) models[k % width].push(source[k]);
      std::vector<float> folded;
      for (const TreeModel& model : models) folded.push_back(model.fold());
      for (size_t half = width / 2; half > 0; half /= 2)
        for (size_t lane = 0; lane < half; ++lane) folded[lane] += folded[lane + half];
      float result = 0;
      run(code, {{source.data(), &result}, {2 * items}, {}});
      ASSERT_EQ(bits_of(result), bits_of(folded[0])) << items << " items";
    }
  }
}

/// What a fold of `source` by maximum or minimum gives.
template <class T>
T folded_extreme(const MachineCode& code, std::vector<T> source) {
  T result = 0;
  run(code, {{source.data(), &result}, {static_cast<int64_t>(source.size())}, {}});
  return result;
}

template <class T>
void check_lane_fold(DType dtype, bool largest, int parts, int lanes, const Target& target) {
  TestNest t;
  const VariableId u = t.variable("u"), v = t.variable("v");
  const ArrayId in = t.buffer(dtype), out = t.buffer(dtype, true);
  const ArrayId acc = t.local(Space::registers, dtype, parts, lanes);
  const ValueId x = t.value(), total = t.value();
  const ir::OpCode op = largest ? ir::OpCode::maximum : ir::OpCode::minimum;
  For part = loop(LoopKind::vector, v, constant(0), bound(constant(lanes)), lanes,
                  {Load{x, in, variable(u, lanes) + variable(v)}, Store{acc, variable(u), x}});
  part.single = part.exact = true;
  t.nest.phases = {{loop(LoopKind::unrolled, u, constant(0), bound(constant(parts)), 1, {part}),
                    LaneFold{total, acc, op, dtype}, Store{out, constant(0), total}}};
  const MachineCode code = compile_nest(t.nest, target);
  const auto count = static_cast<size_t>(parts * lanes);
  for (size_t k = 0; k < count; ++k) {
    const std::string where = std::to_string(parts) + " of " + std::to_string(lanes) + " lanes, " +
                              std::to_string(k) + " of them";
    std::vector<T> numbers(count, largest ? T{-3} : T{3});
    numbers[k] = largest ? T{-2} : T{2};
    ASSERT_EQ(folded_extreme(code, numbers), numbers[k]) << where;
    std::vector<T> zeros(count, largest ? T{-0.0} : T{0});
    zeros[k] = -zeros[k];
    const T zero = folded_extreme(code, zeros);
    ASSERT_EQ(zero, T{0}) << where;
    ASSERT_EQ(std::signbit(zero), !largest) << where;
    numbers[k] = std::numeric_limits<T>::quiet_NaN();
    ASSERT_TRUE(std::isnan(folded_extreme(code, numbers))) << where;
    numbers[(k + 1) % count] = -std::numeric_limits<T>::infinity();
    if (count > 1) {
      ASSERT_TRUE(std::isnan(folded_extreme(code, numbers))) << where;
    }
  }
}

TEST(LaneFold, OfExtremesIsNaNWhereverOneStandsAndTellsZerosApart) {
  for (const Target& target : targets()) {
    for (const bool largest : {true, false}) {
      for (const auto& [parts, lanes] : {std::pair{1, 64}, {4, 16}, {8, 8}, {1, 4}, {1, 2}}) {
        check_lane_fold<float>(f32, largest, parts, lanes, target);
        check_lane_fold<double>(f64, largest, parts, lanes, target);
      }
    }
  }
}

TEST(FixedVariable, IsTheSmallestOfItsValues) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i"), e = t.variable("e");
    const ArrayId out = t.buffer(i64, true);
    const ValueId x = t.value();
    For fixed = loop(LoopKind::fixed, e, {}, bound(variable(i) + 2, extent() + -1), 1,
                     {IndexValue{x, i64, variable(e)}, Store{out, variable(i), x}});
    t.nest.phases = {{loop(LoopKind::serial, i, constant(0), bound(extent()), 1, {fixed})}};
    std::vector<int64_t> data(5, -1);
    run(compile_nest(t.nest, target), {{data.data()}, {5}, {}});
    EXPECT_EQ(data, (std::vector<int64_t>{2, 3, 4, 4, 4}));
  }
}

TEST(Phases, RunInOrderOnSharedBuffers) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i"), j = t.variable("j");
    const VariableId k = t.variable("k"), l = t.variable("l");
    const ArrayId in = t.buffer(f32), middle = t.buffer(f32, true), out = t.buffer(f32, true);
    const ValueId a = t.value(), b = t.value(), c = t.value(), d = t.value();
    t.nest.phases = {vector_phase(i, j, 16,
                                  {Load{a, in, variable(j)}, Compute{b, add, f32, {a, a}, 0},
                                   Store{middle, variable(j), b}}),
                     vector_phase(k, l, 16,
                                  {Load{c, middle, variable(l)}, Compute{d, add, f32, {c, c}, 0},
                                   Store{out, variable(l), d}})};
    std::vector<float> source(99, 1.5f), between(99), data(99);
    run(compile_nest(t.nest, target), {{source.data(), between.data(), data.data()}, {99}, {}});
    EXPECT_EQ(between, std::vector<float>(99, 3.0f));
    EXPECT_EQ(data, std::vector<float>(99, 6.0f));
  }
}

}  // namespace
}  // namespace onepass::codegen::testing
