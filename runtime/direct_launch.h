// SPDX-License-Identifier: Apache-2.0
// The launch of a program that is one kernel over the caller's arrays: worked out once, so that a
// call on small arrays only copies pointers and extents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "onepass/runtime/kernel.h"

namespace onepass::runtime {

struct ArrayView;
struct Call;
struct Program;

/// A call with everything that its code reads, but for scalars.
struct BoundLaunch {
  static constexpr size_t most_arrays = 16, most_integers = 32;

  PhaseFunction function;
  int64_t extent;
  std::byte* buffers[most_arrays];
  int64_t integers[most_integers];

  /// On the caller.
  void run(const uint64_t* scalars) const;
};

class DirectLaunch {
 public:
  /// None if the program needs more than one phase on one thread: temporaries, scratch, offsets.
  static std::optional<DirectLaunch> of(const Program& program);

  /// Runs on the caller. False, and nothing has run, if the call is worth several tasks. `arrays`
  /// are the inputs of the program, then its outputs.
  bool run(const ArrayView* const* arrays, const int64_t* symbol_values,
           const uint64_t* scalars) const;
  bool run(const Call& call) const;

  /// The same up to the call of the code, which no scalars may be missing for.
  bool bind(const ArrayView* const* arrays, const int64_t* symbol_values, BoundLaunch& bound) const;

  static constexpr size_t most_arrays = BoundLaunch::most_arrays;

 private:
  static constexpr size_t most_integers = BoundLaunch::most_integers, most_scalars = 16;

  /// A stride of an array times `step`, or with no array the product of symbols [first, last).
  struct Integer {
    int array;
    int dimension;
    int64_t step;
    uint32_t first, last;
  };

  bool add_buffers(const Program& program, std::span<const int> arrays);
  bool add_integers();
  /// The symbols of iteration dimensions [dimension, dimension + count); those of extent 1 stay
  /// out.
  Integer product(int dimension, int count);
  int64_t value(const Integer& integer, const ArrayView* const* arrays,
                const int64_t* symbol_values) const;
  double count(const Integer& extents, const int64_t* symbol_values) const;
  /// Whether a call is not worth several tasks.
  bool is_small(const int64_t* symbol_values) const;
  bool bind_values(const ArrayView* const* arrays, const int64_t* symbol_values,
                   BoundLaunch& bound) const;

  const KernelInterface* kernel_ = nullptr;
  PhaseFunction function_ = nullptr;
  int extent_ = -1;                // the integer that is the extent of the parallel loop
  std::vector<uint32_t> buffers_;  // arrays
  std::vector<Integer> integers_;
  std::vector<uint32_t> symbols_;
  std::vector<int> scalars_;
  Integer elements_{}, results_{};  // where two tasks are worth it, the general launch decides
  double nanoseconds_per_element_ = 0, nanoseconds_per_result_ = 0;
};

}  // namespace onepass::runtime
