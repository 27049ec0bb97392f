// SPDX-License-Identifier: Apache-2.0
// The rules of the loop language, one check each. A nest that passes them all can be emitted.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "onepass/codegen/loop_nest.h"
#include "onepass/ir/type_rules.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

/// Inclusive range of an affine value whose variables are all unrolled.
struct Range {
  int64_t low = 0, high = 0;
};

class Verifier {
 public:
  explicit Verifier(const LoopNest& nest)
      : nest_(nest),
        value_dtype_(static_cast<size_t>(std::max(nest.value_count, 0))),
        open_(nest.variables.size()) {}

  void run() {
    check_names();
    for (const Array& array : nest_.arrays) check_array(array);
    check(nest_.phases.size() == nest_.interface.phases.size(), "interface",
          "every phase has a statement list");
    for (size_t i = 0; i < nest_.phases.size(); ++i) {
      phase_ = i;
      check_phase(nest_.phases[i], nest_.interface.phases[i]);
    }
  }

 private:
  void check(bool holds, const std::string& where, const std::string& rule) const {
    if (holds) return;
    throw InternalError(
        fmt::format("loop nest {}, phase {}: {}: {}", nest_.name, phase_, where, rule));
  }

  void check_names() const {
    std::set<std::string> names;
    for (const Array& array : nest_.arrays) {
      check(!array.name.empty() && names.insert(array.name).second, "array '" + array.name + "'",
            "names of arrays are unique");
    }
    names.clear();
    for (const std::string& name : nest_.variables) {
      check(!name.empty() && names.insert(name).second, "variable '" + name + "'",
            "names of variables are unique");
    }
  }

  void check_array(const Array& array) const {
    const std::string where = "array " + array.name;
    const auto& interface = nest_.interface;
    if (array.space != Array::Space::buffer) {
      check(array.elements > 0 && array.lanes > 0, where, "scratch and registers have elements");
      return;
    }
    const auto operands = static_cast<int>(interface.operands.size());
    const auto buffers = operands + static_cast<int>(interface.workspaces.size());
    check(array.buffer >= 0 && array.buffer < buffers, where,
          "its buffer is an operand or workspace");
    if (array.buffer >= operands) return;
    const auto& operand = interface.operands[static_cast<size_t>(array.buffer)];
    check(operand.dtype == array.dtype, where, "dtype is that of its operand");
    check(operand.written == array.written, where, "it is written if its operand is");
  }

  void check_phase(const std::vector<Statement>& statements, const runtime::Phase& phase) {
    const bool has_parallel = !statements.empty() && is_parallel(statements.back());
    check(has_parallel == (phase.extent >= 0), "phase",
          "a phase with an extent ends with a parallel loop, one without has none");
    for (const Statement& s : statements) {
      check(!is_parallel(s) || &s == &statements.back(), "parallel loop", "is the last statement");
      check(!has_parallel || !std::holds_alternative<Store>(s), "store",
            "nothing is stored before the parallel loop");
    }
    if (has_parallel) check_parallel(std::get<For>(statements.back()), phase);
    check_block(statements);
  }

  static bool is_parallel(const Statement& s) {
    const For* loop = std::get_if<For>(&s);
    return loop != nullptr && loop->kind == LoopKind::parallel;
  }

  void check_parallel(const For& loop, const runtime::Phase& phase) const {
    check(loop.step == phase.chunk, "parallel loop", "its step is the chunk of the phase");
    check(loop.begin == Affine{}, "parallel loop", "it begins at 0");
    const Bound extent{{Affine{0, {{1, phase.extent, -1}}, 1}}};
    check(loop.end == extent, "parallel loop", "it ends at the extent of the phase");
  }

  void check_block(const std::vector<Statement>& statements) {
    std::vector<ValueId> defined;
    defined_.push_back(&defined);
    for (const Statement& s : statements) check_statement(s);
    defined_.pop_back();
    for (const ValueId v : defined) value_dtype_[static_cast<size_t>(v)].visible = false;
  }

