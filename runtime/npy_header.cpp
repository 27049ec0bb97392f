// SPDX-License-Identifier: Apache-2.0
// Reads the one Python dictionary that a .npy header is.
#include "onepass/runtime/npy_header.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "onepass/runtime/error.h"

namespace onepass::runtime {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr size_t version_bytes = 2;
constexpr size_t header_alignment = 64;

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  throw UserError(fmt::format("load_npy: '{}' {}", name, what));
}

/// A cursor in the dictionary's text.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void parse(NpyHeader& header);

 private:
  [[noreturn]] void malformed(const char* what) const {
    refuse(name_,
           fmt::format("has a malformed header: {} at byte {} of the dictionary.", what, at_));
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, const char* what) {
    if (!accept(c)) malformed(what);
  }
  bool accept_word(std::string_view word) {
    skip_space();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  std::string_view quoted(const char* what);
  int64_t number();
  bool boolean();
  Shape shape();
  DType dtype();

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0;
};

std::string_view HeaderParser::quoted(const char* what) {
  skip_space();
  const char quote = at_ < text_.size() ? text_[at_] : '\0';
  if (quote != '\'' && quote != '"') malformed(what);
  const size_t end = text_.find(quote, at_ + 1);
  if (end == std::string_view::npos) malformed("a string without an end");
  const std::string_view result = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return result;
}

int64_t HeaderParser::number() {
  skip_space();
  const size_t first = at_;
  int64_t value = 0;
  for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, text_[at_] - '0', &value)) {
      malformed("an extent beyond 63 bits");
    }
  }
  if (at_ == first) malformed("an extent that is not a number");
  if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // NumPy under Python 2 wrote 3L
  return value;
}

bool HeaderParser::boolean() {
  if (accept_word("True")) return true;
  if (accept_word("False")) return false;
  malformed("fortran_order is neither True nor False");
}

Shape HeaderParser::shape() {
  expect('(', "a shape that is not a tuple");
  Shape shape;
  bool comma = true;
  while (!accept(')')) {
    if (!comma) malformed("a shape without ',' or ')'");
    const int64_t extent = number();
    if (shape.rank() == max_rank) {
      refuse(name_,
             fmt::format("has more than {0} dimensions; at most {0} are supported.", max_rank));
    }
    shape.push_back(extent);
    comma = accept(',');
  }
  // (3) is a number in Python, not a tuple.
  if (shape.rank() == 1 && !comma) malformed("a shape that is not a tuple");
  return shape;
}

DType HeaderParser::dtype() {
  skip_space();
  if (at_ < text_.size() && text_[at_] == '[') {
    refuse(name_, "holds structures; only arrays of plain numbers and booleans can be loaded.");
  }
  const std::string_view descriptor = quoted("descr is not a string");
  const std::string_view kind = descriptor.substr(descriptor.empty() ? 0 : 1);
  const char order = descriptor.empty() ? '\0' : descriptor[0];
  const bool known_order = order == '<' || order == '>' || order == '|' || order == '=';
  for (int i = 0; known_order && i < dtype_count; ++i) {
    const DTypeInfo& candidate = dtype_table[i];
    if (candidate.numpy.empty() || candidate.numpy.substr(1) != kind) continue;
    if (candidate.bytes > 1 && order == '|') break;
    if (candidate.bytes > 1 && order == '>') {
      refuse(name_, fmt::format("holds big-endian numbers ('{}'); only little-endian files can be "
                                "loaded. Convert it in Python: a.astype('{}').",
                                descriptor, candidate.numpy));
    }
    return static_cast<DType>(i);
  }
  std::string printable;
  for (const char c : descriptor) printable += c >= ' ' && c <= '~' ? c : '?';
  refuse(name_, fmt::format("holds elements of type '{}'; there is no such element type here.",
                            printable));
}

