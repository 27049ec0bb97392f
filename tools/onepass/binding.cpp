// SPDX-License-Identifier: Apache-2.0
// Reads bindings and makes their arrays.
#include "binding.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "lexer.h"

namespace onepass::tool {
namespace {

std::string dtype_names() {
  std::string names;
  for (const DTypeInfo& row : dtype_table) names += " " + std::string(row.name);
  return names;
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// "f32[128, 512]"; nothing if the text does not have that form.
std::optional<TypeSource> read_type(std::string_view binding, std::string_view text) {
  const size_t opening = text.find('[');
  if (opening == std::string_view::npos || !text.ends_with(']')) return std::nullopt;
  TypeSource type;
  const std::string_view name = trimmed(text.substr(0, opening));
  const auto dtype = dtype_from_name(name);
  if (!dtype) {
    throw UserError(
        fmt::format("{}: '{}' is not a dtype; the dtypes are{}", binding, name, dtype_names()));
  }
  type.dtype = *dtype;
  std::string_view list = text.substr(opening + 1, text.size() - opening - 2);
  bool more = !trimmed(list).empty();
  while (more) {
    const size_t comma = std::min(list.find(','), list.size());
    const std::string_view extent = trimmed(list.substr(0, comma));
    const auto number = read_number(extent);
    if (!number || !std::holds_alternative<int64_t>(*number)) {
      throw UserError(fmt::format("{}: '{}' is not an extent; extents are whole numbers from 0 on",
                                  binding, extent));
    }
    type.shape.push_back(std::get<int64_t>(*number));
    more = comma < list.size();
    list.remove_prefix(more ? comma + 1 : comma);
  }
  return type;
}

Tensor random_tensor(const TypeSource& type, uint64_t seed) {
  constexpr double integer_end = 100;
  if (type.dtype == f32 || type.dtype == f64) {
    return random_normal(type.shape, {.seed = seed, .dtype = type.dtype});
  }
  if (is_floating(type.dtype)) {
    return astype(random_normal(type.shape, {.seed = seed}), type.dtype);
  }
  if (type.dtype == boolean) return random_uniform(type.shape, {.seed = seed}) < 0.5f;
  return astype(random_uniform(type.shape, {.high = integer_end, .seed = seed}), type.dtype);
}

/// Depends on the name alone, so that adding an array does not change the others.
uint64_t seed_of(std::string_view name, uint64_t seed) {
  constexpr uint64_t offset = 14695981039346656037u, prime = 1099511628211u;  // FNV-1a
  uint64_t hash = offset;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return hash + seed;
}

}  // namespace

Binding parse_binding(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) {
    throw UserError(fmt::format(
        "'{}' binds nothing; write name=value, as in x=x.npy, x=3.5 or x=f32[128, 512]", text));
  }
  const std::string name = text.substr(0, equals);
  if (!is_identifier(name)) {
    throw UserError(fmt::format(
        "'{}' cannot be bound; a name is a letter, then letters, digits and underscores", name));
  }
  if (is_reserved(name)) {
    throw UserError(fmt::format("'{}' cannot be bound; it is a word of the language", name));
  }
  const std::string value = text.substr(equals + 1);
  Binding binding{name, value, {}};
  if (const auto number = read_signed_number(value)) {
    binding.source = *number;
  } else if (auto type = read_type(text, value)) {
    binding.source = *type;
  } else if (value.ends_with(".npy") || std::filesystem::is_regular_file(value)) {
    binding.source = FileSource{value};
  } else {
    throw UserError(fmt::format(
        "{}: '{}' is neither a number, a .npy file nor a dtype with a shape, as in f32[128, 512]",
        text, value));
  }
  return binding;
}

std::vector<Binding> parse_bindings(std::span<const std::string> texts) {
  std::vector<Binding> bindings;
  for (const std::string& text : texts) {
    Binding binding = parse_binding(text);
    for (const Binding& other : bindings) {
      if (other.name == binding.name) {
        throw UserError(fmt::format("'{}' is bound twice", binding.name));
      }
    }
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

Names materialize(std::span<const Binding> bindings, const FillOptions& options) {
  Names names;
  for (const Binding& binding : bindings) {
    if (const auto* number = std::get_if<Number>(&binding.source)) {
      names.emplace(binding.name, *number);
    } else if (const auto* file = std::get_if<FileSource>(&binding.source)) {
      names.emplace(binding.name, Value(load_npy(file->path)));
    } else {
      const auto& type = std::get<TypeSource>(binding.source);
      const Tensor tensor = options.random
                                ? random_tensor(type, seed_of(binding.name, options.seed))
                                : empty(type.shape, type.dtype);
      names.emplace(binding.name, Value(tensor));
    }
  }
  return names;
}

}  // namespace onepass::tool
