// SPDX-License-Identifier: Apache-2.0
// What the plans of kernels over rows have in common: memory in logical order for what no single
// stride walks, and the loops over the elements of a row.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "onepass/codegen/lane_accumulator.h"
#include "onepass/codegen/loop_groups.h"
#include "onepass/codegen/point_emitter.h"
#include "onepass/codegen/product_rows.h"
#include "onepass/codegen/row_loops.h"

namespace onepass::codegen {

class RowPlanner {
 public:
  /// `product`: where rows come from that are not in memory; `graph` is then its rows.
  RowPlanner(const PlanContext& context, PointGraph graph, SizeFacts facts,
             ProductRows* product = nullptr);
  virtual ~RowPlanner() = default;

  Plan run();

 protected:
  using Block = std::vector<Statement>;

  /// What explain calls the way, and how many elements of a row stand between one loop over it and
  /// the next.
  virtual const char* way() const = 0;
  virtual bool rows_in_turn() const = 0;
  virtual int64_t rows_at_once() const { return 1; }
  /// Whether rows are walked one by one: what no single stride walks may then be gathered for each.
  virtual bool gathers() const { return false; }
  /// Whether it may be gathered block by block of the reductions, where nothing else is asked.
  virtual bool gathers_blocks() const { return false; }
  /// The phases between packing and unpacking. Returns the loops that they are made of.
  virtual const RowLoops& plan_phases() = 0;

  int element_count() const { return static_cast<int>(graph_.dimensions.size()) - graph_.kept; }
  int elements_parameter() { return nest_.extent(graph_.kept, element_count()); }
  Affine elements() { return parameter(elements_parameter()); }
  /// The kept group that is innermost.
  size_t row_group() const { return kept_.size() - 1; }
  /// The group of the elements of a row, behind those of the kept dimensions.
  size_t element_group() const { return kept_.size(); }
  LoopGroup element_dimensions() const { return {graph_.kept, element_count()}; }

  /// Copies what is gathered of the open row into scratch, unless that is done by block.
  void gather_row(const PointEmitter& emitter, Block& into);
  /// The same for elements [begin, end) of a block, if it is done by block.
  void gather_block(const PointEmitter& emitter, const Affine& begin, const Bound& end,
                    Block& into);

  /// Whether a row has at most `limit` elements; the answer becomes a fact.
  bool has_at_most(int64_t limit);

  /// Points that the loops over a row find in memory: what is packed or turned over.
  std::vector<PointId> given_points() const;
  bool is_packed(PointId point) const { return packed_[static_cast<size_t>(point)] >= 0; }
  /// A fresh emitter: values do not cross phases. With the constants of a phase's accumulators.
  PointEmitter start_phase(Block& entry);
  PointEmitter start_phase(std::vector<std::vector<LaneAccumulator>>& accumulators, Block& entry);
  /// From here on kept group `group` stands at `index`: writes what is known by that.
  void open_kept(PointEmitter& emitter, size_t group, Affine index, Block& into);
  /// The one phase of rows that a product makes: `start` begins the work on a block of rows, `walk`
  /// does it for rows [first, end), all other groups being open. It takes `nanoseconds` an element.
  void plan_product(double nanoseconds, const std::function<PointEmitter(Block& entry)>& start,
                    const std::function<void(PointEmitter& emitter, const Affine& first,
                                             const Affine& end, Block& into)>& walk);
  /// Serial loops over the kept groups of `order` from number `next` on, then `innermost`.
  void each_kept(PointEmitter& emitter, const std::vector<size_t>& order, size_t next, Block& into,
                 const std::function<void(Block&)>& innermost);
  void all_kept(PointEmitter& emitter, Block& into, const std::function<void(Block&)>& innermost);
  /// Position of the open kept dimensions in row-major order, times `scale`.
  Affine row_number(const PointEmitter& emitter, int64_t scale = 1);

  /// How a loop is walked: `width` elements at once. `saved`: scratch by point, -1 for none.
  struct Walk {
    const RowLoop& loop;
    int width;
    const std::vector<ArrayId>* saved = nullptr;
  };
  /// The body of a vector loop over variable `lane`: points, what is saved of them, and part `part`
  /// of the accumulators of the reductions of the loop, in their order; results go to `stores`.
  void emit_elements(PointEmitter& emitter, const Walk& walk,
                     std::vector<LaneAccumulator>& accumulators, const Affine& part,
                     VariableId lane, Block& into, Block& stores);
  /// The body of a vector loop: its variable, and which part of the accumulators it meets.
  using Elements = std::function<void(const Affine& part, VariableId lane, Block& into)>;
  Elements all_of(PointEmitter& emitter, const Walk& walk,
                  std::vector<LaneAccumulator>& accumulators);
  /// One vector of a step over all lanes. Without `end` no lane is masked.
  For part_loop(const Elements& elements, int width, const Affine& part, const Affine& begin,
                const std::optional<Affine>& end);
  /// Steps over `lanes` in vectors of `width` from `begin` to `end`: whole ones, then one with
  /// masked lanes.
  void row_steps(const Elements& elements, int lanes, int width, const Affine& begin,
                 const Bound& end, Block& into);

