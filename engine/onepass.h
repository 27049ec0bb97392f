// SPDX-License-Identifier: Apache-2.0
// onepass: a tensor expression in one pass over memory. Include this.
#pragma once

#include "onepass/engine/array_functions.h"
#include "onepass/engine/constant.h"
#include "onepass/engine/creation.h"
#include "onepass/engine/evaluate.h"
#include "onepass/engine/explain.h"
#include "onepass/engine/functions.h"
#include "onepass/engine/map.h"
#include "onepass/engine/npy.h"
#include "onepass/engine/operators.h"
#include "onepass/engine/random.h"
#include "onepass/engine/structural.h"
#include "onepass/engine/tensor.h"
#include "onepass/engine/value.h"
#include "onepass/engine/views.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/thread_pool.h"
