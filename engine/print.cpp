// SPDX-License-Identifier: Apache-2.0
// Tensors as text: the type on one line, then the elements in NumPy's brackets, long dimensions
// shortened.
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "onepass/engine/element_text.h"
#include "onepass/engine/storage.h"
#include "onepass/engine/tensor.h"

namespace onepass {
namespace {

constexpr int64_t longest_complete = 1000;  // elements; beyond them dimensions are shortened
constexpr int64_t edge = 3;                 // entries shown at each end of a shortened dimension
constexpr size_t line_width = 75;
constexpr const char* gap = "...";

class Printer {
 public:
  explicit Printer(const Tensor& tensor)
      : view_(tensor.view()), shortened_(tensor.size() > longest_complete) {
    std::vector<const std::byte*> elements;
    collect(0, view_.data, elements);
    texts_ = element_texts(view_.dtype, elements);
  }

  std::string print() { return block(0, " ", line_width); }

 private:
  bool is_short(int dimension) const { return shortened_ && view_.shape[dimension] > 2 * edge; }

  /// Calls visit(index) for each entry that is shown, and visit(-1) where the gap is.
  template <class Visit>
  void each_entry(int dimension, Visit visit) const {
    const int64_t extent = view_.shape[dimension];
    const bool gapped = is_short(dimension);
    for (int64_t i = 0; i < extent; ++i) {
      if (gapped && i == edge) {
        visit(-1);
        i = extent - edge;
      }
      visit(i);
    }
  }

  void collect(int dimension, const std::byte* data, std::vector<const std::byte*>& elements) {
    if (dimension == view_.rank()) {
      elements.push_back(data);
      return;
    }
    const int64_t step = view_.strides[dimension] * byte_size(view_.dtype);
    each_entry(dimension, [&](int64_t i) {
      if (i >= 0) collect(dimension + 1, data + i * step, elements);
    });
  }

  /// The brackets of `dimension` and all inside; lines after the first begin with `indent`.
  std::string block(int dimension, const std::string& indent, size_t width) {
    const int inner = view_.rank() - dimension;
    if (inner == 0) return texts_[next_++];
    std::string text = inner == 1 ? row(dimension, indent, width) : rows(dimension, indent, width);
    return "[" + text + "]";
  }

  std::string row(int dimension, const std::string& indent, size_t width) {
    std::string text;
    std::string line = indent;
    each_entry(dimension, [&](int64_t i) {
      const std::string word = i < 0 ? gap : texts_[next_++];
      if (line.size() > indent.size()) line += ' ';
      if (line.size() > indent.size() && line.size() + word.size() > width - 1) {
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
        line = indent;
      }
      line += word;
    });
    return (text + line).substr(indent.size());
  }

  std::string rows(int dimension, const std::string& indent, size_t width) {
    const std::string separator(static_cast<size_t>(view_.rank() - dimension - 1), '\n');
    std::string text;
    each_entry(dimension, [&](int64_t i) {
      if (!text.empty()) text += separator + indent;
      text += i < 0 ? gap : block(dimension + 1, indent + " ", width - 1);
    });
    return text;
  }

  const runtime::ArrayView view_;
  bool shortened_;
  std::vector<std::string> texts_;
  size_t next_ = 0;  // of texts_, in the order of collect
};

}  // namespace

std::string to_string(const Tensor& tensor) {
  return type_text(tensor) + "\n" + (tensor.size() == 0 ? "[]" : Printer(tensor).print());
}

std::ostream& operator<<(std::ostream& stream, const Tensor& tensor) {
  return stream << to_string(tensor);
}

}  // namespace onepass
