// SPDX-License-Identifier: Apache-2.0
// Square tiles go through a network of shuffles; what is left at the edges goes element by element.
#include "onepass/codegen/llvm/emit_transpose.h"

#include <algorithm>

#include "onepass/codegen/llvm/control_flow.h"

namespace onepass::codegen {
namespace {

constexpr int lane_bytes = 16;  // shuffles of elements stay within 128 bits

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

/// Each stage trades one bit of the vector's number for one bit of the element's place: first the
/// bits within 128-bit lanes from the highest, then those of lanes from the lowest.
void turn_over(llvm::IRBuilder<>& b, Vectors& rows, int element_bytes) {
  const int per_lane = std::min(lane_bytes / element_bytes, static_cast<int>(rows.size()));
  for (int bit = per_lane / 2; bit > 0; bit /= 2) {
    for_pairs(rows, static_cast<size_t>(bit), [&](llvm::Value* x, llvm::Value* y, bool high) {
      return interleave(b, x, y, per_lane, high);
    });
  }
  for (size_t bit = static_cast<size_t>(per_lane); bit < rows.size(); bit *= 2) {
    for_pairs(rows, bit, [&](llvm::Value* x, llvm::Value* y, bool odd) {
      return every_other_lane(b, x, y, per_lane, odd);
    });
  }
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
    llvm::Value* const mask = f_.number(-int64_t{size});
    llvm::Value* const whole_rows = b_.CreateAnd(rows_, mask);
    llvm::Value* const whole_columns = b_.CreateAnd(columns_, mask);
    llvm::Value* const zero = f_.number(int64_t{0});
    // Along the operand's lines first: their second half is used while it is in the cache.
    emit_loop(f_, zero, whole_columns, size, [&](llvm::Value* column) {
      emit_loop(f_, zero, whole_rows, size, [&](llvm::Value* row) { tile(row, column, size); });
    });
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

  void tile(llvm::Value* row, llvm::Value* column, int size) {
    llvm::Type* const type = vector_of(element_, size);
    Vectors vectors;
    llvm::Value* place = source(row, column);
    for (int i = 0; i < size; ++i) {
      if (i > 0) place = b_.CreateGEP(element_, place, stride_);
      vectors.push_back(f_.annotate(b_.CreateAlignedLoad(type, place, alignment()), t_.source));
    }
    turn_over(b_, vectors, bytes_);
    llvm::Value* const to = target(row, column);
    for (int i = 0; i < size; ++i) {
      llvm::Value* const line = b_.CreateGEP(element_, to, f_.number(i * t_.pitch));
      f_.annotate(b_.CreateAlignedStore(vectors[static_cast<size_t>(i)], line, alignment()),
                  t_.target);
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

}  // namespace onepass::codegen
