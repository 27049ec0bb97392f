// SPDX-License-Identifier: Apache-2.0
// Shape classes: few rows, narrow, cache-sized, large.
#include "onepass/codegen/contraction_blocking.h"

#include <algorithm>

#include "onepass/codegen/contraction_operands.h"
#include "onepass/codegen/contraction_sizes.h"

namespace onepass::codegen {
namespace {

/// Right operands of so many bytes come from memory; two rows and less ask less of it.
constexpr int64_t far_bytes = int64_t{16} << 20, far_bytes_of_two_rows = int64_t{24} << 20;

/// Parts of a dimension that has more than `most` units.
PartSizes parts_of(int most) { return {.least = std::max((most + 1) / 2, 1), .most = most}; }

class BlockingChoice : ContractionSizes {
 public:
  BlockingChoice(const PlanContext& context, const PointGraph& graph, const ContractionSpace& space,
                 SizeFacts& facts)
      : ContractionSizes(context, graph, space, facts) {}

  Blocking run() {
    blocking_.lanes = lanes_;
    blocking_.masks_are_free = registers_.many;
    choose_parallel();
    // Without any k there is no block of k that could finish.
    if (graph_.reductions[0].tile_size > 0 && has(space_.depth, 1)) {
      choose_requested(graph_.reductions[0].tile_size);
    } else {
      choose_tile();
      choose_copies();
      choose_rows_ahead();
      choose_fetches_beside();
      apply_tuning();
      choose_turns();
      choose_row_chunk();
    }
    if (blocking_.parallel != Parallel::batch && blocking_.rows.single &&
        blocking_.vectors.single) {
      blocking_.parallel = Parallel::none;
    }
    return blocking_;
  }

 private:
  using Parallel = Blocking::Parallel;

  /// Threads share out the batch, else columns, which only one of them then reads, else rows.
  void choose_parallel() {
    constexpr int64_t least_batch = 8;
    // Whole cache lines of columns; rows that often end with one.
    constexpr int64_t line = 64, row_chunk = 4;
    // Fewer rows are not worth that every thread reads all columns, if there are some lines of
    // them.
    constexpr int64_t shared_rows = 48, fewest_lines = 5;
    if (space_.batches > 0 && !facts_.is_shorter(graph_, space_.groups[0], least_batch)) {
      blocking_.parallel = Parallel::batch;
      return;
    }
    if (graph_.window) {
      blocking_.parallel = Parallel::rows;
      blocking_.chunk = graph_.window->rows;
      return;
    }
    const int64_t line_columns = line / byte_size(graph_.reductions[0].dtype);
    const bool few = has_few_rows();
    const bool many_columns =
        has_many_columns() || (!is_narrow() && has(space_.column, fewest_lines * line_columns) &&
                               !has(space_.row, shared_rows));
    if (many_columns || (few && !is_narrow())) {
      blocking_.parallel = Parallel::columns;
      blocking_.chunk = line_columns;
      return;
    }
    // A part of the rows of few would be another tile.
    blocking_.parallel = space_.row ? Parallel::rows : Parallel::columns;
    blocking_.chunk = !space_.row ? registers_.widest * lanes_ : few ? most_few_rows() : row_chunk;
  }

  /// Cache blocks of `size` in each direction, register tiles that fill them well.
  void choose_requested(int64_t size) {
    blocking_.depth_block = space_.depth ? size : 0;
    blocking_.row_block = blocking_.column_block = size;
    const auto vectors =
        static_cast<int>(std::clamp<int64_t>(size / lanes_, 1, registers_.usual_vectors));
    blocking_.vectors = {.most = vectors};
    blocking_.rows = {1, static_cast<int>(std::min<int64_t>(registers_.rows(vectors), size)),
                      false};
    if (blocking_.parallel != Parallel::batch) blocking_.chunk = size;
  }

  void choose_tile() {
    choose_tile_sizes();
    blocking_.vectors.has_others = blocking_.parallel == Parallel::columns;
  }

