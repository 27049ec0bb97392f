// SPDX-License-Identifier: Apache-2.0
// Reads index entries; an ellipsis becomes as many whole dimensions as are left.
#include "index_reader.h"

#include <algorithm>

namespace onepass::tool {
namespace {

using Kind = SyntaxNode::Kind;

class IndexReader {
 public:
  IndexReader(const Syntax& syntax, const SyntaxNode& node, const Operands& operands)
      : syntax_(syntax), node_(node), operands_(operands) {}

  Value read() {
    const Value array = indexed_array();
    for (size_t i = 1; i < node_.children.size(); ++i) add(syntax_.node(node_.children[i]));
    for (size_t i = 1; i < node_.children.size(); ++i) {
      if (syntax_.node(node_.children[i]).kind == Kind::ellipsis) expand(array, i - 1);
    }
    return index(array, entries_);
  }

 private:
  Value indexed_array() const {
    const int child = node_.children.front();
    const auto& found = operands_[static_cast<size_t>(child)];
    if (found && std::holds_alternative<Value>(*found)) return std::get<Value>(*found);
    throw ExpressionError("only an array can be indexed", syntax_.node(child).span);
  }

  void add(const SyntaxNode& entry) {
    const bool word = entry.kind == Kind::name;
    if (entry.kind == Kind::ellipsis || (word && entry.text == "all")) {
      entries_.push_back(all);
    } else if (word && (entry.text == "None" || entry.text == "newaxis")) {
      entries_.push_back(newaxis);
    } else if (entry.kind == Kind::slice) {
      entries_.push_back(read_slice(entry));
    } else {
      entries_.emplace_back(position(entry));
    }
  }

  Index read_slice(const SyntaxNode& entry) const {
    std::optional<int64_t> bounds[3];
    for (size_t i = 0; i < entry.children.size(); ++i) {
      const int child = entry.children[i];
      if (child == SyntaxNode::no_child) continue;
      const SyntaxNode& bound = syntax_.node(child);
      if (bound.kind == Kind::name && bound.text == "None") continue;
      bounds[i] = position(bound);
    }
    return slice(bounds[0], bounds[1], bounds[2].value_or(1));
  }

  int64_t position(const SyntaxNode& entry) const {
    const auto id = static_cast<size_t>(&entry - syntax_.nodes.data());
    const auto& found = operands_[id];
    if (found && std::holds_alternative<Number>(*found)) {
      const auto& number = std::get<Number>(*found);
      if (const auto* value = std::get_if<int64_t>(&number)) return *value;
    }
    if (found && std::holds_alternative<Value>(*found)) {
      throw ExpressionError("an array is not an index; take(x, indices) selects by an array",
                            entry.span);
    }
    throw ExpressionError("an index is an integer, a slice, None or ...", entry.span);
  }

  /// Replaces entry `at`, an ellipsis, by whole dimensions.
  void expand(const Value& array, size_t at) {
    if (expanded_) {
      throw ExpressionError("an index has at most one ...",
                            syntax_.node(node_.children[at + 1]).span);
    }
    expanded_ = true;
    const auto named = std::count_if(entries_.begin(), entries_.end(), [](const Index& entry) {
      return entry.kind != Index::Kind::newaxis;
    });
    const int left = array.shape().rank() - static_cast<int>(named - 1);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
    if (left > 0) {
      entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), static_cast<size_t>(left),
                      all);
    }
  }

  const Syntax& syntax_;
  const SyntaxNode& node_;
  const Operands& operands_;
  std::vector<Index> entries_;
  bool expanded_ = false;
};

}  // namespace

Value indexed(const Syntax& syntax, const SyntaxNode& node, const Operands& operands) {
  return IndexReader(syntax, node, operands).read();
}

}  // namespace onepass::tool
