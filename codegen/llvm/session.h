// SPDX-License-Identifier: Apache-2.0
// The JIT session of the process: links objects into executable memory and hands out code
// generators.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "onepass/codegen/llvm/llvm_headers.h"
#include "onepass/codegen/target.h"

namespace onepass::codegen {

/// A code generator taken from the session, given back when it dies.
using MachineLease =
    std::unique_ptr<llvm::TargetMachine, std::function<void(llvm::TargetMachine*)>>;

struct LinkedObject {
  std::vector<uintptr_t> addresses;  // of the symbols asked for, in their order
  std::shared_ptr<void> owner;       // the code is unmapped when it dies
};

/// Thread-safe. Code generators are reused, since making one costs about as much as a small kernel.
MachineLease lease_machine(const Target& target);

/// Links an object file that needs no symbol from outside. SystemError if it cannot be linked.
LinkedObject link_object(llvm::SmallVector<char, 0> object,
                         const std::vector<std::string>& symbols);

/// A number that no other kernel of this process has: symbol names must differ.
uint64_t next_kernel_number();

}  // namespace onepass::codegen
