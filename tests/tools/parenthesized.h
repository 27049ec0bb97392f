// SPDX-License-Identifier: Apache-2.0
// A parsed expression with every operation in parentheses: what the precedence rules made of it.
#pragma once

#include <string>
#include <vector>

#include "syntax.h"

namespace onepass::tool {

inline std::string joined(const std::vector<std::string>& texts, const SyntaxNode& node,
                          size_t first, const char* separator) {
  std::string result;
  for (size_t i = first; i < node.children.size(); ++i) {
    if (i > first) result += separator;
    if (i < node.keywords.size() && !node.keywords[i].empty()) {
      result += std::string(node.keywords[i]) + "=";
    }
    const int child = node.children[i];
    if (child != SyntaxNode::no_child) result += texts[static_cast<size_t>(child)];
  }
  return result;
}

inline std::string parenthesized(const Syntax& syntax) {
  using Kind = SyntaxNode::Kind;
  std::vector<std::string> texts;
  for (const SyntaxNode& node : syntax.nodes) {
    const std::string text(node.text);
    const auto child = [&](size_t i) { return texts[static_cast<size_t>(node.children[i])]; };
    switch (node.kind) {
      case Kind::number:
      case Kind::name:
      case Kind::ellipsis:
        texts.push_back(text);
        break;
      case Kind::unary:
        texts.push_back("(" + text + child(0) + ")");
        break;
      case Kind::binary:
        texts.push_back("(" + child(0) + " " + text + " " + child(1) + ")");
        break;
      case Kind::call:
        texts.push_back(text + "(" + joined(texts, node, 0, ", ") + ")");
        break;
      case Kind::index:
        texts.push_back(child(0) + "[" + joined(texts, node, 1, ", ") + "]");
        break;
      case Kind::slice:
        texts.push_back(joined(texts, node, 0, ":"));
        break;
      case Kind::list:
        texts.push_back("[" + joined(texts, node, 0, ", ") + "]");
        break;
    }
  }
  return texts.back();
}

}  // namespace onepass::tool