  void check_loop(const For& loop) {
    check(loop.variable >= 0 && static_cast<size_t>(loop.variable) < open_.size(), "loop",
          "its variable is declared");
    const std::string where = "loop over " + nest_.variables[static_cast<size_t>(loop.variable)];
    OpenVariable& variable = open_[static_cast<size_t>(loop.variable)];
    check(!variable.open, where, "its variable is not in use around it");
    check(loop.kind != LoopKind::parallel || depth_ == 0, where,
          "only the outermost loop is parallel");
    check(loop.kind == LoopKind::unrolled || vector_ == nullptr, where,
          "a vector loop holds no loops but unrolled ones");
    check(loop.step >= 1, where, "the step is positive");
    check(loop.unroll == 1 ||
              (loop.unroll > 1 && loop.kind == LoopKind::vector && !loop.single && !loop.exact),
          where, "only a vector loop of many iterations takes several at once");
    check(loop.kind == LoopKind::vector || (!loop.single && !loop.exact), where,
          "only vector loops are single or exact");
    check(loop.kind == LoopKind::serial || loop.rest.empty(), where,
          "only serial loops have a rest");
    check(loop.kind != LoopKind::fixed || (loop.begin == Affine{} && loop.step == 1), where,
          "a fixed variable has no begin and no step");
    check(!loop.end.smallest_of.empty(), where, "it has an end");
    check_affine(loop.begin, where);
    for (const Affine& end : loop.end.smallest_of) check_affine(end, where);
    variable = {true, loop.kind, range_of(loop, where)};
    const For* const outer_vector = vector_;
    if (loop.kind == LoopKind::vector) vector_ = &loop;
    ++depth_;
    check_block(loop.body);
    check_block(loop.rest);
    --depth_;
    vector_ = outer_vector;
    variable.open = false;
  }

  /// The values of an unrolled variable, which must be known now if its begin is.
  std::optional<Range> range_of(const For& loop, const std::string& where) const {
    if (loop.kind != LoopKind::unrolled) return std::nullopt;
    check(loop.end.smallest_of.size() == 1 && loop.end.smallest_of[0].terms == loop.begin.terms &&
              loop.end.smallest_of[0].divisor == loop.begin.divisor && loop.begin.divisor == 1,
          where, "an unrolled loop has a constant number of iterations");
    const int64_t count = loop.end.smallest_of[0].constant - loop.begin.constant;
    check(count >= 1, where, "an unrolled loop has iterations");
    const std::optional<Range> begin = range_of(loop.begin);
    if (!begin) return std::nullopt;
    return Range{begin->low, begin->high + (count - 1) / loop.step * loop.step};
  }

  /// The values of an affine over unrolled variables of known range.
  std::optional<Range> range_of(const Affine& a) const {
    Range range{a.constant, a.constant};
    for (const Term& term : a.terms) {
      if (term.parameter >= 0) return std::nullopt;
      if (term.variable < 0) {
        range.low += term.coefficient;
        range.high += term.coefficient;
        continue;
      }
      const auto& variable = open_[static_cast<size_t>(term.variable)];
      if (!variable.range) return std::nullopt;
      const auto [low, high] = std::minmax(
          {term.coefficient * variable.range->low, term.coefficient * variable.range->high});
      range.low += low;
      range.high += high;
    }
    return range;
  }

  void check_affine(const Affine& a, const std::string& where) const {
    check(a.divisor >= 1, where, "a divisor is positive");
    for (const Term& term : a.terms) {
      check(term.parameter < static_cast<int>(nest_.interface.integers.size()), where,
            "a parameter is an integer of the interface");
      if (term.variable < 0) continue;
      check(static_cast<size_t>(term.variable) < open_.size() &&
                open_[static_cast<size_t>(term.variable)].open,
            where, "a variable is used inside its loop");
    }
  }

  const Array& array_of(ArrayId id, const std::string& where) const {
    check(id >= 0 && static_cast<size_t>(id) < nest_.arrays.size(), where, "the array is declared");
    return nest_.arrays[static_cast<size_t>(id)];
  }

  bool uses_vector_variable(const Affine& a) const {
    return std::any_of(a.terms.begin(), a.terms.end(), [&](const Term& term) {
      return vector_ != nullptr && term.variable == vector_->variable && term.coefficient != 0;
    });
  }