  void choose_tile_sizes() {
    const bool narrow = is_narrow();
    PartSizes& vectors = blocking_.vectors;
    if (narrow) {
      choose_all_columns();
    } else {
      // The parts of many vectors do not add up to every smaller number of them.
      facts_.require(symbol(space_.column), int64_t{registers_.widest} * lanes_ + 1, INT64_MAX);
    }
    if (has_few_rows()) {
      choose_all_rows();
      if (!narrow) vectors = parts_of(registers_.vectors(blocking_.rows.most));
      return;
    }
    if (space_.row) facts_.require(symbol(*space_.row), most_few_rows() + 1, INT64_MAX);
    // A third of a wide tile and less is rare.
    if (!narrow) vectors = parts_of(registers_.usual_vectors);
    if (!narrow && registers_.many) vectors.least = registers_.usual_vectors - 1;
    blocking_.rows = parts_of(registers_.rows(vectors.most));
    // More rows than are few are never cut into smaller parts.
    if (registers_.many && blocking_.rows.most == 6) blocking_.rows.least = 4;
    blocking_.rows.has_others = ends_within_rows();
    choose_parts_of_many_rows();
    if (!narrow && registers_.many && reads_deep_panels()) choose_tall_tiles();
  }

  /// Whether a few tiles of rows read long columns as they lie: what they read counts most.
  bool reads_deep_panels() {
    constexpr int64_t many_rows = 64, long_depth = 512;
    return blocking_.parallel == Parallel::columns && !ends_within_rows() &&
           !has(space_.row, many_rows) && has(space_.depth, long_depth + 1);
  }

  /// Eight rows or seven, else seven or six, so that there are as few tiles as may be; none where
  /// rows are no sum of these.
  void choose_tall_tiles() {
    constexpr int tallest = 8, vectors = 3;
    const int64_t rows = extent(space_.row);
    const int64_t tiles = (rows + tallest - 1) / tallest;
    const int64_t most = rows >= (tallest - 1) * tiles ? tallest : tallest - 1;
    if (rows < (most - 1) * tiles) return;
    facts_.require(symbol(*space_.row), std::max((most - 1) * tiles, tallest * (tiles - 1) + 1),
                   most * tiles);
    blocking_.rows.least = static_cast<int>(most) - 1;
    blocking_.rows.most = static_cast<int>(most);
    blocking_.vectors.least = vectors - 1;
    blocking_.vectors.most = vectors;
  }

  /// Whether less than all rows, as few as one, are multiplied at once.
  bool ends_within_rows() const {
    return blocking_.parallel == Parallel::rows || graph_.window.has_value();
  }

  /// Many rows are cut into parts of only two sizes, and code takes its time to compile.
  void choose_parts_of_many_rows() {
    const int64_t most = blocking_.rows.most;
    if (!ends_within_rows() && has(space_.row, (most - 1) * (most - 2))) {
      blocking_.rows.least = std::max(blocking_.rows.most - 1, 1);
    }
  }

  /// All columns as one part: without masks if they fill vectors, which many do.
  void choose_all_columns() {
    const int64_t columns = extent(space_.column);
    const auto count = static_cast<int>(std::max<int64_t>((columns + lanes_ - 1) / lanes_, 1));
    blocking_.vectors = {.least = count, .most = count, .exact = true, .single = columns > 0};
    blocking_.columns_fill_vectors = columns > 0 && columns % lanes_ == 0;
    const int64_t least = std::min((count - 1) * int64_t{lanes_} + 1, columns);
    facts_.require(symbol(space_.column), blocking_.columns_fill_vectors ? columns : least,
                   columns > 0 ? count * int64_t{lanes_} : 0);
  }

  /// All rows as one part.
  void choose_all_rows() {
    const int64_t rows = extent(space_.row);
    const auto count = static_cast<int>(std::max<int64_t>(rows, 1));
    if (space_.row) facts_.require(symbol(*space_.row), rows, rows);
    blocking_.rows = {.least = count, .most = count, .exact = true, .single = rows > 0};
  }

