// SPDX-License-Identifier: Apache-2.0
// Each rule of the loop language, broken once in a nest that holds it.
#include <gtest/gtest.h>

#include "onepass/codegen/affine.h"
#include "onepass/codegen/loop_nest.h"
#include "onepass/codegen/nest_builder.h"
#include "onepass/runtime/error.h"
#include "plan_fixture.h"

namespace onepass::codegen {
namespace {

/// in0 is read, out0 is written, both f32: parallel i { vector j { %0 = load in0[j]; store out0[j]
/// = %0 } }.
LoopNest copy_nest() {
  return testing::plan_of("graph g(x: f32[n]) where n = 9 {\n  return x\n}").nest;
}
/// Sums rows: serial blocks, a vector loop, pushes and folds.
LoopNest sum_nest() {
  return testing::plan_of(R"(
graph g(x: f32[n, m]) where n = 20, m = 3000 {
  %0 = sum x {axes = [1], keepdims = false} : f32[n]
  return %0
})")
      .nest;
}

/// Turns blocks over: a Transpose and Prefetches.
LoopNest transposed_nest() {
  return testing::plan_of(R"(
graph g(x: f32[m, n], y: f32[n, m]) where n = 20, m = 30 {
  %0 = permute_dims x {permutation = [1, 0]} : f32[n, m]
  %1 = add %0, y : f32[n, m]
  return %1
})")
      .nest;
}

template <class T>
T* first(std::vector<Statement>& block) {
  for (Statement& s : block) {
    if (auto* found = std::get_if<T>(&s)) return found;
    if (auto* loop = std::get_if<For>(&s)) {
      if (auto* found = first<T>(loop->body)) return found;
    }
  }
  return nullptr;
}

For* first_loop(std::vector<Statement>& block, LoopKind kind) {
  for (Statement& s : block) {
    auto* loop = std::get_if<For>(&s);
    if (loop == nullptr) continue;
    if (loop->kind == kind) return loop;
    if (For* found = first_loop(loop->body, kind)) return found;
  }
  return nullptr;
}

void expect_broken(const LoopNest& nest, const std::string& rule) {
  try {
    verify(nest);
    ADD_FAILURE() << "accepted; expected: " << rule << "\n" << print(nest);
  } catch (const InternalError& e) {
    EXPECT_NE(std::string(e.what()).find(rule), std::string::npos)
        << e.what() << "\nexpected: " << rule;
  }
}

TEST(LoopNestVerify, AcceptsWhatPlannersMake) {
  EXPECT_NO_THROW(verify(copy_nest()));
  EXPECT_NO_THROW(verify(sum_nest()));
}

TEST(LoopNestVerify, TransposedBlocksFitTheirScratch) {
  LoopNest nest = transposed_nest();
  EXPECT_NO_THROW(verify(nest));
  Transpose& wide = *first<Transpose>(nest.phases[0]);
  wide.columns = bound(constant(wide.pitch + 1));
  expect_broken(nest, "a row fits the pitch");
  nest = transposed_nest();
  Transpose& unknown = *first<Transpose>(nest.phases[0]);
  unknown.columns.smallest_of.erase(unknown.columns.smallest_of.begin());
  expect_broken(nest, "a row fits the pitch");
  nest = transposed_nest();
  first<Transpose>(nest.phases[0])->rows = bound(constant(1000));
  expect_broken(nest, "the rows fit the scratch");
  nest = transposed_nest();
  first<Transpose>(nest.phases[0])->target = 1;
  expect_broken(nest, "memory is copied to scratch");
  nest = transposed_nest();
  Transpose& onto_itself = *first<Transpose>(nest.phases[0]);
  onto_itself.source = onto_itself.target;
  expect_broken(nest, "it is copied from other memory");
  nest = transposed_nest();
  nest.arrays.back().dtype = DType::i32;
  expect_broken(nest, "both arrays have one dtype");
  nest = transposed_nest();
  first<Prefetch>(nest.phases[0])->array = 3;
  expect_broken(nest, "only buffers are far away");
  nest = transposed_nest();
  first_loop(nest.phases[0], LoopKind::vector)->body.push_back(Prefetch{0, constant(0)});
  expect_broken(nest, "it is outside of vector loops");
}

TEST(LoopNestVerify, BytesAreLoadedFromBytesAndSummedInWords) {
  LoopNest nest = copy_nest();
  first_loop(nest.phases[0], LoopKind::vector)
      ->body.push_back(LoadBytes{nest.value_count++, 0, constant(0)});
  expect_broken(nest, "the array is one of bytes in memory");
  nest = testing::plan_of("graph g(x: i8[n]) where n = 9 {\n  return x\n}").nest;
  first_loop(nest.phases[0], LoopKind::vector)
      ->body.push_back(LoadBytes{nest.value_count++, 0, constant(0)});
  EXPECT_NO_THROW(verify(nest));
  first_loop(nest.phases[0], LoopKind::vector)
      ->body.push_back(SumBytes{nest.value_count++, 0, 0, 0});
  expect_broken(nest, "its operands are i32");
}

TEST(LoopNestVerify, NamesAreUnique) {
  LoopNest nest = copy_nest();
  nest.arrays[1].name = nest.arrays[0].name;
  expect_broken(nest, "names of arrays are unique");
  nest = copy_nest();
  nest.variables[1] = nest.variables[0];
  expect_broken(nest, "names of variables are unique");
}

TEST(LoopNestVerify, ArraysAgreeWithTheirOperands) {
  LoopNest nest = copy_nest();
  nest.arrays[0].dtype = DType::f64;
  expect_broken(nest, "dtype is that of its operand");
  nest = copy_nest();
  nest.arrays[0].written = true;
  expect_broken(nest, "it is written if its operand is");
  nest = copy_nest();
  nest.arrays[0].buffer = 7;
  expect_broken(nest, "its buffer is an operand or workspace");
  nest = sum_nest();
  nest.arrays.back().elements = 0;
  expect_broken(nest, "scratch and registers have elements");
}

TEST(LoopNestVerify, PhasesMatchTheInterface) {
  LoopNest nest = copy_nest();
  nest.interface.phases.push_back({});
  expect_broken(nest, "every phase has a statement list");
  nest = copy_nest();
  nest.interface.phases[0].extent = -1;
  expect_broken(nest, "a phase with an extent ends with a parallel loop, one without has none");
  nest = copy_nest();
  nest.interface.phases[0].chunk = 5;
  expect_broken(nest, "its step is the chunk of the phase");
}

TEST(LoopNestVerify, OnlyTheOutermostLoopIsParallel) {
  LoopNest nest = copy_nest();
  first_loop(nest.phases[0], LoopKind::vector)->kind = LoopKind::parallel;
  expect_broken(nest, "only the outermost loop is parallel");
  nest = copy_nest();
  nest.phases[0].push_back(nest.phases[0].back());
  expect_broken(nest, "is the last statement");
}

TEST(LoopNestVerify, ParallelLoopsRunFromZeroToTheirExtent) {
  LoopNest nest = copy_nest();
  first_loop(nest.phases[0], LoopKind::parallel)->begin = constant(3);
  expect_broken(nest, "it begins at 0");
  nest = copy_nest();
  first_loop(nest.phases[0], LoopKind::parallel)->end = bound(constant(3));
  expect_broken(nest, "it ends at the extent of the phase");
}

TEST(LoopNestVerify, NothingIsStoredBeforeTheParallelLoop) {
  LoopNest nest = copy_nest();
  const ValueId zero = nest.value_count++;
  nest.phases[0].insert(nest.phases[0].begin(),
                        {Constant{zero, DType::f32, 0}, Store{1, constant(0), zero}});
  expect_broken(nest, "nothing is stored before the parallel loop");
}

TEST(LoopNestVerify, VectorLoopsAreInnermost) {
  LoopNest nest = copy_nest();
  nest.variables.push_back("z");
  For inner = loop_over(LoopKind::serial, static_cast<int>(nest.variables.size()) - 1, {},
                        bound(constant(2)));
  first_loop(nest.phases[0], LoopKind::vector)->body.push_back(inner);
  expect_broken(nest, "a vector loop holds no loops but unrolled ones");
}

TEST(LoopNestVerify, FlagsAndRestsBelongToTheirKinds) {
  LoopNest nest = sum_nest();
  first_loop(nest.phases[0], LoopKind::serial)->exact = true;
  expect_broken(nest, "only vector loops are single or exact");
  nest = copy_nest();
  For* vector = first_loop(nest.phases[0], LoopKind::vector);
  vector->rest = vector->body;
  expect_broken(nest, "only serial loops have a rest");
}

TEST(LoopNestVerify, UnrolledLoopsHaveAConstantCount) {
  LoopNest nest = sum_nest();
  first_loop(nest.phases[0], LoopKind::serial)->kind = LoopKind::unrolled;
  expect_broken(nest, "an unrolled loop has a constant number of iterations");
}

TEST(LoopNestVerify, FixedVariablesHaveOneValue) {
  LoopNest nest = sum_nest();
  For* serial = first_loop(nest.phases[0], LoopKind::serial);
  serial->kind = LoopKind::fixed;
  serial->step = 2;
  expect_broken(nest, "a fixed variable has no begin and no step");
}

TEST(LoopNestVerify, VariablesAreUsedInsideTheirLoop) {
  LoopNest nest = copy_nest();
  nest.variables.push_back("z");
  first<Load>(nest.phases[0])->index = variable(static_cast<int>(nest.variables.size()) - 1);
  expect_broken(nest, "a variable is used inside its loop");
  nest = copy_nest();
  For* vector = first_loop(nest.phases[0], LoopKind::vector);
  vector->variable = first_loop(nest.phases[0], LoopKind::parallel)->variable;
  expect_broken(nest, "its variable is not in use around it");
}

TEST(LoopNestVerify, IndicesReferToIntegersAndAreNotDivided) {
  LoopNest nest = copy_nest();
  first<Load>(nest.phases[0])->index.terms[0].parameter = 99;
  expect_broken(nest, "a parameter is an integer of the interface");
  nest = copy_nest();
  first<Load>(nest.phases[0])->index.divisor = 2;
  expect_broken(nest, "an index is not divided");
}

TEST(LoopNestVerify, ValuesAreDefinedOnceAndUsedInTheirScope) {
  LoopNest nest = copy_nest();
  auto& body = first_loop(nest.phases[0], LoopKind::vector)->body;
  body.insert(body.begin(), body[0]);
  expect_broken(nest, "a value is defined once");
  nest = copy_nest();
  first<Store>(nest.phases[0])->value = nest.value_count++;
  expect_broken(nest, "a value is used after its definition, in its scope");
  nest = copy_nest();
  nest.value_count = 0;
  expect_broken(nest, "value ids are below the count");
}

TEST(LoopNestVerify, StoresFitTheirArray) {
  LoopNest nest = copy_nest();
  first<Store>(nest.phases[0])->array = 0;
  expect_broken(nest, "only arrays that are written are stored to");
  nest = copy_nest();
  auto& body = first_loop(nest.phases[0], LoopKind::vector)->body;
  const ValueId value = nest.value_count++;
  body.insert(body.begin(), Constant{value, DType::i32, 0});
  first<Store>(nest.phases[0])->value = value;
  expect_broken(nest, "the value has the dtype of the array");
  nest = copy_nest();
  first<Store>(nest.phases[0])->index = constant(0);
  expect_broken(nest, "lanes store to different elements");
}

TEST(LoopNestVerify, ComputesFollowTheOpTable) {
  const auto broken = [](Compute compute, const char* rule) {
    LoopNest nest = copy_nest();
    compute.result = nest.value_count++;
    auto& body = first_loop(nest.phases[0], LoopKind::vector)->body;
    body.insert(body.begin() + 1, compute);
    expect_broken(nest, rule);
  };
  LoopNest whole = copy_nest();
  const ValueId loaded = first<Load>(whole.phases[0])->result;
  broken({0, ir::OpCode::sum, DType::f32, {loaded}}, "a compute is a row of the op table");
  broken({0, ir::OpCode::add, DType::f32, {loaded}}, "it has the operands of its op");
  broken({0, ir::OpCode::add, DType::f64, {loaded, loaded}}, "operands have the dtype of the op");
  broken({0, ir::OpCode::bitwise_and, DType::f32, {loaded, loaded}}, "its op accepts the dtype");
  broken({0, ir::OpCode::where, DType::f32, {loaded, loaded, loaded}},
         "operands have the dtype of the op");
}

TEST(LoopNestVerify, RegistersHaveConstantIndicesInRangeAndTheLanesOfTheLoop) {
  LoopNest nest = sum_nest();
  For* vector = first_loop(nest.phases[0], LoopKind::vector);
  Store* store = std::get_if<Store>(&vector->body.back());
  ASSERT_NE(store, nullptr);
  store->index = variable(vector->variable);
  expect_broken(nest, "the index of a register is a constant once loops are unrolled");
  store->index = constant(1);
  expect_broken(nest, "the index of a register is in range");
  store->index = constant(0);
  vector->step = 8;
  expect_broken(nest, "registers have as many lanes as the vector loop");
}

TEST(LoopNestVerify, TreeStepsJoinRegistersAndScratch) {
  LoopNest nest = sum_nest();
  std::swap(first<TreePush>(nest.phases[0])->stack, first<TreePush>(nest.phases[0])->source);
  expect_broken(nest, "the stack is scratch");
  nest = sum_nest();
  first<TreeFold>(nest.phases[0])->dtype = DType::f64;
  expect_broken(nest, "stack and item have the dtype of the op");
  nest = sum_nest();
  first<LaneFold>(nest.phases[0])->op = ir::OpCode::negative;
  expect_broken(nest, "the op has two operands");
  nest = sum_nest();
  first<TreePush>(nest.phases[0])->stack = 0;
  expect_broken(nest, "the stack is scratch");
}

TEST(LoopNestVerify, TurnedLoadsFillRegistersOfAFewElements) {
  const auto turned_nest = [] {
    return testing::plan_of(R"(
graph g(x: f32[m, n]) where n = 700, m = 130 {
  %0 = permute_dims x {permutation = [1, 0]} : f32[n, m]
  %1 = sum %0 {axes = [0], keepdims = false} : f32[m]
  return %1
})")
        .nest;
  };
  LoopNest nest = turned_nest();
  EXPECT_NO_THROW(verify(nest));
  const auto load = [](LoopNest& of) { return first<LoadTurned>(of.phases[0]); };
  ASSERT_NE(load(nest), nullptr);
  const auto registers = static_cast<size_t>(load(nest)->target);
  load(nest)->target = 0;
  expect_broken(nest, "memory is read into registers");
  nest = turned_nest();
  nest.arrays[registers].dtype = DType::i32;
  expect_broken(nest, "both arrays have one dtype, not boolean");
  nest = turned_nest();
  nest.arrays[registers].elements = 8;
  expect_broken(nest, "16 bytes and as many as lanes at most");
  nest = turned_nest();
  load(nest)->index = constant(2) / 2;
  expect_broken(nest, "an index is not divided");
}

TEST(LoopNestVerify, FillsStandInVectorLoops) {
  LoopNest nest = sum_nest();
  const ValueId a = nest.value_count++, b = nest.value_count++;
  nest.phases[0].insert(nest.phases[0].begin(), {Constant{a, DType::f32, 0}, Fill{b, a, a}});
  expect_broken(nest, "a fill stands in a vector loop");
}

}  // namespace
}  // namespace onepass::codegen
