// SPDX-License-Identifier: Apache-2.0
// A benchmark program as a persistent child of race.py: single runs on request, so that contenders
// of several processes alternate. Requests and answers are lines, fields are separated by tabs.
#pragma once

#include <string>

#include "harness.h"

namespace bench {

/// Remembers that `contender` takes part in `work`.
void served_work(const Work& work, const std::string& contender);

/// Answers until the input ends:
///   about                    about   <name and version>...
///   peaks                    peaks   flops/s: one thread, all; bytes/s: one thread, all
///   works                    works   <work>...
///   prepare <work>           ready   <bytes> <flops> <contender>...  | absent
///   run <work> <contender>   time    <nanoseconds of one evaluation>
/// Anything else is answered with an error.
void serve();

}  // namespace bench
