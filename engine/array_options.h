// SPDX-License-Identifier: Apache-2.0
// What a call of a function of array_composites.def may set besides its operands: one struct for
// each ArrayOptions::Kind (ReductionOptions for `over`), and what they have in common.
#pragma once

#include <optional>

#include "onepass/engine/index.h"
#include "onepass/ir/array_composite.h"

namespace onepass {

struct SpreadOptions {
  Axes axis = {};
  double correction = 0;  // taken from the number of elements before it divides
  bool keepdims = false;
};
struct OrderOptions {
  Axes axis = {};
  bool keepdims = false;
  double ord = 2;
};
struct AlongOptions {
  Axes axis = -1;
};
struct ScaledOptions {
  Axes axis = -1;
  std::optional<double> epsilon = {};  // by default that of the function
};
struct ChannelOptions {
  Axes axis = 1;
  std::optional<double> epsilon = {};
};

/// The struct of each kind.
template <ir::ArrayOptions::Kind kind>
struct OptionsOfKind;
template <>
struct OptionsOfKind<ir::ArrayOptions::Kind::over> {
  using Type = ReductionOptions;
};
template <>
struct OptionsOfKind<ir::ArrayOptions::Kind::spread> {
  using Type = SpreadOptions;
};
template <>
struct OptionsOfKind<ir::ArrayOptions::Kind::order> {
  using Type = OrderOptions;
};
template <>
struct OptionsOfKind<ir::ArrayOptions::Kind::along> {
  using Type = AlongOptions;
};
template <>
struct OptionsOfKind<ir::ArrayOptions::Kind::scaled> {
  using Type = ScaledOptions;
};
template <>
struct OptionsOfKind<ir::ArrayOptions::Kind::channel> {
  using Type = ChannelOptions;
};
template <ir::ArrayOptions::Kind kind>
using OptionsOf = typename OptionsOfKind<kind>::Type;

/// The common form. No number: the default of the function.
struct CommonOptions {
  Axes axis;
  bool keepdims = false;
  std::optional<double> number = {};

  CommonOptions(const ReductionOptions& o) : axis(o.axis), keepdims(o.keepdims) {}
  CommonOptions(const SpreadOptions& o)
      : axis(o.axis), keepdims(o.keepdims), number(o.correction) {}
  CommonOptions(const OrderOptions& o) : axis(o.axis), keepdims(o.keepdims), number(o.ord) {}
  CommonOptions(const AlongOptions& o) : axis(o.axis) {}
  CommonOptions(const ScaledOptions& o) : axis(o.axis), number(o.epsilon) {}
  CommonOptions(const ChannelOptions& o) : axis(o.axis), number(o.epsilon) {}
};

}  // namespace onepass
