// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/direct_launch.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

#include "onepass/runtime/program.h"
#include "onepass/runtime/schedule.h"
#include "sample_kernels.h"
#include "view_pointers.h"

namespace onepass::runtime {
namespace {

using onepass::testing::scalar_slot;
using onepass::testing::scaled_add_kernel;
using Kind = ProgramArray::Kind;

ProgramArray array(Kind kind, int index) {
  ProgramArray result;
  result.kind = kind;
  result.index = index;
  result.extents = {0, 1};
  return result;
}

Program one_kernel(Kernel kernel) {
  Program program;
  program.inputs = {0, 1};
  program.outputs = {2};
  program.arrays = {array(Kind::input, 0), array(Kind::input, 1), array(Kind::output, 0)};
  program.steps = {KernelLaunch{std::make_shared<const Kernel>(std::move(kernel)), {0, 1, 2}}};
  return program;
}

bool is_direct(const Program& program) { return DirectLaunch::of(program).has_value(); }

TEST(DirectLaunch, IsForOnePlainKernelOverTheArraysOfTheCaller) {
  EXPECT_TRUE(is_direct(one_kernel(scaled_add_kernel())));

  Program two = one_kernel(scaled_add_kernel());
  two.steps.push_back(two.steps[0]);
  EXPECT_FALSE(is_direct(two));
  Program temporary = one_kernel(scaled_add_kernel());
  temporary.arrays[1].kind = Kind::temporary;
  EXPECT_FALSE(is_direct(temporary));
  Program library;
  library.steps = {LibraryProduct{}};
  EXPECT_FALSE(is_direct(library));
}

TEST(DirectLaunch, LeavesWhatNeedsMemoryOrPhasesOrOffsetsToTheGeneralLaunch) {
  Kernel with_scratch = scaled_add_kernel();
  with_scratch.interface.phases[0].scratch_bytes = 64;
  EXPECT_FALSE(is_direct(one_kernel(with_scratch)));
  Kernel with_workspace = scaled_add_kernel();
  with_workspace.interface.workspaces.push_back({8, 0, 1, 1});
  EXPECT_FALSE(is_direct(one_kernel(with_workspace)));
  Kernel with_phases = scaled_add_kernel();
  with_phases.interface.phases.push_back(with_phases.interface.phases[0]);
  EXPECT_FALSE(is_direct(one_kernel(with_phases)));
  Kernel with_offset = scaled_add_kernel();
  with_offset.interface.operands[1].offsets.push_back({});
  EXPECT_FALSE(is_direct(one_kernel(with_offset)));
  Kernel with_many_scalars = scaled_add_kernel();
  with_many_scalars.interface.scalars.resize(100);
  EXPECT_FALSE(is_direct(one_kernel(with_many_scalars)));
}

/// One call of scaled_add, direct: whether it ran.
bool run_direct(const ArrayView& a, const ArrayView& b, const ArrayView& out, float scale,
                std::vector<int64_t> symbols) {
  const Program program = one_kernel(scaled_add_kernel());
  const std::vector<ArrayView> inputs = {a, b}, outputs = {out};
  const std::vector<uint64_t> scalars = {scalar_slot(scale)};
  const auto direct = DirectLaunch::of(program);
  return direct->run({pointers_to(inputs), pointers_to(outputs), symbols, scalars});
}

TEST(DirectLaunch, HandsOverStridesExtentsAndScalars) {
  std::vector<float> a(12), b(24), out(12, -1);
  std::iota(a.begin(), a.end(), 0.0f);
  std::iota(b.begin(), b.end(), 100.0f);
  const std::vector<int64_t> swap = {1, 0};
  const ArrayView transposed = permuted(dense_view(a.data(), f32, {4, 3}), swap);
  const ArrayView every_other = sliced(dense_view(b.data(), f32, {3, 8}), 1, 0, 4, 2);
  ASSERT_TRUE(
      run_direct(transposed, every_other, dense_view(out.data(), f32, {3, 4}), 0.5f, {3, 4}));
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 4; ++j)
      EXPECT_EQ(out[i * 4 + j], a[j * 3 + i] + 0.5f * b[i * 8 + 2 * j]);
  }
}

TEST(DirectLaunch, DoesNothingOnEmptyArraysHoweverLongTheOtherExtentsAre) {
  std::vector<float> nothing;
  const int64_t huge = std::numeric_limits<int64_t>::max();
  const ArrayView empty = dense_view(nothing.data(), f32, {0, 4});
  EXPECT_TRUE(run_direct(empty, empty, empty, 1, {0, huge}));
}

TEST(DirectLaunch, LeavesCallsWorthSeveralTasksToTheGeneralLaunch) {
  const Kernel kernel = scaled_add_kernel();
  const double limit =
      2 * minimum_task_nanoseconds / kernel.interface.phases[0].nanoseconds_per_element;
  const auto n = static_cast<int64_t>(limit);
  std::vector<float> a(static_cast<size_t>(n), 1.0f), out(static_cast<size_t>(n), -1.0f);
  const ArrayView in = dense_view(a.data(), f32, {1, n}), to = dense_view(out.data(), f32, {1, n});
  EXPECT_FALSE(run_direct(in, in, to, 1, {1, n}));
  EXPECT_EQ(out, std::vector<float>(static_cast<size_t>(n), -1.0f));
  EXPECT_TRUE(run_direct(in, in, to, 1, {1, n - 1}));
  EXPECT_EQ(out[0], 2.0f);
}

}  // namespace
}  // namespace onepass::runtime
