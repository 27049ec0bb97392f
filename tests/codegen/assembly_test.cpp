// SPDX-License-Identifier: Apache-2.0
// What the machine code must look like: full vectors, no calls, fused multiply-adds only where
// asked for.
#include <sstream>

#include "nest_fixture.h"

namespace onepass::codegen::testing {
namespace {

using Op = ir::OpCode;

/// out = formula(inputs), where each step computes an op on earlier values; the inputs are values 0
/// to inputs - 1.
struct Step {
  Op op;
  std::vector<ValueId> operands;
};

LoopNest map_nest(DType dtype, int inputs, const std::vector<Step>& steps, int lanes) {
  TestNest t;
  const VariableId i = t.variable("i"), j = t.variable("j");
  std::vector<Statement> body;
  for (int k = 0; k < inputs; ++k) body.push_back(Load{t.value(), t.buffer(dtype), variable(j)});
  ValueId last = inputs - 1;
  for (const Step& step : steps) {
    last = t.value();
    body.push_back(Compute{last, step.op, dtype, step.operands, 0});
  }
  body.push_back(Store{t.buffer(dtype, true), variable(j), last});
  t.nest.phases = {vector_phase(i, j, lanes, body)};
  return t.nest;
}

std::string assembly(const LoopNest& nest, InstructionSet set) {
  return code_text(nest, Target{set}).assembly;
}

/// Lines whose instruction starts with `mnemonic` and that contain `operand`.
int count_lines(const std::string& text, const std::string& mnemonic,
                const std::string& operand = "") {
  int lines = 0;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const bool matches = line.rfind("\t" + mnemonic, 0) == 0;
    if (matches && line.find(operand) != std::string::npos) ++lines;
  }
  return lines;
}

constexpr InstructionSet v3 = InstructionSet::x86_64_v3;
constexpr InstructionSet v4 = InstructionSet::x86_64_v4;

const std::vector<Step> multiply_add = {{Op::multiply, {0, 1}}, {Op::add, {3, 2}}};

TEST(Assembly, OfATargetAloneIsTunedForItsInstructionSet) {
  const LoopNest nest = map_nest(f32, 3, multiply_add, 8);
  const std::string generic = R"("tune-cpu"="x86-64-v3")";
  EXPECT_NE(code_text(nest, {v3}).llvm_ir.find(generic), std::string::npos);
  EXPECT_EQ(code_text(nest, {v3, true}).llvm_ir.find(generic), std::string::npos);
}

TEST(Assembly, OfAMapUsesFullVectorsAndNoCall) {
  const std::string wide = assembly(map_nest(f32, 3, multiply_add, 16), v4);
  EXPECT_GE(count_lines(wide, "vmovups", "zmm"), 2);
  EXPECT_GE(count_lines(wide, "vmulps", "zmm"), 1);
  EXPECT_EQ(count_lines(wide, "call"), 0);
  const std::string narrow = assembly(map_nest(f32, 3, multiply_add, 8), v3);
  EXPECT_GE(count_lines(narrow, "vmulps", "ymm"), 1);
  EXPECT_EQ(narrow.find("zmm"), std::string::npos);
  EXPECT_EQ(count_lines(narrow, "call"), 0);
}

TEST(Assembly, MultipliesAndAddsSeparatelyUnlessFmaIsAskedFor) {
  for (const InstructionSet set : {v3, v4}) {
    const std::string separate = assembly(map_nest(f32, 3, multiply_add, 16), set);
    EXPECT_EQ(count_lines(separate, "vfm"), 0);
    const std::string fused = assembly(map_nest(f32, 3, {{Op::fma, {0, 1, 2}}}, 16), set);
    EXPECT_GE(count_lines(fused, "vfmadd"), 1);
    EXPECT_EQ(count_lines(fused, "vmulps"), 0);
  }
}

TEST(Assembly, OfATailIsMasked) {
  const std::string wide = assembly(map_nest(f32, 3, multiply_add, 16), v4);
  EXPECT_GE(count_lines(wide, "vmovups", "{k"), 4);
  const std::string narrow = assembly(map_nest(f32, 3, multiply_add, 8), v3);
  EXPECT_EQ(count_lines(narrow, "vmaskmovps"), 4);
  // No scalar remainder loop.
  EXPECT_EQ(count_lines(wide, "vaddss") + count_lines(narrow, "vaddss"), 0);
}

TEST(Assembly, OfExpDividesAndCallsNothing) {
  for (const DType dtype : {f32, f64}) {
    for (const InstructionSet set : {v3, v4}) {
      const Target target{set};
      const std::string text =
          assembly(map_nest(dtype, 1, {{Op::exp, {0}}}, target.lanes(byte_size(dtype))), set);
      EXPECT_EQ(count_lines(text, "call"), 0);
      EXPECT_EQ(count_lines(text, "vdiv"), 0);
      EXPECT_GE(count_lines(text, "vfm"), 2 * 4);
    }
  }
}

TEST(Assembly, OfExtremesTakesFewInstructionsAndNoBranch) {
  for (const Op op : {Op::maximum, Op::minimum}) {
    const std::string wide = assembly(map_nest(f32, 2, {{op, {0, 1}}}, 16), v4);
    EXPECT_EQ(count_lines(wide, "vrangeps"), 2);  // of whole vectors and of the tail
    EXPECT_EQ(count_lines(wide, "vcmpunordps"), 2);
    EXPECT_EQ(count_lines(wide, "vcmpeqps") + count_lines(wide, "vand"), 0);
    const std::string narrow = assembly(map_nest(f32, 2, {{op, {0, 1}}}, 8), v3);
    EXPECT_EQ(count_lines(narrow, op == Op::maximum ? "vmaxps" : "vminps"), 2 * 2);
    EXPECT_EQ(count_lines(narrow, "vcmpunordps"), 2);
    EXPECT_EQ(count_lines(narrow, "vblendv"), 0);
  }
}

/// Calls of functions that the text does not define.
int foreign_calls(const std::string& text) {
  std::istringstream lines(text);
  int calls = 0;
  for (std::string line; std::getline(lines, line);) {
    const size_t call = line.find("\tcall\t");
    if (call == std::string::npos) continue;
    const std::string label = "\n" + line.substr(call + 6) + ":\n";
    calls += text.find(label) == std::string::npos;
  }
  return calls;
}

TEST(Assembly, CallsNothingOutsideOfItsKernelForAnyRow) {
  for (const Op op : ir::elementwise_ops()) {
    if (ir::info(op).rule != ir::TypeRule::float_like) continue;
    std::vector<ValueId> operands;
    for (int k = 0; k < ir::info(op).arity; ++k) operands.push_back(k);
    for (const InstructionSet set : {v3, v4}) {
      const std::string text =
          assembly(map_nest(f32, ir::info(op).arity, {{op, operands}}, 16), set);
      EXPECT_EQ(foreign_calls(text), 0) << ir::to_string(op);
    }
  }
}

TEST(Assembly, HoldsWhatIsSeldomNeededOnce) {
  for (const InstructionSet set : {v3, v4}) {
    const Target target{set};
    const std::string text =
        assembly(map_nest(f32, 1, {{Op::sin, {0}}}, target.lanes(byte_size(f32))), set);
    const std::string label = "\nsin_of_huge_angle_f32x";
    EXPECT_NE(text.find(label), std::string::npos);
    EXPECT_EQ(text.find(label), text.rfind(label));
    EXPECT_GE(count_lines(text, "call", "sin_of_huge_angle"), 2);
  }
}

TEST(Assembly, KeepsSpilledRegistersWithinCacheLines) {
  for (const InstructionSet set : {v3, v4}) {
    const Target target{set};
    const std::string text =
        assembly(map_nest(f32, 1, {{Op::sin, {0}}}, 4 * target.lanes(byte_size(f32))), set);
    ASSERT_GE(count_lines(text, "vmov", "mmword ptr [rsp"), 1);
    EXPECT_EQ(count_lines(text, "vmovups", "rsp") + count_lines(text, "vmovdqu", "rsp"), 0);
  }
}

TEST(Assembly, LooksTablesUpByPermutes) {
  for (const InstructionSet set : {v3, v4}) {
    const Target target{set};
    const std::string text =
        assembly(map_nest(f32, 1, {{Op::tanh, {0}}}, target.lanes(byte_size(f32))), set);
    EXPECT_GE(count_lines(text, "vperm"), 10);
    EXPECT_EQ(count_lines(text, "vgather") + count_lines(text, "vdiv"), 0);
  }
}

TEST(Assembly, ConvertsHalvesByInstructions) {
  for (const InstructionSet set : {v3, v4}) {
    TestNest t;
    const VariableId i = t.variable("i"), j = t.variable("j");
    const ArrayId in = t.buffer(f16), out = t.buffer(f16, true);
    const ValueId x = t.value(), y = t.value(), z = t.value(), w = t.value();
    t.nest.phases = {vector_phase(
        i, j, 16,
        {Load{x, in, variable(j)}, Convert{y, x, f16, f32}, Compute{z, Op::add, f32, {y, y}, 0},
         Convert{w, z, f32, f16}, Store{out, variable(j), w}})};
    const std::string text = assembly(t.nest, set);
    EXPECT_GE(count_lines(text, "vcvtph2ps"), 1);
    EXPECT_GE(count_lines(text, "vcvtps2ph"), 1);
    EXPECT_EQ(count_lines(text, "call"), 0);
  }
}

TEST(Assembly, OfSaturatingConversionsStaysInVectors) {
  for (const DType to : {i8, u8, i16, u16, i32}) {
    TestNest t;
    const VariableId i = t.variable("i"), j = t.variable("j");
    const ArrayId in = t.buffer(f32), out = t.buffer(to, true);
    const ValueId x = t.value(), y = t.value();
    t.nest.phases = {vector_phase(
        i, j, 16, {Load{x, in, variable(j)}, Convert{y, x, f32, to}, Store{out, variable(j), y}})};
    const std::string text = assembly(t.nest, v4);
    EXPECT_GE(count_lines(text, "vcvttps2dq", "zmm"), 1) << to_string(to);
    EXPECT_EQ(count_lines(text, "vcvttss2si"), 0) << to_string(to);
  }
}

TEST(Assembly, StreamsAlignedResultsAndFencesThem) {
  LoopNest nest = map_nest(f32, 3, multiply_add, 16);
  nest.arrays[3].streamed = true;
  for (const InstructionSet set : {v3, v4}) {
    const std::string text = assembly(nest, set);
    EXPECT_GE(count_lines(text, "vmovntps"), 1);
    EXPECT_EQ(count_lines(text, "sfence"), 1);
  }
}

TEST(Assembly, TurnsTilesOverInRegisters) {
  TestNest t;
  const VariableId i = t.variable("i");
  const ArrayId in = t.buffer(f32), turned = t.local(Array::Space::scratch, f32, 256);
  const Bound sixteen = bound(constant(16));
  t.nest.phases = {
      {loop(LoopKind::parallel, i, constant(0), bound(extent()), 16,
            {Prefetch{in, variable(i) + 16},
             Transpose{turned, in, variable(i), constant(100), sixteen, sixteen, 16}})}};
  for (const InstructionSet set : {v3, v4}) {
    const std::string text = assembly(t.nest, set);
    // Lanes of 128 bits come from memory where they belong; within them one shuffle for each
    // register and each bit of the place.
    const int tiles = set == v3 ? 1 : 1, registers = set == v3 ? 8 : 16;
    EXPECT_EQ(count_lines(text, "vunpck"), tiles * registers * 2);
    EXPECT_EQ(count_lines(text, "vshuf") + count_lines(text, "vperm"), 0);
    EXPECT_GE(count_lines(text, "vinsertf", "xmmword ptr"), registers);
    EXPECT_EQ(count_lines(text, "vmovss"), 0);
    EXPECT_EQ(count_lines(text, "prefetcht1"), 1);
  }
}

TEST(Assembly, PicksElementsOfSmallStepsOutOfVectors) {
  TestNest t;
  const VariableId i = t.variable("i"), j = t.variable("j");
  const ArrayId in = t.buffer(f32), out = t.buffer(f32, true);
  const ValueId x = t.value();
  t.nest.phases = {
      vector_phase(i, j, 16, {Load{x, in, variable(j, 2)}, Store{out, variable(j), x}})};
  for (const InstructionSet set : {v3, v4})
    EXPECT_EQ(count_lines(assembly(t.nest, set), "vinsertps"), 0);
}

TEST(Assembly, LoadsABroadcastOperandOutsideOfTheLoop) {
  TestNest t;
  const VariableId i = t.variable("i"), j = t.variable("j");
  const ArrayId row = t.buffer(f32), in = t.buffer(f32), out = t.buffer(f32, true);
  const ValueId a = t.value(), b = t.value(), c = t.value();
  t.nest.phases = {
      vector_phase(i, j, 16,
                   {Load{a, row, variable(i)}, Load{b, in, variable(j)},
                    Compute{c, Op::multiply, f32, {a, b}, 0}, Store{out, variable(j), c}})};
  const std::string text = assembly(t.nest, v4);
  const size_t broadcast = text.find("vbroadcastss");
  const size_t multiply = text.find("vmulps");
  ASSERT_NE(broadcast, std::string::npos);
  EXPECT_LT(broadcast, multiply);
  // Between them starts the loop.
  EXPECT_NE(text.substr(broadcast, multiply - broadcast).find("\n.LBB"), std::string::npos);
}

}  // namespace
}  // namespace onepass::codegen::testing
