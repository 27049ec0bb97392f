// SPDX-License-Identifier: Apache-2.0
// The page of accuracies as Markdown.
#include "table.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <tuple>

#include "onepass/ir/op.h"
#include "onepass/runtime/error.h"

namespace onepass::prove {
namespace {

constexpr std::string_view head = R"(# Accuracy

The errors of every floating point function of `ir/ops.def`, measured. `onepass-prove` writes this
page; a test compares each row with the bound that `ir/ops.def` states now.

## What is measured

The error of a result is its distance from the exact value in units in the last place:

    error = |result - exact| / ulp(exact)

where ulp(exact) is the spacing of the type's numbers where the exact value lies: for
2^e <= |exact| < 2^(e+1) it is 2^(e-23) in f32 and 2^(e-52) in f64. Below the normal numbers, and at
zero, it is the smallest subnormal number; beyond the largest number, the spacing below that. A
correctly rounded result has an error of at most 0.5.

Special values have no tolerance. A result must be NaN where the exact value is NaN, infinite where
the correctly rounded value is infinite and nowhere else, and a result of zero must have the sign of
the exact value. Where one of these fails the error is infinite. A bound of 0 means that every result
is correctly rounded: no other number is nearer.

*Not nearest* counts the results that are not the correctly rounded value. *Emitters* says whether
the two implementations of a formula, `ir/host_emitter.h` and the machine code of the compiler, gave
the same bits for every input (any NaN equals any other).

## Which inputs

A function of one f32 is run on all 2^32 numbers. The others are run on points: all combinations of 34
special values per operand, then one half spread evenly over the signs and exponents of all operands,
and the other half where results are ordinary: in the row's dense range for one operand, and for more
with sizes near each other, or for `pow` where the result is neither zero nor infinite. A row that was
sampled says so. The worst error of such a row is the worst seen: a measurement, not a proof.

## The reference

The C library's function in a wider type, `double` for f32 and the 64-bit `long double` of x86 for f64,
and MPFR with 256 bits or more where that is not enough:

- where the wider value lies within 10^-6 (f32) or 2^-8 (f64) units of the middle between two numbers,
  so that rounding it might give the wrong neighbour;
- where an error comes within twice that of the worst error so far: the worst error in the table
  is one against MPFR;
- on one input of each 16,384, to measure the wider function itself: `onepass-prove` fails if one is
  off by more than 10^-6 (f32) or 2^-8 (f64) units.

## How to renew it

    cmake --preset release && cmake --build --preset release --target onepass-prove
    build/release/tools/prove/onepass-prove --table docs/accuracy.md            # all
    build/release/tools/prove/onepass-prove exp tanh --table docs/accuracy.md   # some

Rows of functions that are not named stay as they are. `--stratum 3/64` visits a part of the inputs:
of each 64 neighbours one, at a place that varies; the 64 parts together are all inputs. Each run of
the tests proves one such part, and `ctest --preset exhaustive` proves all. The machine code is that for
this CPU; with ONEPASS_TARGET=x86-64-v3 in the environment it is that for the smallest one.
`onepass-prove --help` lists the options.

## The table

| function | type | accuracy | bound | worst error | at | not nearest | emitters | inputs |
|---|---|---|---|---|---|---|---|---|
)";

auto cells(Row& row) {
  return std::tie(row.function, row.dtype, row.accuracy, row.bound, row.worst, row.at, row.wrong,
                  row.emitters, row.inputs);
}
constexpr size_t column_count = std::tuple_size_v<decltype(cells(std::declval<Row&>()))>;

std::string trimmed(const std::string& text) {
  constexpr const char* padding = " `";
  const size_t begin = text.find_first_not_of(padding);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(padding) + 1 - begin);
}

/// The cells of "| a | b |"; none if the line is no row.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> result;
  if (!line.starts_with("| `")) return result;
  for (size_t begin = 1, end; (end = line.find('|', begin)) != std::string::npos; begin = end + 1) {
    result.push_back(trimmed(line.substr(begin, end - begin)));
  }
  return result;
}

std::string line_of(const Row& row) {
  return fmt::format("| `{}` | {} | {} | {} | {} | `{}` | {} | {} | {} |\n", row.function,
                     row.dtype, row.accuracy, row.bound, row.worst, row.at, row.wrong, row.emitters,
                     row.inputs);
}

/// f32 before f64, strict before fast.
auto place_of(const Row& row) {
  const auto op = ir::op_from_name(row.function);
  return std::tuple(op.value_or(ir::OpCode{}), row.dtype, row.accuracy != "strict");
}

}  // namespace

Table Table::parse(const std::string& page) {
  Table table;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> found = split(line);
    if (found.size() != column_count) continue;
    Row row;
    std::apply([&, i = size_t{0}](auto&... cell) mutable { ((cell = found[i++]), ...); },
               cells(row));
    table.rows_.push_back(std::move(row));
  }
  return table;
}

Table Table::read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream page;
  if (file) page << file.rdbuf();
  return parse(page.str());
}

void Table::put(Row row) {
  const auto old = std::ranges::find_if(rows_, [&](const Row& one) { return one.is_of(row); });
  if (old == rows_.end()) {
    rows_.push_back(std::move(row));
  } else {
    *old = std::move(row);
  }
}

std::string Table::page() const {
  std::vector<Row> sorted = rows_;
  std::erase_if(sorted, [](const Row& row) { return !ir::op_from_name(row.function); });
  std::ranges::stable_sort(sorted, {}, place_of);
  std::string text(head);
  for (const Row& row : sorted) text += line_of(row);
  return text;
}

void Table::write(const std::string& path) const {
  const std::string part = path + ".part";
  std::ofstream file(part);
  file << page();
  file.close();
  std::error_code failure;
  if (file) std::filesystem::rename(part, path, failure);
  if (!file || failure) {
    throw UserError(fmt::format(
        "onepass-prove: {} cannot be written; --table needs a file in a writable folder. Choose "
        "another path.",
        path));
  }
}

}  // namespace onepass::prove
