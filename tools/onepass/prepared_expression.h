// SPDX-License-Identifier: Apache-2.0
// An expression of the command line with its arrays, ready to evaluate. Errors show the place in
// its text.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "binding.h"
#include "built_expression.h"
#include "onepass/engine/onepass.h"

namespace onepass::tool {

class PreparedExpression {
 public:
  /// Parses, checks names, loads and makes arrays, builds. UserError whose text ends with the
  /// underlined expression.
  PreparedExpression(std::string source, std::span<const std::string> bindings,
                     const FillOptions& fill);

  const std::string& source() const { return source_; }
  const std::vector<Binding>& bindings() const { return bindings_; }
  const Value& value() const { return built_->value(); }
  /// The arrays by the names they were bound to.
  std::span<const LeafName> leaf_names() const { return leaf_names_; }

  /// Calls `use(value())`. A UserError of the library is shown at the sub-expression that it is
  /// about.
  template <class Use>
  auto with_value(Use&& use) const {
    try {
      return std::forward<Use>(use)(value());
    } catch (const UserError&) {
      show_place();
      throw;
    }
  }

 private:
  void show_place() const;

  std::string source_;
  std::vector<Binding> bindings_;
  std::vector<LeafName> leaf_names_;
  std::unique_ptr<BuiltExpression> built_;
};

}  // namespace onepass::tool
