// SPDX-License-Identifier: Apache-2.0
// One graph seen as a product that fills a window, and as rows that read it.
#include "onepass/codegen/product_rows.h"

#include <algorithm>

#include "onepass/codegen/contraction_operands.h"
#include "onepass/codegen/contraction_report.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

/// Rows of which register tiles of all usual sizes make blocks; threads share out as many.
constexpr int64_t fewest_rows = 24;

bool is_sum(const Point& point, size_t reduction) {
  return point.kind == Point::Kind::accumulator && point.index == static_cast<int>(reduction);
}

size_t product_of(const PointGraph& graph) {
  const auto found = std::find_if(graph.reductions.begin(), graph.reductions.end(),
                                  [](const Reduction& r) { return r.product; });
  internal_check(found != graph.reductions.end() && found->rows >= 0 && found->columns >= 0,
                 "rows of a product have no matrix");
  return static_cast<size_t>(found - graph.reductions.begin());
}

/// Rows of scratch: as long as the longest of their class. A block stays in the second level cache
/// beside what it is made of; where operands are copied for each, it is larger.
Window choose_window(const PointGraph& graph, const Reduction& product, SizeFacts& facts) {
  constexpr int64_t shortest = 16, most_rows = 960;
  constexpr int64_t usual_bytes = 64 << 10, bytes_of_copied = 512 << 10;
  Window window{static_cast<int>(graph.operands.size()), product.rows, product.columns};
  const LoopGroup columns{product.columns, 1};
  for (window.pitch = shortest; !facts.is_shorter(graph, columns, window.pitch + 1);) {
    window.pitch *= 2;
  }
  const bool is_plain = is_plain_load(graph, product.roots[1], columns);
  const int64_t bytes = is_plain ? usual_bytes : bytes_of_copied;
  const int64_t rows = bytes / (window.pitch * byte_size(product.dtype));
  window.rows = std::clamp(rows / fewest_rows * fewest_rows, fewest_rows, most_rows);
  return window;
}

/// The graph with an operand that stands for its window.
PointGraph with_window(PointGraph graph, const PlanContext& context, SizeFacts& facts) {
  const Reduction& product = graph.reductions[product_of(graph)];
  const Window window = choose_window(graph, product, facts);
  runtime::Operand operand;
  operand.array = -1;
  operand.dtype = product.dtype;
  operand.written = true;
  operand.axes.resize(graph.dimensions.size());
  operand.axes[static_cast<size_t>(window.row)] = {0, 1};
  operand.axes[static_cast<size_t>(window.column)] = {1, 1};
  const auto extent = [&](int dimension) {
    return context.graph.captured_extent(graph.dimensions[static_cast<size_t>(dimension)]);
  };
  graph.layouts.emplace_back(product.dtype, Shape{extent(window.row), extent(window.column)},
                             Strides{window.pitch, 1});
  graph.operands.push_back(std::move(operand));
  graph.window = window;
  return graph;
}

/// The product alone: its result is the window.
PointGraph product_part(PointGraph graph) {
  const size_t number = product_of(graph);
  for (size_t i = 0; i < graph.points.size(); ++i) {
    Point& point = graph.points[i];
    if (!is_sum(point, number)) continue;
    graph.results = {static_cast<PointId>(i)};
    point.index = 0;
  }
  graph.reductions = {graph.reductions[number]};
  graph.kept = graph.reductions[0].columns + 1;
  graph.first_result_operand = graph.window->operand;
  return graph;
}

/// All but the product: its sums are loads of the window. What only the product reads does not
/// move.
PointGraph row_part(PointGraph graph) {
  const size_t number = product_of(graph);
  graph.reductions.erase(graph.reductions.begin() + static_cast<std::ptrdiff_t>(number));
  for (Point& point : graph.points) {
    if (point.kind != Point::Kind::accumulator) continue;
    if (is_sum(point, number)) {
      point.kind = Point::Kind::load;
      point.index = graph.window->operand;
    } else if (point.index > static_cast<int>(number)) {
      --point.index;
    }
  }
  std::vector<PointId> roots = graph.results;
  for (const Reduction& r : graph.reductions) roots.push_back(r.roots[0]);
  std::vector<bool> is_read(graph.operands.size(), false);
  for (const PointId id : reachable(graph, roots)) {
    const Point& point = graph.points[static_cast<size_t>(id)];
    if (point.kind == Point::Kind::load) is_read[static_cast<size_t>(point.index)] = true;
  }
  graph.dimensions.resize(static_cast<size_t>(graph.window->column) + 1);
  for (size_t i = 0; i < graph.operands.size(); ++i) {
    runtime::Operand& operand = graph.operands[i];
    operand.axes.resize(graph.dimensions.size());
    if (!is_read[i] && !operand.written)
      std::fill(operand.axes.begin(), operand.axes.end(), runtime::Operand::Axis{});
  }
  return graph;
}

}  // namespace

