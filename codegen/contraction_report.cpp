// SPDX-License-Identifier: Apache-2.0
// The parts of a blocking, each as a few words.
#include "onepass/codegen/contraction_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace onepass::codegen {
namespace {

constexpr const char* given_panels = "panels of a constant";

class Description {
 public:
  Description(const PlanContext& context, const PointGraph& graph, const ContractionSpace& space,
              const Blocking& blocking)
      : context_(context), graph_(graph), space_(space), blocking_(blocking) {}

  std::string text() const {
    std::string text = fmt::format("{}: {}, {}", shape_class(), tile(), shared_out());
    text += ", " + left() + right();
    if (blocking_.depth_block > 0)
      text += fmt::format(", k in blocks of {}", blocking_.depth_block);
    if (blocking_.row_block > 0) text += fmt::format(", rows in blocks of {}", blocking_.row_block);
    if (blocking_.column_block > 0) {
      text += fmt::format(", columns in blocks of {}", blocking_.column_block);
    }
    if (graph_.reductions[0].tile_size > 0) return text + ", blocks as the call asks";
    if (!blocking_.tuned.empty()) return text + ", " + blocking_.tuned;
    return text + (graph_.reductions[0].provider_is_tuned ? "" : ", generated code by default");
  }

 private:
  std::string shape_class() const {
    std::string text;
    if (graph_.reductions.size() > 1) {
      text = fmt::format("{} products of one left operand in turns by {}, ",
                         graph_.reductions.size(), turns());
    }
    if (blocking_.parallel == Blocking::Parallel::batch) text += "a batch, ";
    const bool few_rows = blocking_.rows.exact, few_columns = blocking_.vectors.exact;
    if (few_rows && few_columns) return text + "one tile";
    if (few_rows) return text + (blocking_.rows.most == 1 ? "one row" : "few rows");
    return text + (few_columns ? "few columns" : "many rows and columns");
  }

  const char* turns() const {
    switch (blocking_.turns) {
      case Blocking::Turns::tile:
        return "tile";
      case Blocking::Turns::panel:
        return "panel";
      case Blocking::Turns::columns:
        break;
    }
    return "all columns";
  }

  std::string tile() const {
    const int rows = blocking_.rows.most;
    const int vectors = std::max(blocking_.vectors.most, blocking_.wide_vectors);
    return fmt::format("tiles of {} x {} ({} vector{} of {})", rows, vectors * blocking_.lanes,
                       vectors, vectors == 1 ? "" : "s", blocking_.lanes);
  }

  const char* shared_out() const {
    switch (blocking_.parallel) {
      case Blocking::Parallel::batch:
        return "products in parallel";
      case Blocking::Parallel::rows:
        return "rows in parallel";
      case Blocking::Parallel::columns:
        return blocking_.row_chunk > 0 ? "columns and rows in parallel" : "columns in parallel";
      case Blocking::Parallel::none:
        break;
    }
    return "one thread";
  }

  std::string left() const {
    return operand(graph_.reductions[0].roots[0], blocking_.copies_left ? "copied rows" : nullptr,
                   space_.depth.value_or(space_.column));
  }

  std::string right() const {
    std::string text;
    for (const Reduction& product : graph_.reductions) {
      const char* const copies = blocking_.panel_width > 0 ? given_panels
                                 : blocking_.packs_right   ? "packed panels"
                                                           : nullptr;
      text += ", " + operand(product.roots[1], copies, space_.column);
    }
    return text;
  }

  /// "x in place", "w in packed panels, turned over", "q and zero mapped in packed panels"
  std::string operand(PointId root, const char* copies, size_t along) const {
    std::string names;
    for (const PointId id : reachable(graph_, {root})) {
      const Point& point = graph_.points[static_cast<size_t>(id)];
      if (point.kind != Point::Kind::load) continue;
      const auto array = graph_.operands[static_cast<size_t>(point.index)].array;
      names += (names.empty() ? "" : " and ") +
               context_.fused.body->inputs[static_cast<size_t>(array)].name;
    }
    if (names.empty()) names = "numbers";
    const Point& point = graph_.points[static_cast<size_t>(root)];
    if (point.kind != Point::Kind::load) {
      return names +
             (copies == nullptr ? " mapped when read" : fmt::format(" mapped in {}", copies));
    }
    if (copies == nullptr) return names + " in place";
    if (copies == given_panels) return names + " in panels that are packed once";
    const bool turned = graph_.known_stride(point.index, space_.groups[along].last()) != 1;
    return fmt::format("{} in {}{}", names, copies, turned ? ", turned over" : "");
  }

  const PlanContext& context_;
  const PointGraph& graph_;
  const ContractionSpace& space_;
  const Blocking& blocking_;
};

}  // namespace

std::string describe_contraction(const PlanContext& context, const PointGraph& graph,
                                 const ContractionSpace& space, const Blocking& blocking) {
  return Description(context, graph, space, blocking).text();
}

}  // namespace onepass::codegen
