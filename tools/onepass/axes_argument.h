// SPDX-License-Identifier: Apache-2.0
// The argument `axis` of a call, as the words that capture reads.
#pragma once

#include <optional>
#include <vector>

#include "onepass/engine/onepass.h"

namespace onepass::tool {

/// The words of axes whose number is known at run time only, as axes_words makes them from Axes;
/// all axes if there is no list.
AxesWords words_of_axes(const std::optional<std::vector<int>>& axes, bool keepdims);

}  // namespace onepass::tool
