// SPDX-License-Identifier: Apache-2.0
// The operands of products as register tiles read them: in place, or copied to scratch in the
// order of reading, with all that precedes the product applied on the way.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "onepass/codegen/contraction_blocking.h"
#include "onepass/codegen/point_emitter.h"

namespace onepass::codegen {

class ContractionPacking {
 public:
  ContractionPacking(const PointGraph& graph, const ContractionSpace& space,
                     const Blocking& blocking, NestBuilder& nest, PointEmitter& emitter);

  /// Writes what is known of the operands at the open position.
  void emit_known(std::vector<Statement>& into);

  /// Copies rows of the left operand, if it is copied: tiles then read the copy.
  void copy_left(const Span& rows, const Span& depth, std::vector<Statement>& into);
  /// Packs columns of the right operands, if they are packed: tiles then read the copies.
  void pack_right(const Span& columns, const Span& depth, std::vector<Statement>& into);
  /// Whether whole vectors of the right operands can be read wherever columns begin.
  bool pads_right() const { return blocking_.packs_right || blocking_.panel_width > 0; }
  /// Whether rows are copied with 128 added, which makes signed bytes unsigned.
  bool shifts_left() const { return shifted_sums_ >= 0; }

  /// The element of the left operand at the open row and depth.
  ValueId left(std::vector<Statement>& into);
  /// The elements of the right operand of product `product` at the open depth and columns, a vector
  /// that begins at column `begin`.
  ValueId right(size_t product, const Affine& begin, std::vector<Statement>& into);

  /// What shifted rows add to the sum of the open columns over the depth that is packed.
  ValueId shifted_sum(std::vector<Statement>& into);

  /// A procedure that sees the open batch and parameters of these names. `write` gets the emitter
  /// with the batch open, and the parameters.
  int procedure(
      const char* name, const std::vector<const char*>& parameters,
      const std::function<void(const std::vector<VariableId>&, std::vector<Statement>&)>& write);
  /// The open batch, then `arguments`.
  Call call(int procedure, std::vector<Bound> arguments) const;

 private:
  using Block = std::vector<Statement>;

  struct Operand {
    PointId root = 0;
    std::vector<PointId> points;
    ArrayId array = -1;       // the copy, or the panels that are given; -1: read in place
    int64_t pitch = 0;        // of the copy
    int procedure = -1;       // that copies
    Affine first{}, depth{};  // the row or column, and the depth, that the copy begins with
  };

  /// Rows or columns of an operand, if it is copied.
  void copy(Operand& operand, const Span& span, const Span& depth, Block& into);
  void declare_copy_left();
  void declare_pack_right(Operand& right);
  void write_copy_left(const Span& rows, const Span& depth, Block& into);
  ValueId copied_left(Block& into);
  void write_pack_bytes(const Operand& right, const Span& columns, const Span& depth, Block& into);
  void pack_bytes(const Operand& right, const Span& columns, const Affine& k, const Affine& place,
                  int count, Block& into);
  ValueId joined_bytes(const Operand& right, const Affine& k, int count, Block& into);
  ValueId constant_value(DType dtype, uint64_t bits, Block& into);
  void write_pack_right(const Operand& right, const Span& columns, const Span& depth, Block& into);
  void prefetch_panel_row(const Operand& right, const Span& columns, const Affine& k, Block& into);
  void write_panel_row(const Operand& right, const Span& columns, const Affine& place, Block& into);
  /// The operand whose single load makes up `operand`, if its elements lie side by side along
  /// `group`.
  std::optional<int> lies_along(const Operand& operand, size_t group) const;
  void open_depth(const Affine& index);

  const PointGraph& graph_;
  const ContractionSpace& space_;
  const Blocking& blocking_;
  NestBuilder& nest_;
  PointEmitter& emitter_;
  const DType dtype_;
  const int lanes_;
  Operand left_;
  ArrayId shifted_sums_ = -1;
  std::vector<Operand> rights_;  // by product
};

}  // namespace onepass::codegen
