// SPDX-License-Identifier: Apache-2.0
// Every row of the op table: compiled lanes, whole and masked, equal the host kernels bit for bit.
#include "nest_fixture.h"
#include "onepass/ir/host_kernels.h"
#include "sample_values.h"

namespace onepass::codegen::testing {
namespace {

// A multiple of no vector: the end is computed in masked lanes.
constexpr int64_t count = 1024 + 13;

bool is_boolean_result(ir::OpCode op) {
  const ir::TypeRule rule = ir::info(op).rule;
  return rule == ir::TypeRule::equality || rule == ir::TypeRule::ordering ||
         rule == ir::TypeRule::boolean;
}

DType operand_dtype(ir::OpCode op, DType dtype, int position) {
  return ir::info(op).rule == ir::TypeRule::select && position == 0 ? boolean : dtype;
}

/// One vector loop that computes `op`; `exponent` makes it pow of one operand.
LoopNest op_nest(ir::OpCode op, DType dtype, int lanes, double exponent) {
  TestNest t;
  const VariableId i = t.variable("i"), j = t.variable("j");
  const int arity = exponent == 0 ? ir::info(op).arity : 1;
  std::vector<Statement> body;
  std::vector<ValueId> operands;
  for (int k = 0; k < arity; ++k) {
    operands.push_back(t.value());
    body.push_back(Load{operands.back(), t.buffer(operand_dtype(op, dtype, k)), variable(j)});
  }
  const ValueId result = t.value();
  body.push_back(Compute{result, op, dtype, operands, exponent});
  const ArrayId out = t.buffer(is_boolean_result(op) ? boolean : dtype, true);
  body.push_back(Store{out, variable(j), result});
  t.nest.phases = {vector_phase(i, j, lanes, body)};
  return t.nest;
}

void expect_same(ir::OpCode op, DType dtype, const Target& target, ir::HostKernel host,
                 double exponent) {
  const int arity = exponent == 0 ? ir::info(op).arity : 1;
  const DType result = is_boolean_result(op) ? boolean : dtype;
  std::vector<Bytes> inputs;
  std::vector<const void*> pointers;
  Call call{{}, {count}, {}};
  for (int k = 0; k < arity; ++k)
    inputs.push_back(sample(operand_dtype(op, dtype, k), count, static_cast<uint64_t>(3 * k * k)));
  for (Bytes& input : inputs) {
    pointers.push_back(input.data());
    call.buffers.push_back(input.data());
  }
  Bytes expected(result, count), actual(result, count);
  host(pointers.data(), expected.data(), count);
  call.buffers.push_back(actual.data());
  const int lanes = target.lanes(byte_size(dtype));
  run(compile_nest(op_nest(op, dtype, lanes, exponent), target), call);
  ASSERT_TRUE(actual.guard_is_intact());
  for (int64_t i = 0; i < count; ++i) {
    ASSERT_TRUE(same_element(result, expected, actual, i))
        << ir::to_string(op) << " on " << to_string(dtype) << " for "
        << to_string(target.instruction_set) << ", element " << i << " of "
        << bits_text(operand_dtype(op, dtype, 0), inputs[0], i)
        << (arity > 1 ? " and " + bits_text(dtype, inputs[1], i) : "") << ": host "
        << bits_text(result, expected, i) << ", compiled " << bits_text(result, actual, i);
  }
}

class OpRow : public ::testing::TestWithParam<ir::OpCode> {};

TEST_P(OpRow, HasTheBitsOfTheHostKernels) {
  for (const ir::Accuracy accuracy : {ir::Accuracy::strict}) {
    for (int d = 0; d < dtype_count; ++d) {
      const auto dtype = static_cast<DType>(d);
      const ir::HostKernel host = ir::host_kernel(GetParam(), dtype, accuracy);
      if (host == nullptr) continue;
      for (const Target& target : targets()) expect_same(GetParam(), dtype, target, host, 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, OpRow,
                         ::testing::ValuesIn(ir::elementwise_ops().begin(),
                                             ir::elementwise_ops().end()),
                         [](const auto& info) { return std::string(ir::to_string(info.param)); });

TEST(PowOfALiteral, HasTheBitsOfTheHostKernels) {
  for (const double exponent : {-2.0, -1.0, -0.5, 0.5, 2.0, 3.0, 4.0}) {
    for (const DType dtype : {f32, f64}) {
      for (const Target& target : targets()) {
        expect_same(ir::OpCode::pow, dtype, target, ir::host_pow_kernel(exponent, dtype), exponent);
      }
    }
  }
}

}  // namespace
}  // namespace onepass::codegen::testing
