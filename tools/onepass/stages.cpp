// SPDX-License-Identifier: Apache-2.0
// One table of stages for expressions and for replayed graphs.
#include "stages.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>

#include "graph_replay.h"
#include "onepass/engine/explain.h"

namespace onepass::tool {
namespace {

constexpr std::string_view every_stage = "all";

template <class Source>
struct Stage {
  std::string_view name;
  std::string (*text)(const Source& source);
};

std::string edge_table(const std::vector<EdgeSummary>& edges) {
  std::string text;
  for (const EdgeSummary& edge : edges) {
    text += fmt::format("{} -> {}: {}, {} bytes\n", edge.producer, edge.consumer, edge.reason,
                        edge.bytes);
  }
  return text.empty() ? "no edges\n" : text;
}

constexpr Stage<Explanation> explanation_stages[] = {
    {"graph", [](const Explanation& e) { return e.graph(); }},
    {"passes", [](const Explanation& e) { return e.passes(); }},
    {"fused", [](const Explanation& e) { return e.fused(); }},
    {"loops", [](const Explanation& e) { return e.loops(); }},
    {"llvm", [](const Explanation& e) { return e.llvm_ir(); }},
    {"asm", [](const Explanation& e) { return e.assembly(); }},
    {"dot", [](const Explanation& e) { return e.dot(); }},
    {"edges", [](const Explanation& e) { return edge_table(e.edges()); }},
};

constexpr Stage<GraphReplay> replay_stages[] = {
    {"graph", [](const GraphReplay& r) { return r.graph(); }},
    {"passes", [](const GraphReplay& r) { return r.passes(); }},
    {"fused", [](const GraphReplay& r) { return r.fused(); }},
    {"loops", [](const GraphReplay& r) { return r.loops(); }},
    {"llvm", [](const GraphReplay& r) { return r.llvm_ir(); }},
    {"asm", [](const GraphReplay& r) { return r.assembly(); }},
    {"dot", [](const GraphReplay& r) { return r.dot(); }},
    {"edges", [](const GraphReplay& r) { return edge_table(r.edges()); }},
};

void print_text(std::ostream& stream, const std::string& text) {
  stream << text;
  if (!text.ends_with('\n')) stream << '\n';
}

template <class Source, size_t n>
void print(std::ostream& stream, const Stage<Source> (&stages)[n], std::string_view name,
           const Source& source) {
  for (const Stage<Source>& stage : stages) {
    if (name == every_stage) stream << "== " << stage.name << '\n';
    if (name == every_stage || name == stage.name) print_text(stream, stage.text(source));
  }
}

}  // namespace

std::vector<std::string> stage_names() {
  std::vector<std::string> names;
  for (const auto& stage : explanation_stages) names.emplace_back(stage.name);
  names.emplace_back(every_stage);
  return names;
}

void print_stage(std::ostream& stream, const std::string& stage, const Explanation& explanation) {
  if (stage.empty()) return print_text(stream, onepass::to_string(explanation));
  print(stream, explanation_stages, stage, explanation);
}

void print_stage(std::ostream& stream, const std::string& stage, const GraphReplay& replay) {
  if (stage.empty()) return print_text(stream, replay.summary());
  print(stream, replay_stages, stage, replay);
}

}  // namespace onepass::tool
