// SPDX-License-Identifier: Apache-2.0
// The rules of loops, bounds, procedures and computes. A nest that passes all checks can be
// emitted.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "onepass/codegen/loop_nest_verifier.h"
#include "onepass/runtime/error.h"

namespace onepass::codegen {

void Verifier::run() {
  check_names();
  for (const Array& array : nest_.arrays) check_array(array);
  check(nest_.phases.size() == nest_.interface.phases.size(), "interface",
        "every phase has a statement list");
  for (const Procedure& procedure : nest_.procedures) check_procedure(procedure);
  for (size_t i = 0; i < nest_.phases.size(); ++i) {
    phase_ = i;
    check_phase(nest_.phases[i], nest_.interface.phases[i]);
  }
}

void Verifier::check(bool holds, const std::string& where, const std::string& rule) const {
  if (holds) return;
  throw InternalError(
      fmt::format("loop nest {}, phase {}: {}: {}", nest_.name, phase_, where, rule));
}

void Verifier::check_names() const {
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

void Verifier::check_array(const Array& array) const {
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

void Verifier::check_phase(const std::vector<Statement>& statements, const runtime::Phase& phase) {
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

bool Verifier::is_parallel(const Statement& s) {
  const For* loop = std::get_if<For>(&s);
  return loop != nullptr && loop->kind == LoopKind::parallel;
}

void Verifier::check_parallel(const For& loop, const runtime::Phase& phase) const {
  check(loop.step == phase.chunk, "parallel loop", "its step is the chunk of the phase");
  check(loop.begin == Affine{}, "parallel loop", "it begins at 0");
  const Bound extent{{parameter(phase.extent)}};
  check(loop.end == extent, "parallel loop", "it ends at the extent of the phase");
}

void Verifier::check_block(const std::vector<Statement>& statements) {
  std::vector<ValueId> defined;
  defined_.push_back(&defined);
  for (const Statement& s : statements) check_statement(s);
  defined_.pop_back();
  for (const ValueId v : defined) value_dtype_[static_cast<size_t>(v)].visible = false;
}

void Verifier::check_loop(const For& loop) {
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
  check(loop.kind == LoopKind::serial || loop.rest.empty(), where, "only serial loops have a rest");
  check(loop.range_end < 0 || loop.kind == LoopKind::parallel, where,
        "only parallel loops run by ranges");
  check(loop.kind != LoopKind::fixed || (loop.begin == Affine{} && loop.step == 1), where,
        "a fixed variable has no begin and no step");
  check(!loop.end.smallest_of.empty(), where, "it has an end");
  check_affine(loop.begin, where);
  for (const Affine& end : loop.end.smallest_of) check_affine(end, where);
  variable = {true, loop.kind, range_of(loop, where)};
  if (loop.range_end >= 0) open_variable(loop.range_end, {true, loop.kind, std::nullopt}, where);
  const For* const outer_vector = vector_;
  if (loop.kind == LoopKind::vector) vector_ = &loop;
  ++depth_;
  check_block(loop.body);
  check_block(loop.rest);
  --depth_;
  vector_ = outer_vector;
  if (loop.range_end >= 0) close_variable(loop.range_end);
  variable.open = false;
}

void Verifier::open_variable(VariableId id, const OpenVariable& opened, const std::string& where) {
  check(id >= 0 && static_cast<size_t>(id) < open_.size(), where, "its variable is declared");
  check(!open_[static_cast<size_t>(id)].open, where, "its variable is not in use around it");
  open_[static_cast<size_t>(id)] = opened;
}

void Verifier::check_procedure(const Procedure& procedure) {
  const std::string where = "procedure " + procedure.name;
  for (const VariableId id : procedure.parameters) {
    open_variable(id, {true, LoopKind::serial, std::nullopt}, where);
  }
  ++depth_;
  check_block(procedure.body);
  --depth_;
  for (const VariableId id : procedure.parameters) close_variable(id);
}

void Verifier::check_call(const Call& s) const {
  const std::string where = "call";
  check(s.procedure >= 0 && static_cast<size_t>(s.procedure) < nest_.procedures.size(), where,
        "the procedure is declared");
  check(vector_ == nullptr, where, "it is outside of vector loops");
  check(s.arguments.size() == nest_.procedures[static_cast<size_t>(s.procedure)].parameters.size(),
        where, "each parameter has an argument");
  for (const Bound& argument : s.arguments) {
    for (const Affine& a : argument.smallest_of) check_affine(a, where);
  }
}

void Verifier::check_if(const If& s) {
  check(vector_ == nullptr, "if", "it is outside of vector loops");
  check_affine(s.smaller, "if");
  for (const Affine& a : s.larger.smallest_of) check_affine(a, "if");
  check_block(s.then);
  check_block(s.otherwise);
}

void Verifier::check_parts(const Parts& s) {
  const std::string where = "parts";
  check(vector_ == nullptr, where, "they are outside of vector loops");
  check(s.unit >= 1 && !s.bodies.empty() && !s.bodies.back().empty(), where,
        "there is a largest size");
  check_affine(s.begin, where);
  for (const Affine& end : s.end.smallest_of) check_affine(end, where);
  open_variable(s.variable, {true, LoopKind::serial, std::nullopt}, where);
  open_variable(s.count, {true, LoopKind::serial, std::nullopt}, where);
  ++depth_;
  for (const Block& body : s.bodies) check_block(body);
  check_block(s.others);
  --depth_;
  close_variable(s.count);
  close_variable(s.variable);
}

std::optional<Range> Verifier::range_of(const For& loop, const std::string& where) const {
  if (loop.kind != LoopKind::unrolled) return std::nullopt;
  check(loop.end.smallest_of.size() == 1 && loop.end.smallest_of[0].terms == loop.begin.terms &&
            !loop.end.smallest_of[0].is_divided() && !loop.begin.is_divided(),
        where, "an unrolled loop has a constant number of iterations");
  const int64_t count = loop.end.smallest_of[0].constant - loop.begin.constant;
  check(count >= 1, where, "an unrolled loop has iterations");
  const std::optional<Range> begin = range_of(loop.begin);
  if (!begin) return std::nullopt;
  return Range{begin->low, begin->high + (count - 1) / loop.step * loop.step};
}

std::optional<Range> Verifier::range_of(const Affine& a) const {
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

void Verifier::check_affine(const Affine& a, const std::string& where) const {
  check(a.divisor >= 1, where, "a divisor is positive");
  check(a.divisor_parameter < 0 || a.divisor == 1, where, "there is one divisor");
  check(a.divisor_parameter < static_cast<int>(nest_.interface.integers.size()), where,
        "a parameter is an integer of the interface");
  for (const Term& term : a.terms) {
    check(term.parameter < static_cast<int>(nest_.interface.integers.size()), where,
          "a parameter is an integer of the interface");
    if (term.variable < 0) continue;
    check(static_cast<size_t>(term.variable) < open_.size() &&
              open_[static_cast<size_t>(term.variable)].open,
          where, "a variable is used inside its loop");
  }
}

void Verifier::check_compute(const Compute& s) {
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

void verify(const LoopNest& nest) { Verifier(nest).run(); }

}  // namespace onepass::codegen
