// SPDX-License-Identifier: Apache-2.0
// Runs the emitters over all points and measures.
#pragma once

#include <array>
#include <span>

#include "emitters.h"
#include "points.h"
#include "progress.h"
#include "reference.h"

namespace onepass::prove {

/// The two ways to compute one function at one accuracy.
template <class T>
struct Contender {
  ir::Accuracy accuracy;
  Function<T> host;
  Function<T> jit;
};

template <class T>
struct Finding {
  uint64_t point = 0;
  std::array<T, 3> arguments = {};
};

/// What is known of one contender after a proof.
template <class T>
struct Proof {
  double worst = 0;  // units in the last place, of the host's results
  Finding<T> worst_at;
  uint64_t wrong = 0;      // results that are not the nearest number
  uint64_t differing = 0;  // results whose bits are not those of the other emitter
  Finding<T> differing_at;
  double reference_error = 0;  // the largest seen, in units of T
};

/// One proof for each contender. The findings do not depend on `threads`.
template <class T>
std::vector<Proof<T>> prove(const Reference<T>& reference, const Points<T>& points,
                            std::span<const Contender<T>> contenders, int threads,
                            Progress& progress);

}  // namespace onepass::prove
