// SPDX-License-Identifier: Apache-2.0
// The launch of a program that is one kernel over the caller's arrays: worked out once, so that a
// call on small arrays only copies pointers and extents.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "onepass/runtime/kernel.h"

namespace onepass::runtime {

struct Call;
struct Program;

class DirectLaunch {
 public:
  /// None if the program needs more than one phase on one thread: temporaries, scratch, offsets.
  static std::optional<DirectLaunch> of(const Program& program);

  /// Runs on the caller. False, and nothing has run, if the call is worth several tasks.
  bool run(const Call& call) const;

 private:
  static constexpr size_t most_buffers = 16, most_integers = 32, most_scalars = 16;

  /// An array of the caller: input or output `index`.
  struct Source {
    bool is_output;
    uint32_t index;
  };
  /// A stride of an array times `step`, or with no array the product of symbols [first, last).
  struct Integer {
    int buffer;
    int dimension;
    int64_t step;
    uint32_t first, last;
  };

  bool add_buffers(const Program& program, std::span<const int> arrays);
  bool add_integers();
  /// The symbols of iteration dimensions [dimension, dimension + count); those of extent 1 stay
  /// out.
  Integer product(int dimension, int count);
  int64_t value(const Integer& integer, const Call& call) const;

  const KernelInterface* kernel_ = nullptr;
  std::vector<Source> buffers_;
  std::vector<Integer> integers_;
  std::vector<uint32_t> symbols_;
  Integer elements_{};
  double most_elements_ = 0;  // above it the general launch decides about threads
};

}  // namespace onepass::runtime
