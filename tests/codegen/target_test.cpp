// SPDX-License-Identifier: Apache-2.0
// Names of instruction sets.
#include "onepass/codegen/target.h"

#include <gtest/gtest.h>

#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/settings.h"

namespace onepass::codegen {
namespace {

TEST(Target, NamesRoundTrip) {
  for (const auto set : {InstructionSet::x86_64_v3, InstructionSet::x86_64_v4}) {
    EXPECT_EQ(instruction_set_from_name(to_string(set)), set);
  }
}

TEST(Target, UnknownNameIsAUserErrorThatListsTheKnownOnes) {
  try {
    instruction_set_from_name("avx9");
    FAIL() << "accepted an unknown name";
  } catch (const UserError& e) {
    EXPECT_STREQ(e.what(),
                 "target: the instruction set is 'avx9'; it must be one of x86-64-v3, x86-64-v4. "
                 "Set ONEPASS_TARGET to one of them or leave it empty.");
  }
}

TEST(Target, VectorsAreAsWideAsTheInstructionSetSays) {
  const Target v3{InstructionSet::x86_64_v3}, v4{InstructionSet::x86_64_v4};
  EXPECT_EQ(v3.lanes(4), 8);
  EXPECT_EQ(v4.lanes(4), 16);
  EXPECT_EQ(v4.lanes(8), 8);
  EXPECT_EQ(v3.vector_registers(), 16);
  EXPECT_EQ(v4.vector_registers(), 32);
}

TEST(Target, OfThisProcessRunsOnThisProcessor) {
  const Target target = host_target();
  const auto& cpu = runtime::cpu_info();
  EXPECT_TRUE(target.instruction_set == InstructionSet::x86_64_v4 ? cpu.x86_64_v4 : cpu.x86_64_v3);
}

TEST(Target, IsTunedForThisProcessorUnlessItIsForced) {
  EXPECT_EQ(host_target().tuned_for_host, runtime::settings().target.empty());
}

}  // namespace
}  // namespace onepass::codegen
