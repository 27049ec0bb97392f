// SPDX-License-Identifier: Apache-2.0
// From a fused body to points: walks from the results down, pushing views through ops until they
// reach a load.
#include <algorithm>
#include <unordered_map>

#include "onepass/codegen/constant_bits.h"
#include "onepass/codegen/point_graph.h"
#include "onepass/codegen/view.h"
#include "onepass/ir/cumulative.h"
#include "onepass/ir/row_space.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

using ir::AttributeKey;
using ir::Dimension;
using ir::Node;
using ir::NodeId;
using ir::OpCode;

class Analysis {
 public:
  explicit Analysis(const PlanContext& context) : context_(context), body_(*context.fused.body) {
    for (size_t i = 0; i < body_.inputs.size(); ++i) {
      input_of_node_[body_.inputs[i].node] = static_cast<int>(i);
    }
    for (size_t i = 0; i < body_.scalars.size(); ++i) {
      slot_of_node_[body_.scalars[i]] = scalar_slot(context.fused.inputs[body_.inputs.size() + i]);
    }
  }

  PointGraph run() {
    open_dimensions();
    for (const NodeId output : body_.outputs) {
      result_views_.push_back(result_view(body_.node(output).type.dimensions));
      graph_.results.push_back(evaluate(output, result_views_.back()));
    }
    for (size_t i = 0; i < pending_.size(); ++i) add_roots(i);
    finish_operands();
    return std::move(graph_);
  }

 private:
  /// A reduction or product that was met, and the view it was met under.
  struct Pending {
    NodeId node;
    View view;
  };

  /// The slot of a scalar of the graph around the fused node.
  int scalar_slot(NodeId scalar) const {
    const auto& scalars = context_.graph.scalars;
    const auto found = std::find(scalars.begin(), scalars.end(), scalar);
    internal_check(found != scalars.end(), "operand of a fused node is not a scalar of the graph");
    return static_cast<int>(found - scalars.begin());
  }

  /// Rows or columns and their elements, or else the results, are the iteration space: each extent
  /// but 1 is a dimension.
  void open_dimensions() {
    rows_ = ir::row_space(body_);
    graph_.dimensions = rows_ ? rows_->extents
                              : ir::moving_extents(body_.node(body_.outputs.at(0)).type.dimensions);
    graph_.kept = rows_ ? rows_->kept : static_cast<int>(graph_.dimensions.size());
    for (size_t i = 0; rows_ && i < rows_->extents.size(); ++i) {
      const int place = rows_->place(static_cast<int>(i));
      graph_.dimensions[static_cast<size_t>(place)] = rows_->extents[i];
    }
  }

  View result_view(const ir::Dimensions& dimensions) const {
    const bool has_elements = rows_ && ir::moving_extents(dimensions) == rows_->extents;
    View view(static_cast<size_t>(dimensions.rank()));
    int moving = 0;
    for (int d = 0; d < dimensions.rank(); ++d) {
      if (dimensions[d] == ir::one) continue;
      const int place = has_elements ? rows_->place(moving++) : moving++;
      const auto at = static_cast<size_t>(place);
      internal_check(at < graph_.dimensions.size() && graph_.dimensions[at] == dimensions[d],
                     "results of one kernel have different shapes");
      view[static_cast<size_t>(d)] = {place, 1, {}};
    }
    return view;
  }

  int new_dimension(Dimension symbol) {
    graph_.dimensions.push_back(symbol);
    return static_cast<int>(graph_.dimensions.size()) - 1;
  }

  using Key = uint64_t;
  static Key key_of(NodeId node, int view) {
    return static_cast<uint64_t>(static_cast<uint32_t>(node)) << 32 | static_cast<uint32_t>(view);
  }

  int intern(View view) {
    const auto found = std::find(views_.begin(), views_.end(), view);
    if (found != views_.end()) return static_cast<int>(found - views_.begin());
    views_.push_back(std::move(view));
    return static_cast<int>(views_.size()) - 1;
  }

  struct Visit {
    NodeId node;
    int view;
  };