  const Array& check_access(ArrayId id, const Affine& index, bool store,
                            const std::string& where) const {
    const Array& array = array_of(id, where);
    check_affine(index, where);
    check(index.divisor == 1, where, "an index is not divided");
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

  /// The largest value that a bound can have, as far as its constants tell.
  static int64_t most(const Bound& bound) {
    int64_t most = INT64_MAX;
    for (const Affine& a : bound.smallest_of) {
      if (a.terms.empty()) most = std::min(most, a.constant);
    }
    return most;
  }

  void check_transpose(const Transpose& s) const {
    const std::string where = "transpose";
    const Array& target = array_of(s.target, where);
    const Array& source = array_of(s.source, where);
    check(vector_ == nullptr, where, "it is outside of vector loops");
    check(target.space == Array::Space::scratch && source.space == Array::Space::buffer, where,
          "a buffer is copied to scratch");
    check(target.dtype == source.dtype, where, "both arrays have one dtype");
    check_affine(s.index, where);
    check_affine(s.stride, where);
    check(s.index.divisor == 1 && s.stride.divisor == 1, where, "an index is not divided");
    for (const Affine& a : s.rows.smallest_of) check_affine(a, where);
    for (const Affine& a : s.columns.smallest_of) check_affine(a, where);
    check(s.pitch > 0 && most(s.columns) <= s.pitch, where, "a row fits the pitch");
    check(most(s.rows) <= target.elements / s.pitch, where, "the rows fit the scratch");
  }

  void define(ValueId id, DType dtype, const std::string& where) {
    check(id >= 0 && id < nest_.value_count, where, "value ids are below the count");
    KnownValue& value = value_dtype_[static_cast<size_t>(id)];
    check(!value.defined, where, "a value is defined once");
    value = {true, true, dtype};
    defined_.back()->push_back(id);
  }

  DType use(ValueId id, const std::string& where) const {
    check(id >= 0 && id < nest_.value_count && value_dtype_[static_cast<size_t>(id)].visible, where,
          "a value is used after its definition, in its scope");
    return value_dtype_[static_cast<size_t>(id)].dtype;
  }

  void check_compute(const Compute& s) {
    const std::string where = fmt::format("%{} = {}", s.result, ir::to_string(s.op));
    check(ir::is_elementwise(s.op), where, "a compute is a row of the op table");
    const ir::OpInfo& op = ir::info(s.op);
    const bool power = s.op == ir::OpCode::pow && s.operands.size() == 1;
    check(power || static_cast<int>(s.operands.size()) == op.arity, where,
          "it has the operands of its op");
    check(ir::accepts(op.rule, s.dtype), where, "its op accepts the dtype");
    for (size_t i = 0; i < s.operands.size(); ++i) {
      const bool condition = op.rule == ir::TypeRule::select && i == 0;
      check(use(s.operands[i], where) == (condition ? DType::boolean : s.dtype), where,
            "operands have the dtype of the op");
    }
    const bool predicate = op.rule == ir::TypeRule::equality || op.rule == ir::TypeRule::ordering;
    define(s.result, predicate ? DType::boolean : s.dtype, where);
  }

  void check_fill(const Fill& s) {
    const std::string where = fmt::format("%{} = fill", s.result);
    check(vector_ != nullptr, where, "a fill stands in a vector loop");
    const DType dtype = use(s.operand, where);
    check(use(s.identity, where) == dtype, where, "both operands have one dtype");
    define(s.result, dtype, where);
  }

  /// No stack: -1.
  void check_item(ArrayId stack, ArrayId item_id, DType dtype, const std::string& where) const {
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

  template <class Step>
  void check_tree(const Step& s, ArrayId stack, ArrayId item, ArrayId position_stack,
                  const std::string& where) const {
    check_item(stack, item, s.dtype, where);
    if (s.positions >= 0) check_item(position_stack, s.positions, DType::i64, where);
    check(ir::is_elementwise(s.op) && ir::info(s.op).arity == 2, where, "the op has two operands");
    check((s.positions >= 0) == (ir::info(s.op).rule == ir::TypeRule::ordering), where,
          "the op of positions is a comparison");
    check(vector_ == nullptr, where, "the tree is outside of vector loops");
  }

  template <class Step>
  void check_step(const Step& s, ArrayId item, const Affine& number, const char* where) const {
    check_tree(s, s.stack, item, s.position_stack, where);
    check_affine(number, where);
    check_affine(s.place, where);
    check(s.pitch >= 0, where, "levels follow each other");
  }

  void check_statement(const Statement& statement) {
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
            },
            [&](const Transpose& s) { check_transpose(s); },
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
              define(s.result, s.positions >= 0 ? DType::i64 : s.dtype, "fold lanes");
            },
            [&](const For& s) { check_loop(s); },
        },
        statement);
  }

  struct KnownValue {
    bool defined = false, visible = false;
    DType dtype = DType::f32;
  };
  struct OpenVariable {
    bool open = false;
    LoopKind kind = LoopKind::serial;
    std::optional<Range> range;
  };

  const LoopNest& nest_;
  std::vector<KnownValue> value_dtype_;
  std::vector<OpenVariable> open_;
  std::vector<std::vector<ValueId>*> defined_;
  const For* vector_ = nullptr;
  size_t phase_ = 0;
  int depth_ = 0;
};

}  // namespace

void verify(const LoopNest& nest) { Verifier(nest).run(); }

}  // namespace onepass::codegen