  /// Clears the accumulators of a loop for a block of elements from `begin` on.
  void clear(std::vector<LaneAccumulator>& accumulators, int width, const Affine& begin,
             Block& into);

  /// A loop's lanes per vector instruction times how many go at once.
  int vector_width(const RowLoop& loop, int lanes) const;
  double loop_nanoseconds(const RowLoop& loop) const;
  /// Lets results bypass the caches where all arrays together do not fit them.
  void stream_results();
  void store_row_results(PointEmitter& emitter, const std::vector<size_t>& results, Block& into);
  void set_total(PointEmitter& emitter, size_t reduction, ValueId total) const;

  const PlanContext& context_;
  PointGraph graph_;
  SizeFacts facts_;
  ProductRows* const product_;
  std::vector<LoopGroup> kept_;
  NestBuilder nest_;
  std::vector<PointId> row_points_;
  /// By point: scratch that holds its values of the open row from `turned_place_` on; -1: none.
  std::vector<ArrayId> turned_;
  Affine turned_place_;

 private:
  codegen::Walk describe_walk(const RowLoops& loops) const;
  std::vector<bool> in_place_operands(const RowLoops& loops) const;
  void find_packed();
  int64_t longest_gathered(const std::vector<PointId>& broken);
  int64_t longest_gathered_block(const std::vector<PointId>& broken);
  bool lies_across(const std::vector<PointId>& points) const;
  std::vector<PointId> gathered_points() const;
  For copy_loop(PointEmitter& copy, const std::vector<PointId>& points, const Affine& first,
                const Bound& stop, const Affine& before);
  std::vector<LoopGroup> element_groups() const;
  void pack();
  void pack_turned(PointId id, const std::vector<LoopGroup>& groups, size_t along);
  void unpack();
  /// Loops over all elements of the space in logical order.
  void copy_phase(const std::vector<PointId>& points,
                  const std::function<void(PointEmitter&, Block&)>& copy);
  Affine flat_index(const PointEmitter& emitter);

  std::vector<ArrayId> gathered_;        // by point: scratch for those of a row in order; -1
  bool gathers_by_block_ = false;        // for those of a block
  Affine gathered_place_;                // element of the row with which that scratch begins
  std::vector<ArrayId> packed_;          // by point: a load or position in logical order; -1
  std::vector<ArrayId> packed_results_;  // by result
  bool has_packed_ = false, has_packed_results_ = false;
};

/// Rows in parallel, or several in one chunk; each walked as often as it has stages.
Plan plan_row_by_row(const PlanContext& context, PointGraph graph, SizeFacts facts,
                     ProductRows* product = nullptr);
/// Rows in a pipeline: a stage of one row goes with the next stage of the row before.
Plan plan_row_pipeline(const PlanContext& context, PointGraph graph, SizeFacts facts,
                       ProductRows* product = nullptr);
bool can_pipeline(const PlanContext& context, const PointGraph& graph, SizeFacts& facts);
/// Few long rows: chunks of each in parallel, a phase per stage.
Plan plan_row_chunks(const PlanContext& context, PointGraph graph, SizeFacts facts);
/// Rows of a few elements: a vector holds one element of each of several rows.
Plan plan_short_rows(const PlanContext& context, PointGraph graph, SizeFacts facts,
                     ProductRows* product = nullptr);
bool are_short(const PointGraph& graph, SizeFacts& facts);
/// Rows side by side in memory, of which only reductions are asked: several rows at once.
Plan plan_rows_across(const PlanContext& context, PointGraph graph, SizeFacts facts);
bool lie_side_by_side(const PointGraph& graph);

/// Whether the bits do not depend on the order in which elements are combined.
bool is_free_of_order(const Reduction& reduction);

/// Plans kernels that reduce the rows of a product, together with it.
Plan plan_product_rows(const PlanContext& context, PointGraph graph, SizeFacts facts);

/// Plans kernels whose reductions all reduce the elements of the same rows.
Plan plan_rows(const PlanContext& context, PointGraph graph);

/// The same of columns: rows of the graph that lie side by side.
Plan plan_columns(const PlanContext& context, PointGraph graph);

}  // namespace onepass::codegen
