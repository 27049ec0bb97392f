// SPDX-License-Identifier: Apache-2.0
// The structure of an expression before names mean anything: nodes in one list, operands before
// their users, so that nothing that walks it recurses.
#pragma once

#include <string_view>
#include <vector>

#include "number.h"
#include "source_span.h"

namespace onepass::tool {

struct SyntaxNode {
  enum class Kind {
    number,
    name,      // of an array, constant or dtype; True, False and None
    unary,     // text: the sign
    binary,    // text: the sign
    call,      // text: the function; children: arguments
    index,     // children: the array, then what stands between the brackets
    slice,     // children: start, stop, step; no_child where left out
    ellipsis,  // ...
    list,      // (1, 2) or [1, 2]
  };
  static constexpr int no_child = -1;

  Kind kind = Kind::number;
  SourceSpan span;        // of the whole sub-expression
  std::string_view text;  // of the source
  Number number;
  std::vector<int> children;
  std::vector<std::string_view>
      keywords;  // of a call, one per argument; empty where given by position
};

struct Syntax {
  std::string_view source;
  std::vector<SyntaxNode> nodes;  // the last one is the whole expression

  const SyntaxNode& node(int id) const { return nodes[static_cast<size_t>(id)]; }
  int root() const { return static_cast<int>(nodes.size()) - 1; }
};

}  // namespace onepass::tool
