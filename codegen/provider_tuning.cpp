// SPDX-License-Identifier: Apache-2.0
// Classes and leads as text. Who asks for them goes through the trials of product_tuning.cpp.
#include "onepass/codegen/provider_tuning.h"

#include <fmt/format.h>

#include <array>

#include "onepass/codegen/tuned_class.h"

namespace onepass::codegen {
namespace {

constexpr double thousandth = 1e-3;
constexpr int64_t most_thousandths = 1'000'000;

const char* name_of(ir::Provider provider) {
  return provider == ir::Provider::openblas ? "openblas" : "generated";
}

bool in(int64_t value, int64_t low, int64_t high) { return low <= value && value <= high; }

}  // namespace

std::string to_string(const ir::ProviderClass& product) {
  return class_text(product.dtype, product.row_bits, product.column_bits, product.depth_bits) +
         (product.is_batch ? ", in a batch" : "");
}

std::string to_string(const ir::ProviderLead& lead) {
  if (lead.thousandths == 0) return "tuned: no entry, generated";
  return fmt::format("tuned: {}, {:.2f}x", name_of(lead.provider),
                     1 + thousandth * lead.thousandths);
}

std::optional<ir::ProviderLead> provider_lead(const ir::Node& node) {
  if (!node.attributes.has(ir::AttributeKey::lead)) return std::nullopt;
  return ir::ProviderLead{
      static_cast<ir::Provider>(node.attributes.word(ir::AttributeKey::provider)),
      static_cast<int>(node.attributes.word(ir::AttributeKey::lead))};
}

std::string provider_line(const ir::ProviderClass& product, const ir::ProviderLead& lead) {
  return fmt::format("{} {:d} {} {} {} {:d} {}", to_string(product.dtype), product.is_batch,
                     product.row_bits, product.column_bits, product.depth_bits,
                     lead.provider == ir::Provider::openblas, lead.thousandths);
}

bool read_provider(std::string_view line, ProviderTuning& tuning) {
  std::array<int64_t, 6> n{};
  const auto dtype = read_class(line, {f32, f64}, n);
  const bool is_plausible = dtype && in(n[0], 0, 1) && in(n[1], 1, most_bits) &&
                            in(n[2], 1, most_bits) && in(n[3], 1, most_bits) && in(n[4], 0, 1) &&
                            in(n[5], 1, most_thousandths);
  if (!is_plausible) return false;
  const ir::ProviderClass product{*dtype, n[0] == 1, static_cast<int>(n[1]), static_cast<int>(n[2]),
                                  static_cast<int>(n[3])};
  const ir::ProviderLead lead{static_cast<ir::Provider>(n[4]), static_cast<int>(n[5])};
  return tuning.emplace(product, lead).second;
}

}  // namespace onepass::codegen
