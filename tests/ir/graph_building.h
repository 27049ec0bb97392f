// SPDX-License-Identifier: Apache-2.0
// Short spellings for tests that build graphs.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "onepass/ir/builder.h"
#include "onepass/runtime/error.h"

namespace onepass::ir {

inline Expr apply(Builder& b, OpCode op, std::initializer_list<Expr> inputs) {
  return b.apply(op, {inputs.begin(), inputs.size()});
}

inline Expr structural(Builder& b, OpCode op, std::initializer_list<Expr> inputs,
                       Attributes attributes = {}) {
  return b.structural(op, {inputs.begin(), inputs.size()}, std::move(attributes));
}

inline Expr composite(Builder& b, Composite function, std::initializer_list<Expr> inputs) {
  return b.composite(function, {inputs.begin(), inputs.size()});
}

inline Graph finish(Builder& b, std::initializer_list<Expr> outputs) {
  return b.finish({outputs.begin(), outputs.size()});
}

inline Attributes with(AttributeKey key, std::vector<int64_t> words) {
  Attributes attributes;
  attributes.set(key, std::move(words));
  return attributes;
}

inline Attributes with_shape(Builder& b, std::initializer_list<int64_t> shape) {
  const Dimensions d = b.given_dimensions({shape.begin(), shape.size()});
  return with(AttributeKey::dimensions, {d.begin(), d.end()});
}

/// The text of the UserError that `call` throws.
template <class Call>
std::string user_error(Call call) {
  try {
    call();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace onepass::ir
