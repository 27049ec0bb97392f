// SPDX-License-Identifier: Apache-2.0
// Square tiles go through a network of shuffles; at the edges with masks, or element by element
// where no instruction masks elements of that width.
#include "onepass/codegen/llvm/emit_transpose.h"

#include <algorithm>
#include <numeric>

#include "onepass/codegen/llvm/control_flow.h"
#include "onepass/codegen/llvm/emit_memory.h"

namespace onepass::codegen {
namespace {

constexpr int lane_bytes = turned_bytes;  // shuffles of elements stay within 128 bits

using Vectors = llvm::SmallVector<llvm::Value*, 16>;

/// Rows and columns of a tile: a row fills a register, and 16 registers hold a tile.
int tile_size(const Target& target, DType dtype) {
  constexpr int largest = 16;
  return std::min(largest, target.lanes(byte_size(dtype)));
}

/// The low or high half of each 128-bit lane of two vectors, element by element in turn.
llvm::Value* interleave(llvm::IRBuilder<>& b, llvm::Value* x, llvm::Value* y, int per_lane,
                        bool high) {
  const int count = lane_count(x);
  llvm::SmallVector<int, 16> mask;
  for (int lane = 0; lane < count; lane += per_lane) {
    for (int i = 0; i < per_lane / 2; ++i) {
      const int element = lane + i + (high ? per_lane / 2 : 0);
      mask.push_back(element);
      mask.push_back(element + count);
    }
  }
  return b.CreateShuffleVector(x, y, mask);
}

/// The even or odd 128-bit lanes of x, then those of y.
llvm::Value* every_other_lane(llvm::IRBuilder<>& b, llvm::Value* x, llvm::Value* y, int per_lane,
                              bool odd) {
  const int count = lane_count(x);
  llvm::SmallVector<int, 16> mask;
  for (int lane = odd ? per_lane : 0; lane < 2 * count; lane += 2 * per_lane) {
    for (int i = 0; i < per_lane; ++i) mask.push_back(lane + i);
  }
  return b.CreateShuffleVector(x, y, mask);
}

/// All lanes of the parts, whose number is a power of two, in one vector.
llvm::Value* side_by_side(llvm::IRBuilder<>& b, Vectors parts) {
  while (parts.size() > 1) {
    llvm::SmallVector<int, 16> mask(static_cast<size_t>(2 * lane_count(parts[0])));
    std::iota(mask.begin(), mask.end(), 0);
    for (size_t i = 0; i < parts.size() / 2; ++i) {
      parts[i] = b.CreateShuffleVector(parts[2 * i], parts[2 * i + 1], mask);
    }
    parts.resize(parts.size() / 2);
  }
  return parts[0];
}

/// Replaces each pair of vectors whose numbers differ in `bit` by shuffle(false) and shuffle(true).
template <class Shuffle>
void for_pairs(Vectors& rows, size_t bit, Shuffle shuffle) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if ((i & bit) != 0) continue;
    llvm::Value* const x = rows[i];
    llvm::Value* const y = rows[i | bit];
    rows[i] = shuffle(x, y, false);
    rows[i | bit] = shuffle(x, y, true);
  }
}

/// Each stage trades one bit of the vector's number for one bit of the element's place within its
/// 128-bit lane, from the highest.
void turn_lanes_over(llvm::IRBuilder<>& b, Vectors& rows, int per_lane) {
  for (int bit = per_lane / 2; bit > 0; bit /= 2) {
    for_pairs(rows, static_cast<size_t>(bit), [&](llvm::Value* x, llvm::Value* y, bool high) {
      return interleave(b, x, y, per_lane, high);
    });
  }
}

/// The same, then for the bits of the lane's number from the lowest.
void turn_over(llvm::IRBuilder<>& b, Vectors& rows, int per_lane) {
  turn_lanes_over(b, rows, per_lane);
  for (size_t bit = static_cast<size_t>(per_lane); bit < rows.size(); bit *= 2) {
    for_pairs(rows, bit, [&](llvm::Value* x, llvm::Value* y, bool odd) {
      return every_other_lane(b, x, y, per_lane, odd);
    });
  }
}

/// Elements [0, step) behind each of the places, turned over: element i of all of them is vector i.
/// Loads put what they read side by side: an insertion from memory takes no turn of the unit that
/// shuffles.
Vectors load_turned(PhaseFrame& f, ArrayId source, llvm::ArrayRef<llvm::Value*> places, int step) {
  llvm::IRBuilder<>& b = f.builder;
  const DType dtype = f.array(source).dtype;
  llvm::Type* const type = vector_of(memory_type(b.getContext(), dtype), step);
  const llvm::Align alignment(static_cast<uint64_t>(byte_size(dtype)));
  Vectors vectors;
  for (int i = 0; i < step; ++i) {
    Vectors parts;
    for (size_t at = static_cast<size_t>(i); at < places.size(); at += static_cast<size_t>(step)) {
      parts.push_back(f.annotate(b.CreateAlignedLoad(type, places[at], alignment), source));
    }
    vectors.push_back(side_by_side(b, std::move(parts)));
  }
  turn_lanes_over(b, vectors, step);
  return vectors;
}