  /// Whole panels of columns are packed if many rows use them and they do not fit the second level
  /// cache as they lie; blocks of k keep in that cache what rows after each other read.
  void choose_copies() {
    if (sums_bytes()) {
      blocking_.sums_bytes = blocking_.copies_left = blocking_.packs_right = true;
      return choose_block(512, 384);
    }
    constexpr int64_t many_rows = 200, long_row = 512, long_depth = 512;
    choose_panels();
    const bool is_deep = has(space_.depth, long_depth + 1);
    blocking_.copies_left = space_.depth && !is_plain(graph_.reductions[0].roots[0], *space_.depth);
    // One tile of rows computes each element once, in registers.
    const int column = space_.groups[space_.column].last();
    const bool read_in_place =
        std::all_of(graph_.reductions.begin(), graph_.reductions.end(), [&](const Reduction& r) {
          return is_plain(r.roots[1], space_.column) ||
                 (blocking_.rows.exact && lies_along(graph_, r.roots[1], column));
        });
    blocking_.packs_right =
        !read_in_place || (!blocking_.rows.exact && (is_deep || has(space_.column, long_row + 1)) &&
                           has(space_.row, many_rows));
    if (blocking_.copies_left) return choose_block(256, 384);
    if (blocking_.panel_width > 0) return;
    if (blocking_.packs_right && turns_few_rows()) return choose_turned_panels();
    if (blocking_.packs_right) return choose_block(1024, 1024);
    constexpr int64_t depth_in_place = 384, depth_of_one_row = 8, very_long_row = 1024;
    if (is_deep && !blocking_.rows.exact) {
      // Worth its loads while few tiles read what comes from far away.
      constexpr int64_t few_rows = 64, far_depth = 1500, far_columns = 2000;
      blocking_.depth_block = depth_in_place;
      const bool is_worth_it = blocking_.parallel == Parallel::columns && has_many_columns() &&
                               (!has(space_.row, few_rows) ||
                                (!has(space_.row, many_rows) && (has(space_.depth, far_depth) ||
                                                                 has(space_.column, far_columns))));
      // Up to three tiles of rows leave lines of a panel to ask for; memory is far.
      constexpr int64_t four_tiles = 19;
      if (is_worth_it) {
        const bool is_far = !has(space_.row, four_tiles) || holds_right(far_bytes);
        blocking_.lines_ahead = is_far ? 2 : 1;
      }
    }
    // One row uses nothing again: whole rows of the right operand, a few at a time, as memory likes
    // to be read.
    if (blocking_.rows.exact && blocking_.rows.most == 1 && has(space_.depth, depth_of_one_row) &&
        has(space_.column, very_long_row)) {
      blocking_.depth_block = depth_of_one_row;
      if (holds_right(far_bytes_of_two_rows)) blocking_.wide_vectors = registers_.wide_row;
    }
    if (streams_few_rows(very_long_row)) {
      constexpr int64_t streamed_depth = 128;
      blocking_.depth_block = streamed_depth;
      blocking_.lines_ahead = 1;
    }
  }

  /// Rows of few columns that come from memory: each tile asks for the rows of the next, since rows
  /// end before the processor sees where they lead. Very long rows do not.
  void choose_rows_ahead() {
    constexpr int64_t very_many_rows = int64_t{1} << 15, least_terms = 32;
    constexpr int64_t many_rows = int64_t{1} << 11, many_terms = 256, too_many_terms = 2049;
    if (blocking_.parallel != Parallel::rows || !blocking_.vectors.exact || blocking_.rows.exact ||
        !space_.depth || !is_plain(graph_.reductions[0].roots[0], *space_.depth)) {
      return;
    }
    if (!has(space_.row, many_rows) || has(space_.depth, too_many_terms)) return;
    blocking_.fetches_rows =
        has(space_.depth, has(space_.row, very_many_rows) ? least_terms : many_terms);
  }