  /// The point of `node` under `view`. An explicit stack: bodies may be chains of any length.
  PointId evaluate(NodeId node, const View& view) {
    const Visit first{node, intern(view)};
    std::vector<Visit> stack{first};
    while (!stack.empty()) {
      const Visit visit = stack.back();
      if (done_.contains(key_of(visit.node, visit.view))) {
        stack.pop_back();
        continue;
      }
      std::vector<Visit> needed = inputs_of(visit);
      const size_t before = stack.size();
      for (auto input = needed.rbegin(); input != needed.rend(); ++input) {
        if (!done_.contains(key_of(input->node, input->view))) stack.push_back(*input);
      }
      if (stack.size() != before) continue;
      done_[key_of(visit.node, visit.view)] = make_point(visit, needed);
      stack.pop_back();
    }
    return done_.at(key_of(first.node, first.view));
  }

  /// A running reduction of one element is that element.
  static bool is_cut(const Node& node) {
    if (ir::is_cumulative(node.op)) return node.type.dimensions[axis_of(node)] != ir::one;
    return ir::is_reduction(node.op) || node.op == OpCode::matmul;
  }
  static int axis_of(const Node& node) {
    return static_cast<int>(node.attributes.word(AttributeKey::axis));
  }

  /// The dtypes of a reduction's elements and accumulators; those of a product are its own.
  ir::ReductionDtypes dtypes_of(const Node& node) const {
    const DType own = node.type.dtype;
    if (node.op == OpCode::matmul) return {own, own, own, own};
    return ir::reduction_dtypes(ir::reduction_behind(node.op),
                                body_.node(node.inputs[0]).type.dtype)
        .value();
  }

  /// The nodes that a point of this node is computed from, each with its view.
  std::vector<Visit> inputs_of(const Visit& visit) {
    const Node& node = body_.node(visit.node);
    if (is_cut(node)) return {};
    std::vector<Visit> inputs;
    for (const NodeId input : node.inputs) {
      inputs.push_back({input, intern(view_through(body_, node, input,
                                                   views_[static_cast<size_t>(visit.view)]))});
    }
    return inputs;
  }

  PointId point_at(const Visit& visit) const { return done_.at(key_of(visit.node, visit.view)); }

  PointId append(Point point) {
    for (const PointId input : point.inputs) {
      point.depends |= graph_.points[static_cast<size_t>(input)].depends;
    }
    graph_.points.push_back(std::move(point));
    return static_cast<PointId>(graph_.points.size()) - 1;
  }

  PointId make_point(const Visit& visit, const std::vector<Visit>& inputs) {
    const Node& node = body_.node(visit.node);
    const View& view = views_[static_cast<size_t>(visit.view)];
    switch (node.op) {
      case OpCode::input:
        return load(visit.node, view);
      case OpCode::scalar:
        return scalar(visit.node);
      case OpCode::constant:
        return append(
            {.kind = Point::Kind::constant,
             .dtype = node.type.dtype,
             .bits = constant_bits(node.type.dtype, node.attributes.number(AttributeKey::value))});
      case OpCode::iota:
        return position(node, view);
      case OpCode::cast:
        return in_dtype(point_at(inputs[0]), node.type.dtype);
      case OpCode::broadcast_to:
      case OpCode::permute_dims:
      case OpCode::slice:
      case OpCode::reshape:
        return point_at(inputs[0]);
      default:
        if (is_cut(node)) return accumulator(visit.node, view);
        if (ir::is_cumulative(node.op)) return in_dtype(point_at(inputs[0]), node.type.dtype);
        return compute(node, inputs);
    }
  }

  PointId load(NodeId node, const View& view) {
    runtime::Operand operand;
    operand.array = input_of_node_.at(node);
    operand.dtype = body_.node(node).type.dtype;
    Point point{.kind = Point::Kind::load, .dtype = operand.dtype};
    for (size_t d = 0; d < view.size(); ++d) {
      for (runtime::Operand::Offset offset : view[d].offsets) {
        offset.dimension = static_cast<int>(d);
        operand.offsets.push_back(offset);
      }
      if (view[d].dimension < 0) continue;
      operand.axes.resize(
          std::max(operand.axes.size(), static_cast<size_t>(view[d].dimension) + 1));
      operand.axes[static_cast<size_t>(view[d].dimension)] = {static_cast<int>(d), view[d].step};
      point.depends |= dimension_bit(view[d].dimension);
    }
    const auto found = std::find(graph_.operands.begin(), graph_.operands.end(), operand);
    point.index = static_cast<int>(found - graph_.operands.begin());
    if (found == graph_.operands.end()) graph_.operands.push_back(std::move(operand));
    return append(std::move(point));
  }

