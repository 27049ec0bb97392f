// SPDX-License-Identifier: Apache-2.0
// Every formula that a row of ops.def names.
#pragma once

#include "onepass/ir/math/error_function.h"
#include "onepass/ir/math/exponential.h"
#include "onepass/ir/math/hyperbolic.h"
#include "onepass/ir/math/integer.h"
#include "onepass/ir/math/inverse_trigonometric.h"
#include "onepass/ir/math/logarithm.h"
#include "onepass/ir/math/power.h"
#include "onepass/ir/math/rounding.h"
#include "onepass/ir/math/trigonometric.h"
