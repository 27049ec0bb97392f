// SPDX-License-Identifier: Apache-2.0
// Who computes products faster on this CPU, as 'onepass tune --provider' measured it. Only calls
// that ask for Provider::tuned see it: the library may round in another order.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "onepass/ir/graph.h"
#include "onepass/ir/passes/provider_class.h"

namespace onepass::codegen {

using ProviderTuning = std::map<ir::ProviderClass, ir::ProviderLead>;

/// "f32, rows in [64, 127], columns in [256, 511], depth in [512, 1023], in a batch"
std::string to_string(const ir::ProviderClass& product);
/// "tuned: openblas, 1.12x", "tuned: no entry, generated"
std::string to_string(const ir::ProviderLead& lead);

/// What choose_provider noted of a product, if it asked.
std::optional<ir::ProviderLead> provider_lead(const ir::Node& node);

/// A line of the file of tuning, without its first word, and its reading, which adds it: false if a
/// number is not plausible or the class is there already.
std::string provider_line(const ir::ProviderClass& product, const ir::ProviderLead& lead);
bool read_provider(std::string_view line, ProviderTuning& tuning);

/// Who is faster at such products: by the trial of this thread if there is one, else by the file.
/// Nothing if that is not known, if code is for a forced target, or the library is not there.
std::optional<ir::ProviderLead> tuned_provider(const ir::ProviderClass& product);

}  // namespace onepass::codegen