  PointId scalar(NodeId node) {
    const int slot = slot_of_node_.at(node);
    const auto found = std::find(graph_.scalars.begin(), graph_.scalars.end(), slot);
    const auto index = static_cast<int>(found - graph_.scalars.begin());
    if (found == graph_.scalars.end()) graph_.scalars.push_back(slot);
    return append(
        {.kind = Point::Kind::scalar, .dtype = body_.node(node).type.dtype, .index = index});
  }

  PointId position(const Node& node, const View& view) {
    const ViewAxis& axis = view.at(static_cast<size_t>(node.attributes.word(AttributeKey::axis)));
    Point point{.kind = Point::Kind::position, .dtype = node.type.dtype, .index = axis.dimension};
    point.step = axis.step;
    point.offsets = axis.offsets;
    if (axis.dimension >= 0) point.depends = dimension_bit(axis.dimension);
    return append(std::move(point));
  }

  PointId compute(const Node& node, const std::vector<Visit>& inputs) {
    internal_check(ir::is_elementwise(node.op), "a fused body holds a node that no planner knows");
    Point point{.kind = Point::Kind::compute, .dtype = node.type.dtype, .op = node.op};
    for (const Visit& input : inputs) point.inputs.push_back(point_at(input));
    point.operand_dtype = graph_.points[static_cast<size_t>(point.inputs.back())].dtype;
    if (node.attributes.has(AttributeKey::exponent)) {
      point.exponent = node.attributes.number(AttributeKey::exponent);
    }
    return append(std::move(point));
  }

  PointId accumulator(NodeId id, const View& view) {
    const Node& node = body_.node(id);
    Point point{.kind = Point::Kind::accumulator, .dtype = dtypes_of(node).finished};
    point.index = static_cast<int>(pending_.size());
    for (const ViewAxis& axis : view) {
      if (axis.dimension >= 0) point.depends |= dimension_bit(axis.dimension);
    }
    pending_.push_back({id, view});
    return in_dtype(append(std::move(point)), node.type.dtype);
  }

  void add_roots(size_t index) {
    const Pending pending = pending_[index];
    const Node& node = body_.node(pending.node);
    Reduction reduction{.product = node.op == OpCode::matmul, .dtype = dtypes_of(node).accumulator};
    if (reduction.product) {
      add_product_roots(node, pending.view, reduction);
    } else if (ir::is_cumulative(node.op)) {
      reduction.op = ir::reduction_behind(node.op);
      reduction.running = pending.view[static_cast<size_t>(axis_of(node))].dimension;
      const PointId element =
          in_dtype(evaluate(node.inputs[0], pending.view), dtypes_of(node).element);
      reduction.roots = {in_dtype(element, reduction.dtype)};
    } else {
      reduction.op = node.op;
      reduction.correction = node.attributes.number(AttributeKey::correction, 0);
      add_reduction_root(node, pending.view, reduction);
    }
    graph_.reductions.push_back(std::move(reduction));
  }

  void add_reduction_root(const Node& node, const View& view, Reduction& reduction) {
    const NodeId input = node.inputs[0];
    const ir::Dimensions& dims = body_.node(input).type.dimensions;
    const auto axes = node.attributes.words(AttributeKey::axes);
    const bool keepdims = node.attributes.has(AttributeKey::keepdims) &&
                          node.attributes.word(AttributeKey::keepdims) != 0;
    View operand_view;
    size_t kept = 0;
    const bool of_rows =
        rows_ && (ir::row_space(body_, node) == rows_ || ir::column_space(body_, node) == rows_);
    int next_of_row = graph_.kept;
    for (int d = 0; d < dims.rank(); ++d) {
      const bool reduced = std::find(axes.begin(), axes.end(), d) != axes.end();
      if (!reduced) {
        operand_view.push_back(view[kept++]);
        continue;
      }
      if (keepdims) ++kept;
      const bool moves = dims[d] != ir::one;
      operand_view.push_back(
          !moves ? ViewAxis{} : ViewAxis{of_rows ? next_of_row++ : new_dimension(dims[d]), 1, {}});
    }
    reduction.inner = !axes.empty() && axes.back() == dims.rank() - 1;
    const PointId element = in_dtype(evaluate(input, operand_view), dtypes_of(node).element);
    reduction.roots = {in_dtype(element, reduction.dtype)};
  }

