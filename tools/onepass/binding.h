// SPDX-License-Identifier: Apache-2.0
// What a name=value argument binds: a file, a number, or random data of a given type.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "names.h"
#include "onepass/engine/onepass.h"

namespace onepass::tool {

struct FileSource {
  std::string path;
};
struct TypeSource {
  DType dtype = f32;
  Shape shape;
};

struct Binding {
  std::string name;
  std::string text;  // as given
  std::variant<Number, FileSource, TypeSource> source;
};

/// "x=x.npy", "x=3.5", "x=f32[128, 512]". UserError if it is none of them.
Binding parse_binding(const std::string& text);

/// All of them; UserError if one name is bound twice.
std::vector<Binding> parse_bindings(std::span<const std::string> texts);

/// How a type becomes an array.
struct FillOptions {
  bool random = true;  // false: what the memory holds, for callers that do not compute
  uint64_t seed = 0;
};

/// Loads files and makes arrays. Arrays of one type differ from name to name, and depend on the
/// seed alone.
Names materialize(std::span<const Binding> bindings, const FillOptions& options);

}  // namespace onepass::tool