ProductRows::ProductRows(const PlanContext& context, PointGraph graph, SizeFacts& facts)
    : context_(context),
      kernel_(with_window(std::move(graph), context, facts)),
      product_(product_part(kernel_)),
      rows_(row_part(kernel_)),
      space_(contraction_space(product_)),
      blocking_(choose_blocking(context, product_, space_, facts)) {}

std::vector<LoopGroup> ProductRows::kept() const {
  std::vector<LoopGroup> groups(
      space_.groups.begin(), space_.groups.begin() + static_cast<std::ptrdiff_t>(space_.batches));
  groups.push_back(space_.groups[*space_.row]);
  return groups;
}

void ProductRows::declare_rows(NestBuilder& nest, const WriteRows& write_rows) {
  Procedure procedure{"rows", {}, {}};
  const auto parameter = [&](const char* name) {
    procedure.parameters.push_back(nest.variable(name));
    return variable(procedure.parameters.back());
  };
  std::vector<Affine> batch;
  for (size_t g = 0; g < space_.batches; ++g) batch.push_back(parameter("n"));
  const Affine first = parameter("r"), end = parameter("re");
  nest.move_window(first);
  write_rows(batch, first, end, procedure.body);
  procedure_ = nest.add_procedure(std::move(procedure));
}

void ProductRows::plan_phase(NestBuilder& nest, const WriteRows& write_rows) {
  declare_rows(nest, write_rows);
  Block entry;
  loops_.emplace(context_, product_, space_, blocking_, nest);
  loops_->begin(entry);
  const bool by_batch = blocking_.parallel == Blocking::Parallel::batch;
  const size_t group = by_batch ? 0 : *space_.row;
  const int64_t chunk = by_batch ? 1 : fewest_rows;
  const VariableId index = nest.variable("i");
  const VariableId end = by_batch ? -1 : nest.variable("e");
  For parallel =
      loop_over(LoopKind::parallel, index, {}, bound(loops_->emitter().extent(group)), chunk);
  Span rows = loops_->whole(space_.row);
  if (by_batch) {
    loops_->open(0, variable(index), parallel.body);
  } else {
    parallel.range_end = end;
    rows = {variable(index), bound(variable(end))};
  }
  loops_->batch_loops(by_batch ? 1 : 0, parallel.body, [&](Block& into) {
    const VariableId first = nest.variable("it");
    For blocks = loop_over(LoopKind::serial, first, rows.begin, rows.end, kernel_.window->rows);
    walk_block(nest, variable(first), rows.end, blocks.body);
    into.push_back(std::move(blocks));
  });
  entry.push_back(std::move(parallel));
  const double fma_per_nanosecond = 4.0 * blocking_.lanes;
  nest.add_phase(std::move(entry),
                 nest.extent(space_.groups[group].first, space_.groups[group].count), chunk,
                 1 / fma_per_nanosecond);
}

/// The rows from `first` on, before `last`, that fit the window.
void ProductRows::walk_block(NestBuilder& nest, const Affine& first, Bound last, Block& into) {
  const VariableId end = nest.variable("e");
  last.smallest_of.push_back(first + kernel_.window->rows);
  For block = loop_over(LoopKind::fixed, end, {}, std::move(last));
  nest.move_window(first);
  loops_->product({first, bound(variable(end))}, loops_->whole(space_.column), block.body);
  Call call{procedure_, {}};
  for (size_t g = 0; g < space_.batches; ++g) {
    call.arguments.push_back(bound(loops_->emitter().scope().index[g]));
  }
  call.arguments.push_back(bound(first));
  call.arguments.push_back(bound(variable(end)));
  block.body.push_back(std::move(call));
  into.push_back(std::move(block));
}

std::string ProductRows::describe() const {
  return describe_contraction(context_, product_, space_, blocking_) + ", reduced in blocks of " +
         std::to_string(kernel_.window->rows) + " rows";
}

}  // namespace onepass::codegen