class TransposeEmitter {
 public:
  TransposeEmitter(PhaseFrame& f, const Transpose& t)
      : f_(f),
        b_(f.builder),
        t_(t),
        bytes_(byte_size(f.array(t.source).dtype)),
        element_(memory_type(f.builder.getContext(), f.array(t.source).dtype)),
        first_(f.number(f.evaluate(t.index))),
        stride_(f.number(f.evaluate(t.stride))),
        rows_(f.number(t.rows)),
        columns_(f.number(t.columns)) {}

  void run() {
    const int size = tile_size(f_.target, f_.array(t_.source).dtype);
    llvm::Value* const zero = f_.number(int64_t{0});
    const bool whole = is_multiple(rows_, size) && is_multiple(columns_, size);
    if (!whole && masks_in_hardware(f_.target, f_.array(t_.source).dtype)) {
      return tiles(zero, rows_, columns_,
                   [&](llvm::Value* row, llvm::Value* column) { tile_or_part(row, column, size); });
    }
    llvm::Value* const mask = f_.number(-int64_t{size});
    llvm::Value* const whole_rows = b_.CreateAnd(rows_, mask);
    llvm::Value* const whole_columns = b_.CreateAnd(columns_, mask);
    tiles(zero, whole_rows, whole_columns,
          [&](llvm::Value* row, llvm::Value* column) { whole_tile(row, column, size); });
    if (whole) return;
    elements(whole_rows, rows_, zero, whole_columns);
    elements(zero, rows_, whole_columns, columns_);
  }

 private:
  llvm::Align alignment() const { return llvm::Align(static_cast<uint64_t>(bytes_)); }

  llvm::Value* source(llvm::Value* row, llvm::Value* column) {
    llvm::Value* const along = b_.CreateNSWAdd(first_, row);
    return f_.address(t_.source, {0, b_.CreateNSWAdd(along, b_.CreateNSWMul(column, stride_))});
  }

  llvm::Value* target(llvm::Value* row, llvm::Value* column) {
    llvm::Value* const line = b_.CreateNSWMul(row, f_.number(t_.pitch));
    return f_.address(t_.target, {0, b_.CreateNSWAdd(line, column)});
  }

  static bool is_multiple(llvm::Value* number, int size) {
    const auto* known = llvm::dyn_cast<llvm::ConstantInt>(number);
    return known != nullptr && known->getSExtValue() % size == 0;
  }

  /// Along the operand's lines first: their second half is used while it is in the cache.
  template <class Tile>
  void tiles(llvm::Value* begin, llvm::Value* rows, llvm::Value* columns, const Tile& tile) {
    const int size = tile_size(f_.target, f_.array(t_.source).dtype);
    emit_loop(f_, begin, columns, size, [&](llvm::Value* column) {
      emit_loop(f_, begin, rows, size, [&](llvm::Value* row) { tile(row, column); });
    });
  }

  /// How many rows and columns of a tile there are.
  struct Extent {
    llvm::Value* rows;
    llvm::Value* columns;
  };

  void tile_or_part(llvm::Value* row, llvm::Value* column, int size) {
    const Extent left{b_.CreateSub(rows_, row), b_.CreateSub(columns_, column)};
    llvm::Value* const whole = b_.CreateAnd(b_.CreateICmpSGE(left.rows, f_.number(size)),
                                            b_.CreateICmpSGE(left.columns, f_.number(size)));
    emit_either(
        f_, whole, [&] { whole_tile(row, column, size); },
        [&] { part_of_tile(row, column, left, size); });
  }

  /// The lanes of vector number `i` that are there: those below `lanes`, if `i` is below `count`.
  llvm::Value* active(int i, llvm::Value* count, llvm::Value* lanes, int size) {
    llvm::SmallVector<llvm::Constant*> numbers;
    for (int lane = 0; lane < size; ++lane)
      numbers.push_back(b_.getInt32(static_cast<uint32_t>(lane)));
    llvm::Value* const none = f_.number(int64_t{0});
    llvm::Value* const limit = b_.CreateSelect(b_.CreateICmpSLT(f_.number(i), count), lanes, none);
    // The counts are small: the verifier bounds them by constants.
    llvm::Value* const narrow = b_.CreateTrunc(limit, b_.getInt32Ty());
    return b_.CreateICmpSLT(llvm::ConstantVector::get(numbers), splat(b_, narrow, size));
  }

  /// Whether the target has room for whole tiles. Stores without masks are what loads soon after
  /// can take their data from.
  bool has_room(int size) const {
    const auto whole = [&](const Bound& bound) {
      int64_t most = INT64_MAX;
      for (const Affine& a : bound.smallest_of) {
        if (a.terms.empty()) most = std::min(most, a.constant);
      }
      return (most + size - 1) / size * size;
    };
    return whole(t_.columns) <= t_.pitch &&
           whole(t_.rows) <= f_.array(t_.target).elements / t_.pitch;
  }

