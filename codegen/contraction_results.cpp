// SPDX-License-Identifier: Apache-2.0
// What becomes of the sums of a register tile: they wait, or what follows the products is applied
// and stored.
#include "onepass/codegen/contraction_tile.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {

void ContractionTile::end(const Tile& tile, const Span& depth, size_t product, Block& into) {
  const bool waits_in_memory = product < kept_.size() && kept_[product] < 0;
  const auto store = [&](Block& block) {
    for_registers(tile, block,
                  [&](const Affine& place, Block& inner) { store_sum(product, place, inner); });
  };
  if (waits_in_memory) {
    store(into);
    if (blocking_.depth_block > 0 && finish_procedure_ >= 0 &&
        product + 1 == graph_.reductions.size()) {
      If last{depth.end.smallest_of.at(1), bound(depth.end.smallest_of[0] + 1), {}, {}};
      call_finish(tile, last.then);
      into.push_back(std::move(last));
    }
    return;
  }
  if (blocking_.depth_block == 0 || is_bare_) return finish(tile, product, into);
  // The part ends before k does if the block is the smaller of its two ends.
  internal_check(space_.depth.has_value() && depth.end.smallest_of.size() == 2,
                 "a part of k ends at its block or with k");
  If choice{depth.end.smallest_of[0], bound(depth.end.smallest_of[1]), {}, {}};
  store(choice.then);
  finish(tile, product, choice.otherwise);
  into.push_back(std::move(choice));
}

void ContractionTile::store_sum(size_t product, const Affine& place, Block& into) {
  const ValueId value = nest_.value();
  into.push_back(Load{value, accumulators_, place});
  into.push_back(Store{partial_[product], partial_index(product), value});
}

void ContractionTile::finish(const Tile& tile, size_t product, Block& into) {
  if (product >= kept_.size()) return finish_registers(tile, product, into);
  keep(tile, product, into);
  if (product + 1 == graph_.reductions.size()) call_finish(tile, into);
}

std::vector<ValueId> ContractionTile::load_kept(const Affine& place, Block& into) {
  std::vector<ValueId> sums;
  for (size_t p = 0; p < kept_.size(); ++p) {
    sums.push_back(nest_.value());
    const bool in_memory = kept_[p] < 0;
    into.push_back(Load{sums.back(), in_memory ? partial_[p] : kept_[p],
                        in_memory ? partial_index(p) : place});
  }
  return sums;
}

void ContractionTile::finish_registers(const Tile& tile, size_t product, Block& into) {
  const auto vectors = [&](const Tile& part, int first, Block& block) {
    for_vectors(part, block, [&](const Affine& vector, Block& body) {
      if (!is_bare_) emitter_.emit(results_, body);
      const Affine column = emitter_.scope().index[space_.column] + -1 * tile.column;
      for_rows(part, body, [&](const Affine& row, Block& inner) {
        std::vector<ValueId> sums = load_kept(columns_ * row + column, inner);
        sums.push_back(nest_.value());
        inner.push_back(Load{sums.back(), accumulators_, tile.vectors * row + vector + first});
        is_bare_ ? store_bare(product, sums.back(), inner) : finish_element(sums, inner);
      });
    });
  };
  Tile whole = tile;
  whole.whole = true;
  // Rows of a window have room for whole vectors.
  if (tile.whole || graph_.window) return vectors(whole, 0, into);
  whole.vectors = tile.vectors - 1;
  vectors(whole, 0, into);
  // Masked stores are slow: the last vector has code for the case that it is whole.
  Tile last = tile;
  last.column = tile.column + int64_t{whole.vectors} * lanes_;
  last.vectors = 1;
  If choice{last.column + (lanes_ - 1), tile.column_end, {}, {}};
  vectors(last, whole.vectors, choice.otherwise);
  last.whole = true;
  vectors(last, whole.vectors, choice.then);
  into.push_back(std::move(choice));
}

/// Copies the tile to scratch.
void ContractionTile::keep(const Tile& tile, size_t product, Block& into) {
  Tile all = tile;
  all.whole = true;
  for_vectors(all, into, [&](const Affine& vector, Block& body) {
    const Affine column = emitter_.scope().index[space_.column] + -1 * tile.column;
    for_rows(tile, body, [&](const Affine& row, Block& inner) {
      const ValueId sum = nest_.value();
      inner.push_back(Load{sum, accumulators_, tile.vectors * row + vector});
      inner.push_back(Store{kept_[product], columns_ * row + column, sum});
    });
  });
}

/// What follows from copies of the tiles, by one procedure for tiles of all sizes: its constants
/// then want no registers beside those of the tile.
void ContractionTile::call_finish(const Tile& tile, Block& into) {
  Bound column_end = tile.column_end;
  column_end.smallest_of.push_back(tile.column + int64_t{tile.vectors} * lanes_);
  into.push_back(packing_.call(finish_procedure_, {bound(tile.row), bound(tile.row + tile.rows),
                                                   bound(tile.column), column_end}));
}

void ContractionTile::declare_finish() {
  finish_procedure_ = packing_.procedure(
      "finish", {"r", "re", "c", "ce"}, [&](const std::vector<VariableId>& p, Block& into) {
        emitter_.emit(results_, into);
        const VariableId row = nest_.variable("m"), lane = nest_.variable("j");
        For each = loop_over(LoopKind::serial, row, variable(p[0]), bound(variable(p[1])));
        if (space_.row) emitter_.open(*space_.row, variable(row));
        emitter_.emit(results_, each.body);
        For vector =
            loop_over(LoopKind::vector, lane, variable(p[2]), bound(variable(p[3])), lanes_);
        emitter_.open(space_.column, variable(lane));
        const Affine place =
            columns_ * (variable(row) + variable(p[0], -1)) + variable(lane) + variable(p[2], -1);
        finish_element(load_kept(place, vector.body), vector.body);
        each.body.push_back(std::move(vector));
        into.push_back(std::move(each));
      });
}

/// Stores the results that are the product.
void ContractionTile::store_bare(size_t product, ValueId sum, Block& into) {
  for (size_t i = 0; i < graph_.results.size(); ++i) {
    if (!is_bare(i, product)) continue;
    const int operand = graph_.first_result_operand + static_cast<int>(i);
    into.push_back(Store{operand, emitter_.element(operand), sum});
  }
}

/// What follows the products at the open element, and the stores.
void ContractionTile::finish_element(const std::vector<ValueId>& sums, Block& into) {
  for (size_t i = 0; i < graph_.points.size(); ++i) {
    const Point& point = graph_.points[i];
    if (point.kind == Point::Kind::accumulator) {
      emitter_.set_value(static_cast<PointId>(i), sums[static_cast<size_t>(point.index)]);
    }
  }
  emitter_.emit(results_, into);
  emitter_.store_results(into);
}

}  // namespace onepass::codegen
