// SPDX-License-Identifier: Apache-2.0
// The rules of statements that are no loops, one check each.
#include <fmt/format.h>

#include <algorithm>

#include "onepass/codegen/loop_nest_verifier.h"

namespace onepass::codegen {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace

const Array& Verifier::array_of(ArrayId id, const std::string& where) const {
  check(id >= 0 && static_cast<size_t>(id) < nest_.arrays.size(), where, "the array is declared");
  return nest_.arrays[static_cast<size_t>(id)];
}

bool Verifier::uses_vector_variable(const Affine& a) const {
  return std::any_of(a.terms.begin(), a.terms.end(), [&](const Term& term) {
    return vector_ != nullptr && term.variable == vector_->variable && term.coefficient != 0;
  });
}

const Array& Verifier::check_access(ArrayId id, const Affine& index, bool store,
                                    const std::string& where) const {
  const Array& array = array_of(id, where);
  check_affine(index, where);
  check(!index.is_divided(), where, "an index is not divided");
  check(!store || array.written, where, "only arrays that are written are stored to");
  if (array.space == Array::Space::registers) {
    const std::optional<Range> range = range_of(index);
    check(range.has_value(), where,
          "the index of a register is a constant once loops are unrolled");
    check(range->low >= 0 && range->high < array.elements, where,
          "the index of a register is in range");
    check(array.lanes == 1 || (vector_ != nullptr && vector_->step == array.lanes) ||
              (vector_ == nullptr && store),
          where, "registers have as many lanes as the vector loop");
  } else if (store && vector_ != nullptr) {
    check(uses_vector_variable(index), where, "lanes store to different elements");
  }
  return array;
}

int64_t Verifier::most(const Bound& bound) {
  int64_t most = INT64_MAX;
  for (const Affine& a : bound.smallest_of) {
    if (a.terms.empty()) most = std::min(most, a.constant);
  }
  return most;
}

void Verifier::check_transpose(const Transpose& s) const {
  const std::string where = "transpose";
  const Array& target = array_of(s.target, where);
  const Array& source = array_of(s.source, where);
  check(vector_ == nullptr, where, "it is outside of vector loops");
  check(target.space == Array::Space::scratch, where, "memory is copied to scratch");
  check(source.space != Array::Space::registers && s.source != s.target, where,
        "it is copied from other memory");
  check(target.dtype == source.dtype, where, "both arrays have one dtype");
  check_affine(s.index, where);
  check_affine(s.stride, where);
  check(!s.index.is_divided() && !s.stride.is_divided(), where, "an index is not divided");
  for (const Affine& a : s.rows.smallest_of) check_affine(a, where);
  for (const Affine& a : s.columns.smallest_of) check_affine(a, where);
  check(s.pitch > 0 && most(s.columns) <= s.pitch, where, "a row fits the pitch");
  check(most(s.rows) <= target.elements / s.pitch, where, "the rows fit the scratch");
}

void Verifier::check_turned(const LoadTurned& s) const {
  const std::string where = "load turned";
  const Array& target = array_of(s.target, where);
  const Array& source = array_of(s.source, where);
  check(vector_ == nullptr, where, "it is outside of vector loops");
  check(target.space == Array::Space::registers && source.space != Array::Space::registers, where,
        "memory is read into registers");
  check(target.dtype == source.dtype && target.dtype != boolean, where,
        "both arrays have one dtype, not boolean");
  check_affine(s.index, where);
  check_affine(s.stride, where);
  check(!s.index.is_divided() && !s.stride.is_divided(), where, "an index is not divided");
  const auto is_power = [](int64_t number) { return number > 0 && (number & (number - 1)) == 0; };
  check(is_power(target.elements) && is_power(target.lanes) && target.elements <= target.lanes &&
            target.elements * byte_size(target.dtype) <= turned_bytes,
        where, "a lane takes a power of two of elements, 16 bytes and as many as lanes at most");
}

void Verifier::define(ValueId id, DType dtype, const std::string& where) {
  check(id >= 0 && id < nest_.value_count, where, "value ids are below the count");
  KnownValue& value = value_dtype_[static_cast<size_t>(id)];
  check(!value.defined, where, "a value is defined once");
  value = {true, true, dtype};
  defined_.back()->push_back(id);
}

DType Verifier::use(ValueId id, const std::string& where) const {
  check(id >= 0 && id < nest_.value_count && value_dtype_[static_cast<size_t>(id)].visible, where,
        "a value is used after its definition, in its scope");
  return value_dtype_[static_cast<size_t>(id)].dtype;
}

void Verifier::check_fill(const Fill& s) {
  const std::string where = fmt::format("%{} = fill", s.result);
  check(vector_ != nullptr, where, "a fill stands in a vector loop");
  const DType dtype = use(s.operand, where);
  check(use(s.identity, where) == dtype, where, "both operands have one dtype");
  define(s.result, dtype, where);
}

void Verifier::check_item(ArrayId stack, ArrayId item_id, DType dtype,
                          const std::string& where) const {
  check(stack < 0 || array_of(stack, where).space == Array::Space::scratch, where,
        "the stack is scratch");
  const Array& item = array_of(item_id, where);
  check(item.space == Array::Space::registers, where, "items are register arrays");
  check(item.dtype == dtype && (stack < 0 || array_of(stack, where).dtype == dtype), where,
        "stack and item have the dtype of the op");
  const int64_t lanes = item.elements * item.lanes;
  check((lanes & (lanes - 1)) == 0, where, "the number of lanes is a power of two");
  check(stack < 0 || array_of(stack, where).elements % lanes == 0, where,
        "the stack holds whole items");
}

void Verifier::check_load_bytes(const LoadBytes& s) {
  const std::string where = fmt::format("%{} = load bytes", s.result);
  const Array& array = check_access(s.array, s.index, false, where);
  check(byte_size(array.dtype) == 1 && array.space != Array::Space::registers, where,
        "the array is one of bytes in memory");
  check(!uses_vector_variable(s.index), where, "the place does not differ between lanes");
  define(s.result, DType::i32, where);
}

void Verifier::check_statement(const Statement& statement) {
  std::visit(
      Overloaded{
          [&](const Load& s) {
            const std::string where = fmt::format("%{} = load", s.result);
            define(s.result, check_access(s.array, s.index, false, where).dtype, where);
          },
          [&](const Store& s) {
            const std::string where = fmt::format("store of %{}", s.value);
            const Array& array = check_access(s.array, s.index, true, where);
            check(use(s.value, where) == array.dtype, where,
                  "the value has the dtype of the array");
            check(!s.all_lanes || array.space != Array::Space::buffer, where,
                  "only the kernel's own memory takes lanes that are turned off");
          },
          [&](const Transpose& s) { check_transpose(s); },
          [&](const LoadTurned& s) { check_turned(s); },
          [&](const LoadBytes& s) { check_load_bytes(s); },
          [&](const SumBytes& s) {
            const std::string where = fmt::format("%{} = sum bytes", s.result);
            for (const ValueId id : {s.sum, s.left, s.right}) {
              check(use(id, where) == DType::i32, where, "its operands are i32");
            }
            define(s.result, DType::i32, where);
          },
          [&](const Prefetch& s) {
            check(vector_ == nullptr, "prefetch", "it is outside of vector loops");
            check(check_access(s.array, s.index, false, "prefetch").space == Array::Space::buffer,
                  "prefetch", "only buffers are far away");
          },
          [&](const Constant& s) {
            define(s.result, s.dtype, fmt::format("%{} = constant", s.result));
          },
          [&](const ScalarArgument& s) {
            const std::string where = fmt::format("%{} = scalar", s.result);
            check(s.index >= 0 && static_cast<size_t>(s.index) < nest_.interface.scalars.size(),
                  where, "it is a scalar of the interface");
            define(s.result, s.dtype, where);
          },
          [&](const IndexValue& s) {
            const std::string where = fmt::format("%{} = index", s.result);
            check(is_integer(s.dtype), where, "an index is an integer");
            check_affine(s.index, where);
            define(s.result, s.dtype, where);
          },
          [&](const Compute& s) { check_compute(s); },
          [&](const Convert& s) {
            const std::string where = fmt::format("%{} = convert", s.result);
            check(use(s.operand, where) == s.from, where,
                  "the operand has the dtype it converts from");
            define(s.result, s.to, where);
          },
          [&](const Fill& s) { check_fill(s); },
          [&](const TreePush& s) { check_step(s, s.source, s.index, "push"); },
          [&](const TreeFold& s) { check_step(s, s.target, s.count, "fold"); },
          [&](const LaneFold& s) {
            check_tree(s, -1, s.source, -1, "fold lanes");
            define(s.result, s.positions >= 0 ? array_of(s.positions, "fold lanes").dtype : s.dtype,
                   "fold lanes");
          },
          [&](const Call& s) { check_call(s); },
          [&](const For& s) { check_loop(s); },
          [&](const If& s) { check_if(s); },
          [&](const Parts& s) { check_parts(s); },
      },
      statement);
}

}  // namespace onepass::codegen