  int per_lane(int size) const { return std::min(lane_bytes / bytes_, size); }

  void whole_tile(llvm::Value* row, llvm::Value* column, int size) {
    Vectors columns{source(row, column)};
    for (int i = 1; i < size; ++i) {
      columns.push_back(b_.CreateGEP(element_, columns.back(), stride_));
    }
    llvm::Value* const to = target(row, column);
    const int step = per_lane(size);
    for (int first = 0; first < size; first += step) {
      Vectors places;
      for (llvm::Value* const place : columns) {
        places.push_back(b_.CreateGEP(element_, place, f_.number(first)));
      }
      const Vectors vectors = load_turned(f_, t_.source, places, step);
      for (int i = 0; i < step; ++i) {
        llvm::Value* const line = b_.CreateGEP(element_, to, f_.number((first + i) * t_.pitch));
        f_.annotate(b_.CreateAlignedStore(vectors[static_cast<size_t>(i)], line, alignment()),
                    t_.target);
      }
    }
  }

  /// A tile at the edges: lanes that are not there are masked.
  void part_of_tile(llvm::Value* row, llvm::Value* column, const Extent& extent, int size) {
    llvm::Type* const type = vector_of(element_, size);
    llvm::Constant* const zero = llvm::Constant::getNullValue(type);
    Vectors vectors;
    llvm::Value* place = source(row, column);
    for (int i = 0; i < size; ++i) {
      if (i > 0) place = b_.CreateGEP(element_, place, stride_);
      llvm::Instruction* const line = b_.CreateMaskedLoad(
          type, place, alignment(), active(i, extent.columns, extent.rows, size), zero);
      vectors.push_back(f_.annotate(line, t_.source));
    }
    turn_over(b_, vectors, per_lane(size));
    llvm::Value* const to = target(row, column);
    const bool plain = has_room(size);
    for (int i = 0; i < size; ++i) {
      llvm::Value* const line = b_.CreateGEP(element_, to, f_.number(i * t_.pitch));
      llvm::Value* const value = vectors[static_cast<size_t>(i)];
      llvm::Instruction* const store =
          plain ? static_cast<llvm::Instruction*>(b_.CreateAlignedStore(value, line, alignment()))
                : b_.CreateMaskedStore(value, line, alignment(),
                                       active(i, extent.rows, extent.columns, size));
      f_.annotate(store, t_.target);
    }
  }

  void elements(llvm::Value* row_begin, llvm::Value* row_end, llvm::Value* column_begin,
                llvm::Value* column_end) {
    emit_loop(f_, column_begin, column_end, 1, [&](llvm::Value* column) {
      emit_loop(f_, row_begin, row_end, 1, [&](llvm::Value* row) {
        llvm::Value* const value = f_.annotate(
            b_.CreateAlignedLoad(element_, source(row, column), alignment()), t_.source);
        f_.annotate(b_.CreateAlignedStore(value, target(row, column), alignment()), t_.target);
      });
    });
  }

  PhaseFrame& f_;
  llvm::IRBuilder<>& b_;
  const Transpose& t_;
  const int bytes_;
  llvm::Type* const element_;
  llvm::Value* const first_;
  llvm::Value* const stride_;
  llvm::Value* const rows_;
  llvm::Value* const columns_;
};

}  // namespace

void emit_transpose(PhaseFrame& f, const Transpose& transpose) {
  TransposeEmitter(f, transpose).run();
}

void emit_load_turned(PhaseFrame& f, const LoadTurned& load) {
  llvm::IRBuilder<>& b = f.builder;
  const Array& target = f.array(load.target);
  llvm::Type* const element = memory_type(b.getContext(), target.dtype);
  llvm::Value* const stride = f.number(f.evaluate(load.stride));
  Vectors places{f.address(load.source, f.evaluate(load.index))};
  for (int lane = 1; lane < target.lanes; ++lane) {
    places.push_back(b.CreateGEP(element, places.back(), stride));
  }
  const int at_once = std::min(f.target.lanes(byte_size(target.dtype)), target.lanes);
  const auto elements = static_cast<size_t>(target.elements);
  std::vector<Vectors> parts(elements);
  for (int lane = 0; lane < target.lanes; lane += at_once) {
    const auto some =
        llvm::ArrayRef(places).slice(static_cast<size_t>(lane), static_cast<size_t>(at_once));
    const Vectors vectors = load_turned(f, load.source, some, static_cast<int>(elements));
    for (size_t i = 0; i < elements; ++i) parts[i].push_back(vectors[i]);
  }
  for (size_t i = 0; i < elements; ++i) {
    llvm::AllocaInst* const slot = f.register_element(load.target, static_cast<int64_t>(i));
    b.CreateStore(side_by_side(b, std::move(parts[i])), slot);
  }
}

}  // namespace onepass::codegen
