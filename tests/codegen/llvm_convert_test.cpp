// SPDX-License-Identifier: Apache-2.0
// Conversions between all element types against those of the interpreter.
#include "nest_fixture.h"
#include "onepass/ir/convert_elements.h"
#include "sample_values.h"

namespace onepass::codegen::testing {
namespace {

constexpr int64_t count = 512 + 5;

void expect_same(DType from, DType to, const Target& target, int lanes) {
  TestNest t;
  const VariableId i = t.variable("i"), j = t.variable("j");
  const ArrayId in = t.buffer(from), out = t.buffer(to, true);
  const ValueId x = t.value(), y = t.value();
  t.nest.phases = {vector_phase(
      i, j, lanes,
      {Load{x, in, variable(j)}, Convert{y, x, from, to}, Store{out, variable(j), y}})};
  Bytes input = sample(from, count, 1);
  Bytes expected(to, count), actual(to, count);
  ir::convert_elements(from, input.data(), to, expected.data(), count);
  run(compile_nest(t.nest, target), {{input.data(), actual.data()}, {count}, {}});
  ASSERT_TRUE(actual.guard_is_intact());
  for (int64_t k = 0; k < count; ++k) {
    ASSERT_TRUE(same_element(to, expected, actual, k))
        << to_string(from) << " to " << to_string(to) << ", " << lanes << " lanes, "
        << to_string(target.instruction_set) << ", of " << bits_text(from, input, k)
        << ": expected " << bits_text(to, expected, k) << ", compiled " << bits_text(to, actual, k);
  }
}

class ConvertFrom : public ::testing::TestWithParam<int> {};

TEST_P(ConvertFrom, RoundsOnceSaturatesAndSendsNanToZero) {
  const auto from = static_cast<DType>(GetParam());
  constexpr int fixed_lanes = 16;
  for (int to = 0; to < dtype_count; ++to) {
    for (const Target& target : targets())
      expect_same(from, static_cast<DType>(to), target, fixed_lanes);
  }
}

TEST_P(ConvertFrom, HasTheSameBitsInOneLane) {
  const auto from = static_cast<DType>(GetParam());
  for (int to = 0; to < dtype_count; ++to)
    expect_same(from, static_cast<DType>(to), targets().back(), 1);
}

INSTANTIATE_TEST_SUITE_P(DTypes, ConvertFrom, ::testing::Range(0, dtype_count),
                         [](const auto& info) {
                           return std::string(to_string(static_cast<DType>(info.param)));
                         });

}  // namespace
}  // namespace onepass::codegen::testing