  /// Matrices as large as the results come from beyond the second level cache; a tile of many terms
  /// takes so long that they arrive meanwhile.
  void choose_fetches_beside() {
    constexpr int64_t many_terms = 128, many_results = int64_t{1} << 18;
    if (results_are_products(graph_) || !has_matrix_beside() || !has(space_.depth, many_terms)) {
      return;
    }
    const int first = space_.groups[*space_.row].first;
    blocking_.fetches_beside = facts_.holds_at_least(graph_, first, 2, many_results);
  }

  bool has_matrix_beside() const {
    return !matrices_beside(graph_, space_, reachable(graph_, graph_.results)).empty();
  }

  /// Whether a few rows read right operands as they lie, which come from memory: too far apart for
  /// the processor to see the next ones coming.
  bool streams_few_rows(int64_t long_row) {
    constexpr int fewest = 2, many = 3;
    if (!blocking_.rows.exact || blocking_.rows.most < fewest || !space_.depth ||
        blocking_.vectors.exact || !has(space_.column, long_row)) {
      return false;
    }
    const bool are_plain =
        std::all_of(graph_.reductions.begin(), graph_.reductions.end(),
                    [&](const Reduction& r) { return is_plain(r.roots[1], space_.column); });
    return are_plain && holds_right(blocking_.rows.most < many ? far_bytes_of_two_rows : far_bytes);
  }

  /// Whether a few rows read right operands that lie along k.
  bool turns_few_rows() const {
    return blocking_.rows.exact && space_.depth &&
           std::all_of(graph_.reductions.begin(), graph_.reductions.end(),
                       [&](const Reduction& r) { return is_plain(r.roots[1], *space_.depth); });
  }

  /// Each element is turned over for a few uses: panels that stay in the first level cache, which
  /// go along the rows of memory one after the other.
  void choose_turned_panels() {
    constexpr int64_t depth = 128;
    constexpr int several_rows = 4, wide = 4, slender = 2;
    const int vectors = blocking_.rows.most < several_rows ? wide : slender;
    if (!blocking_.vectors.exact) {
      set_most(blocking_.vectors, std::min(vectors, registers_.vectors(blocking_.rows.most)));
    }
    blocking_.finishes_panels = true;
    choose_block(depth, blocking_.rows.most);
  }

  /// Constants that a few rows read from beyond the second level cache are given as panels as wide
  /// as a vector: each vector of a tile then reads one run of memory.
  void choose_panels() {
    constexpr int64_t fewest_columns = 512, fewest_terms = 256, most_rows = 8;
    const bool may_be = blocking_.parallel == Parallel::columns && blocking_.rows.exact &&
                        blocking_.rows.most <= most_rows && space_.batches == 0 && space_.depth &&
                        !blocking_.vectors.exact && blocking_.chunk % lanes_ == 0;
    if (!may_be ||
        !std::all_of(graph_.reductions.begin(), graph_.reductions.end(), [&](const Reduction& r) {
          return is_constant_matrix(context_, graph_, space_, r.roots[1]);
        })) {
      return;
    }
    if (has(space_.column, fewest_columns) && has(space_.depth, fewest_terms)) {
      blocking_.panel_width = lanes_;
    }
  }

  /// Many threads share out many rows too, so that none has more of one operand to read than it has
  /// work: parts of which tiles of both sizes are the sum.
  void choose_row_chunk() {
    constexpr int64_t fewest = 64;
    if (blocking_.parallel != Parallel::columns || blocking_.rows.exact ||
        blocking_.lines_ahead > 0) {
      return;
    }
    const int64_t most = blocking_.rows.most;
    const int64_t least = std::max(fewest, (most - 1) * (most - 2));
    const int64_t chunk = (least + most - 1) / most * most;
    if (has(space_.row, 2 * chunk)) blocking_.row_chunk = chunk;
  }