  PointId in_dtype(PointId point, DType dtype) {
    const DType from = graph_.points[static_cast<size_t>(point)].dtype;
    if (from == dtype) return point;
    return append(
        {.kind = Point::Kind::convert, .dtype = dtype, .operand_dtype = from, .inputs = {point}});
  }

  /// Rows of the left and columns of the right operand come from the view of the result; both share
  /// a new dimension.
  void add_product_roots(const Node& node, const View& view, Reduction& reduction) {
    const NodeId lhs = node.inputs[0], rhs = node.inputs[1];
    const ir::Dimensions& left = body_.node(lhs).type.dimensions;
    const ir::Dimensions& right = body_.node(rhs).type.dimensions;
    const int left_matrix = std::min(left.rank(), 2), right_matrix = std::min(right.rank(), 2);
    const Dimension depth_symbol = left[left.rank() - 1];
    // Products of one kernel share their left operand, and with it the depth.
    if (depth_ < 0 && depth_symbol != ir::one) depth_ = new_dimension(depth_symbol);
    const ViewAxis depth = depth_symbol == ir::one ? ViewAxis{} : ViewAxis{depth_, 1, {}};
    const bool has_rows = left_matrix == 2, has_columns = right_matrix == 2;
    const size_t batch = view.size() - (has_rows ? 1 : 0) - (has_columns ? 1 : 0);
    const auto batch_axes = [&](const ir::Dimensions& dims, int matrix) {
      View axes;
      const int rank = dims.rank() - matrix;
      for (int d = 0; d < rank; ++d) {
        axes.push_back(dims[d] == ir::one ? ViewAxis{}
                                          : view[batch - static_cast<size_t>(rank - d)]);
      }
      return axes;
    };
    View left_view = batch_axes(left, left_matrix), right_view = batch_axes(right, right_matrix);
    if (has_rows) {
      left_view.push_back(view[batch]);
      reduction.rows = view[batch].dimension;
    }
    left_view.push_back(depth);
    right_view.push_back(depth);
    if (has_columns) {
      right_view.push_back(view.back());
      reduction.columns = view.back().dimension;
      reduction.column_symbol = right[right.rank() - 1];
    }
    reduction.provider_is_tuned = node.attributes.has(AttributeKey::lead);
    if (node.attributes.has(AttributeKey::tile_size)) {
      reduction.tile_size = node.attributes.word(AttributeKey::tile_size);
    }
    const PointId a = evaluate(lhs, left_view);
    const PointId b = evaluate(rhs, right_view);
    reduction.roots = {in_dtype(a, reduction.dtype), in_dtype(b, reduction.dtype)};
  }

  /// Results become operands; every operand gets an axis for each dimension and the layout of its
  /// array.
  void finish_operands() {
    const size_t arrays = body_.inputs.size();
    graph_.first_result_operand = static_cast<int>(graph_.operands.size());
    for (size_t i = 0; i < body_.outputs.size(); ++i) {
      runtime::Operand operand;
      operand.array = static_cast<int>(arrays + i);
      operand.dtype = body_.node(body_.outputs[i]).type.dtype;
      operand.written = true;
      const View& view = result_views_[i];
      operand.axes.resize(graph_.dimensions.size());
      for (size_t d = 0; d < view.size(); ++d) {
        if (view[d].dimension >= 0)
          operand.axes[static_cast<size_t>(view[d].dimension)] = {static_cast<int>(d), 1};
      }
      graph_.operands.push_back(std::move(operand));
    }
    for (runtime::Operand& operand : graph_.operands) {
      operand.axes.resize(graph_.dimensions.size());
      graph_.layouts.push_back(context_.layouts.at(static_cast<size_t>(operand.array)));
    }
  }

  const PlanContext& context_;
  const ir::Graph& body_;
  PointGraph graph_;
  std::unordered_map<NodeId, int> input_of_node_, slot_of_node_;
  std::vector<View> views_, result_views_;
  std::optional<ir::RowSpace> rows_;
  int depth_ = -1;  // the dimension of the terms of products
  std::unordered_map<Key, PointId> done_;
  std::vector<Pending> pending_;
};

}  // namespace

PointGraph build_point_graph(const PlanContext& context) { return Analysis(context).run(); }

}  // namespace onepass::codegen