void HeaderParser::parse(NpyHeader& header) {
  std::optional<DType> dtype_found;
  std::optional<bool> order_found;
  std::optional<Shape> shape_found;
  expect('{', "no '{'");
  bool comma = true;
  while (!accept('}')) {
    if (!comma) malformed("no ',' or '}'");
    const std::string_view key = quoted("a key that is not a string");
    expect(':', "no ':'");
    if (key == "descr" && !dtype_found) {
      dtype_found = dtype();
    } else if (key == "fortran_order" && !order_found) {
      order_found = boolean();
    } else if (key == "shape" && !shape_found) {
      shape_found = shape();
    } else {
      malformed("a key that is unknown or there twice");
    }
    comma = accept(',');
  }
  skip_space();
  if (at_ != text_.size()) malformed("text after the dictionary");
  if (!dtype_found || !order_found || !shape_found) {
    malformed("descr, fortran_order or shape is missing");
  }
  header.dtype = *dtype_found;
  header.fortran_order = *order_found;
  header.shape = *shape_found;
}

/// Little-endian length of the dictionary: two bytes in version 1, four later.
size_t read_length(std::span<const std::byte> bytes) {
  size_t length = 0;
  for (size_t i = bytes.size(); i-- > 0;) length = length << 8 | std::to_integer<size_t>(bytes[i]);
  return length;
}

int64_t data_bytes(const NpyHeader& header, const std::string& name) {
  int64_t bytes = 1;
  bool overflow = false;
  for (const int64_t extent : header.shape) {
    if (extent == 0) return 0;
    overflow |= __builtin_mul_overflow(bytes, extent, &bytes);
  }
  overflow |= __builtin_mul_overflow(bytes, byte_size(header.dtype), &bytes);
  if (overflow) {
    refuse(name, fmt::format("claims shape {}; its size in bytes must fit 63 bits.",
                             to_string(header.shape)));
  }
  return bytes;
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const size_t prologue = magic.size() + version_bytes;
  if (!text.starts_with(magic) || text.size() < prologue) {
    refuse(name, "is not a .npy file: it does not begin with the bytes \\x93NUMPY and a version.");
  }
  const int major = std::to_integer<int>(file[magic.size()]);
  const int minor = std::to_integer<int>(file[magic.size() + 1]);
  if (major < 1 || major > 3 || minor != 0) {
    refuse(name, fmt::format("has .npy version {}.{}; versions 1.0, 2.0 and 3.0 can be loaded.",
                             major, minor));
  }
  const size_t length_bytes = major == 1 ? 2 : 4;
  if (file.size() < prologue + length_bytes) refuse(name, "ends inside its header.");
  const size_t length = read_length(file.subspan(prologue, length_bytes));
  const size_t begin = prologue + length_bytes;
  if (length > file.size() - begin) refuse(name, "ends inside its header.");
  NpyHeader header;
  HeaderParser(text.substr(begin, length), name).parse(header);
  header.data_offset = static_cast<int64_t>(begin + length);
  header.data_bytes = data_bytes(header, name);
  return header;
}

std::string make_npy_header(DType dtype, bool fortran_order, const Shape& shape,
                            const std::string& name) {
  if (info(dtype).numpy.empty()) {
    throw UserError(
        fmt::format("save_npy: '{}' would hold {}, which NumPy does not have; save another dtype. "
                    "Write save_npy(path, astype(x, f32)).",
                    name, to_string(dtype)));
  }
  std::string extents;
  for (const int64_t extent : shape) extents += fmt::format("{}, ", extent);
  if (shape.rank() > 1) extents.pop_back(), extents.pop_back();
  if (shape.rank() == 1) extents.pop_back();
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}), }}",
                                 info(dtype).numpy, fortran_order ? "True" : "False", extents);
  const size_t prologue = magic.size() + version_bytes + 2;
  const size_t total =
      (prologue + text.size() + 1 + header_alignment - 1) / header_alignment * header_alignment;
  text.append(total - prologue - text.size() - 1, ' ');
  text += '\n';
  std::string header(magic);
  header +=
      {'\x01', '\x00', static_cast<char>(text.size() & 0xFF), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace onepass::runtime