  /// Tiles that take turns read the left operand once, but what they read of right operands in
  /// place does not lie together. What waits for another product stays in the cache for a panel.
  void choose_turns() {
    using Turns = Blocking::Turns;
    if (blocking_.vectors.exact || blocking_.packs_right) return;
    const bool by_columns = blocking_.rows.exact || results_are_products(graph_);
    blocking_.turns = by_columns ? Turns::columns : Turns::panel;
  }

  /// Blocks for copies of at most `depth` of k and `rows` rows.
  void choose_block(int64_t depth, int64_t rows) {
    const bool is_cut = has(space_.depth, depth + 1);
    if (is_cut) blocking_.depth_block = depth;
    blocking_.most_depth = depth;
    for (int64_t shorter = 64; !is_cut && shorter < depth; shorter *= 4) {
      if (has(space_.depth, shorter + 1)) continue;
      blocking_.most_depth = shorter;
      break;
    }
    blocking_.row_block = blocking_.rows.exact ? blocking_.rows.most : rows;
    blocking_.rows.has_others = true;
  }

  /// What was measured on this CPU instead, where the code is for it.
  void apply_tuning() {
    const auto product = product_class();
    if (!product) return;
    const ProductTile usual{blocking_.rows.most, blocking_.vectors.most, blocking_.depth_block,
                            blocking_.row_block, blocking_.packs_right};
    const auto tile = tuned_tile(*product, usual);
    if (!tile || !fits(tile->rows, tile->vectors)) return;
    if (space_.row) require_class(*space_.row, product->row_bits);
    require_class(space_.column, product->column_bits);
    require_class(*space_.depth, product->depth_bits);
    apply(*tile, (int64_t{1} << product->depth_bits) - 1);
    blocking_.tuned = "tuned on this CPU for " + to_string(*product);
  }

  bool fits(int rows, int vectors) const {
    return fits_registers(rows, vectors, context_.target.vector_registers());
  }

  void require_class(size_t group, int bits) {
    facts_.require(symbol(group), int64_t{1} << (bits - 1), (int64_t{1} << bits) - 1);
  }

  /// One part stays one part, and what must be copied is.
  void apply(const ProductTile& tile, int64_t deepest) {
    const bool must_pack =
        blocking_.packs_right && !is_plain(graph_.reductions[0].roots[1], space_.column);
    const bool packs = must_pack || (tile.packs_right && !blocking_.rows.exact);
    if (!blocking_.vectors.exact) set_most(blocking_.vectors, tile.vectors);
    if (!blocking_.rows.exact) {
      int rows = tile.rows;
      while (!fits(rows, blocking_.vectors.most)) --rows;
      set_most(blocking_.rows, rows);
      choose_parts_of_many_rows();
    }
    if (packs || blocking_.copies_left) {
      // Copies have a size: what is usual where the tile has none, else that of the class.
      if (tile.depth_block > 0) blocking_.depth_block = blocking_.most_depth = tile.depth_block;
      if (blocking_.most_depth == 0) blocking_.most_depth = deepest;
      if (tile.row_block > 0 && !blocking_.rows.exact) blocking_.row_block = tile.row_block;
      blocking_.rows.has_others = true;
      blocking_.lines_ahead = 0;
    } else {
      blocking_.depth_block = tile.depth_block;
      blocking_.row_block = blocking_.most_depth = 0;
      if (!blocking_.rows.exact) blocking_.rows.has_others = ends_within_rows();
    }
    blocking_.packs_right = packs;
  }

  static void set_most(PartSizes& sizes, int most) {
    const bool has_others = sizes.has_others;
    sizes = parts_of(most);
    sizes.has_others = has_others;
  }

  Blocking blocking_;
};

}  // namespace

Blocking choose_blocking(const PlanContext& context, const PointGraph& graph,
                         const ContractionSpace& space, SizeFacts& facts) {
  return BlockingChoice(context, graph, space, facts).run();
}

}  // namespace onepass::codegen
