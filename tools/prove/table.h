// SPDX-License-Identifier: Apache-2.0
// docs/accuracy.md: a page of text and a table, one row per function, type and accuracy.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace onepass::prove {

/// The cells of a row, as text.
struct Row {
  std::string function, dtype, accuracy;  // which row it is
  std::string bound;                      // of ops.def, in units in the last place
  std::string worst;                      // the largest error
  std::string at;                         // an argument that has it
  std::string wrong;                      // how many results are not the nearest number
  std::string emitters;                   // "equal", or how many results differ
  std::string inputs;                     // how many there were, and whether these were all

  bool operator==(const Row&) const = default;
  bool is_of(const Row& other) const {
    return function == other.function && dtype == other.dtype && accuracy == other.accuracy;
  }
};

class Table {
 public:
  /// The rows found in the text of a page.
  static Table parse(const std::string& page);
  /// The rows of a file; none if there is no file.
  static Table read(const std::string& path);

  /// Replaces the row of the same function, type and accuracy.
  void put(Row row);
  const std::vector<Row>& rows() const { return rows_; }

  /// The page, rows in the order of ops.def. Rows of functions that ops.def has not are left out.
  std::string page() const;
  /// UserError if the file cannot be written; it then stays as it was.
  void write(const std::string& path) const;

 private:
  std::vector<Row> rows_;
};

}  // namespace onepass::prove
