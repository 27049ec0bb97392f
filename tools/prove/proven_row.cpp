// SPDX-License-Identifier: Apache-2.0
// Findings as text, and what they say about the bound.
#include "proven_row.h"

#include <fmt/format.h>

#include "grid.h"
#include "prove.h"

namespace onepass::prove {
namespace {

/// 4294967296 as 4,294,967,296.
std::string grouped(uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (int64_t place = std::ssize(text) - 3; place > 0; place -= 3) {
    text.insert(static_cast<size_t>(place), 1, ',');
  }
  return text;
}

/// Hexadecimal: all bits are shown.
template <class T>
std::string arguments_text(const Finding<T>& finding, int arity) {
  std::string text;
  for (int i = 0; i < arity; ++i) {
    text += fmt::format("{}{:a}", i == 0 ? "" : ", ", finding.arguments[static_cast<size_t>(i)]);
  }
  return text;
}

template <class T>
std::string inputs_text(const Points<T>& points) {
  if (points.has_all()) return "all " + grouped(points.count());
  return grouped(points.count()) + (points.is_part_of_all() ? " of 4,294,967,296" : " points");
}

template <class T>
ProvenRow row_of(const Request& request, ir::Accuracy accuracy, const Points<T>& points,
                 const Proof<T>& proof) {
  const double bound = stated_bound(request.op, request.dtype, accuracy);
  const int arity = points.arity();
  ProvenRow result;
  Row& row = result.row;
  row.function = to_string(request.op);
  row.dtype = to_string(request.dtype);
  row.accuracy = name_of(accuracy);
  row.bound = fmt::format("{:g}", bound);
  row.worst = fmt::format("{:.5g}", proof.worst);
  row.at = proof.worst == 0 ? "" : arguments_text(proof.worst_at, arity);
  row.wrong = grouped(proof.wrong);
  row.emitters = proof.differing == 0 ? "equal" : grouped(proof.differing) + " differ";
  row.inputs = inputs_text(points);

  if (proof.differing > 0) {
    result.failure =
        fmt::format("the emitters differ in {} results, first at {}", grouped(proof.differing),
                    arguments_text(proof.differing_at, arity));
  } else if (bound == 0 ? proof.wrong > 0 : proof.worst > bound) {
    result.failure = fmt::format(
        "the error is {} units at {}, {} results are not the nearest; the bound is {:g}", row.worst,
        row.at, row.wrong, bound);
  }
  return result;
}

template <class T>
std::vector<ProvenRow> rows_of(const Request& request, Progress& progress) {
  const Points<T> points(request.op, request.points, request.stratum);
  std::vector<Contender<T>> contenders;
  for (const ir::Accuracy accuracy : request.accuracies) {
    contenders.push_back(
        {accuracy, on_the_host<T>(request.op, accuracy), compiled<T>(request.op, accuracy)});
  }
  progress.begin(fmt::format("{} {}", to_string(request.op), to_string(request.dtype)),
                 points.count());
  const auto proofs =
      prove<T>(reference<T>(request.op), points, contenders, request.threads, progress);
  progress.clear();
  std::vector<ProvenRow> rows;
  for (size_t c = 0; c < proofs.size(); ++c) {
    rows.push_back(row_of(request, request.accuracies[c], points, proofs[c]));
    if (proofs[c].reference_error > Grid<T>::doubt) {
      rows.back().failure += fmt::format("the reference is off by {} units; at most {} are allowed",
                                         proofs[c].reference_error, Grid<T>::doubt);
    }
  }
  return rows;
}

}  // namespace

std::vector<ProvenRow> proven_rows(const Request& request, Progress& progress) {
  return request.dtype == f32 ? rows_of<float>(request, progress)
                              : rows_of<double>(request, progress);
}

double stated_bound(ir::OpCode op, DType dtype, ir::Accuracy accuracy) {
  const ir::OpInfo& row = ir::info(op);
  if (accuracy == ir::Accuracy::fast) return row.ulp_fast;
  return dtype == f32 ? row.ulp_f32 : row.ulp_f64;
}

std::string_view name_of(ir::Accuracy accuracy) {
  return accuracy == ir::Accuracy::strict ? "strict" : "fast";
}

}  // namespace onepass::prove
