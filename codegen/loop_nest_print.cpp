// SPDX-License-Identifier: Apache-2.0
// The text of a loop nest: all that code depends on, since the kernel cache compares it.
#include <fmt/format.h>

#include <bit>
#include <iterator>

#include "onepass/codegen/loop_nest.h"
#include "onepass/runtime/half.h"

namespace onepass::codegen {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

std::string_view name_of(LoopKind kind) {
  switch (kind) {
    case LoopKind::parallel:
      return "parallel";
    case LoopKind::serial:
      return "serial";
    case LoopKind::unrolled:
      return "unrolled";
    case LoopKind::vector:
      return "vector";
    case LoopKind::fixed:
      return "fixed";
  }
  return "";
}

/// A constant as a reader wants to see it.
std::string readable(DType dtype, uint64_t bits) {
  switch (dtype) {
    case DType::f16:
      return fmt::format("{}", to_float(Float16{static_cast<uint16_t>(bits)}));
    case DType::bf16:
      return fmt::format("{}", to_float(BFloat16{static_cast<uint16_t>(bits)}));
    case DType::f32:
      return fmt::format("{}", std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case DType::f64:
      return fmt::format("{}", std::bit_cast<double>(bits));
    case DType::boolean:
      return bits != 0 ? "true" : "false";
    default:
      break;
  }
  if (!is_signed_integer(dtype)) return fmt::format("{}", bits);
  const int unused = 64 - 8 * byte_size(dtype);
  return fmt::format("{}", static_cast<int64_t>(bits << unused) >> unused);
}

class Printer {
 public:
  explicit Printer(const LoopNest& nest) : nest_(nest) {}

  std::string print() {
    line("nest {}({}) {{", nest_.name, nest_.accuracy == ir::Accuracy::strict ? "strict" : "fast");
    ++depth_;
    print_integers();
    for (size_t i = 0; i < nest_.interface.operands.size(); ++i) print_operand(i);
    for (size_t i = 0; i < nest_.interface.workspaces.size(); ++i) print_workspace(i);
    for (const Array& array : nest_.arrays) print_array(array);
    for (const Procedure& procedure : nest_.procedures) print_procedure(procedure);
    for (size_t i = 0; i < nest_.phases.size(); ++i) print_phase(i);
    --depth_;
    line("}}");
    return std::move(text_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.append(static_cast<size_t>(2 * depth_), ' ');
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  /// The texts of all items, with commas between them.
  template <class Items, class Text>
  static std::string list(const Items& items, Text text) {
    std::string all;
    for (const auto& item : items) all += (all.empty() ? "" : ", ") + text(item);
    return all;
  }

  std::string integer(int parameter) const {
    using Kind = runtime::IntegerParameter::Kind;
    const auto& integers = nest_.interface.integers;
    if (parameter < 0 || static_cast<size_t>(parameter) >= integers.size())
      return fmt::format("integer?{}", parameter);
    constexpr const char* names[] = {"extent", "stride", "first", "begin", "end"};
    const Kind kind = integers[static_cast<size_t>(parameter)].kind;
    return fmt::format("{}{}", names[static_cast<size_t>(kind)], parameter);
  }

  std::string variable(VariableId id) const {
    if (id < 0 || static_cast<size_t>(id) >= nest_.variables.size()) {
      return fmt::format("variable?{}", id);
    }
    return nest_.variables[static_cast<size_t>(id)];
  }

  std::string array(ArrayId id) const {
    if (id < 0 || static_cast<size_t>(id) >= nest_.arrays.size()) {
      return fmt::format("array?{}", id);
    }
    return nest_.arrays[static_cast<size_t>(id)].name;
  }

  /// An array of a tree and that of the positions, if there is one.
  std::string with(ArrayId values, ArrayId positions) const {
    return positions < 0 ? array(values) : array(values) + ", " + array(positions);
  }

  /// The stacks of a tree, and where its items lie in them if not side by side.
  template <class Step>
  std::string stacks(const Step& s) const {
    const std::string arrays = with(s.stack, s.position_stack);
    if (s.pitch == 0) return arrays;
    return fmt::format("{}[{} + level*{}]", arrays, affine(s.place), s.pitch);
  }

  std::string term(const Term& t) const {
    std::string text;
    const auto factor = [&](const std::string& f) {
      if (!text.empty()) text += '*';
      text += f;
    };
    if (t.variable >= 0) factor(variable(t.variable));
    if (t.parameter >= 0) factor(integer(t.parameter));
    if (t.coefficient != 1 || text.empty()) factor(std::to_string(t.coefficient));
    return text;
  }

  std::string affine(const Affine& a) const {
    std::string text;
    const auto add = [&](const std::string& summand) {
      text += (text.empty() ? "" : " + ") + summand;
    };
    for (const Term& t : a.terms) add(term(t));
    if (a.constant != 0 || text.empty()) add(std::to_string(a.constant));
    if (a.divisor_parameter >= 0) {
      return fmt::format("({}) / {}", text, integer(a.divisor_parameter));
    }
    return a.divisor == 1 ? text : fmt::format("({}) / {}", text, a.divisor);
  }

  std::string bound(const Bound& b) const {
    if (b.smallest_of.size() == 1) return affine(b.smallest_of[0]);
    return "min(" + list(b.smallest_of, [&](const Affine& a) { return affine(a); }) + ")";
  }

  void print_integers() {
    for (size_t i = 0; i < nest_.interface.integers.size(); ++i) {
      const runtime::IntegerParameter& p = nest_.interface.integers[i];
      const std::string name = integer(static_cast<int>(i));
      switch (p.kind) {
        case runtime::IntegerParameter::Kind::extent:
          line("{} = extent of dimensions {} to {}", name, p.dimension, p.dimension + p.count - 1);
          break;
        case runtime::IntegerParameter::Kind::begin:
        case runtime::IntegerParameter::Kind::end:
          line("{} of the task in dimensions {} to {}", name, p.dimension,
               p.dimension + p.count - 1);
          break;
        case runtime::IntegerParameter::Kind::stride:
          line("{} = stride of operand {} along dimension {}", name, p.operand, p.dimension);
          break;
        case runtime::IntegerParameter::Kind::first:
          line("{} = first index of slice {}:{} of symbol {}", name, p.start, p.step, p.dimension);
          break;
      }
    }
  }

  void print_operand(size_t index) {
    const runtime::Operand& o = nest_.interface.operands[index];
    std::string axes;
    for (const auto& axis : o.axes) {
      if (!axes.empty()) axes += ", ";
      axes += axis.dimension < 0 ? "-" : std::to_string(axis.dimension);
      if (axis.dimension >= 0 && axis.step != 1) axes += fmt::format(" step {}", axis.step);
    }
    std::string offsets;
    for (const auto& offset : o.offsets) {
      offsets += fmt::format(" from {}:{} of {}", offset.start, offset.step, offset.dimension);
      if (offset.scale != 1) offsets += fmt::format(" times {}", offset.scale);
      if (offset.symbol != runtime::Operand::Offset::own_extent) {
        offsets += fmt::format(" in symbol {}", offset.symbol);
      }
    }
    line("operand {}: {} {}[{}]{}", index, o.written ? "writes" : "reads", to_string(o.dtype), axes,
         offsets);
  }

  void print_workspace(size_t index) {
    const runtime::Workspace& w = nest_.interface.workspaces[index];
    line("workspace {}: {} bytes for each {} of dimensions {} to {}", index, w.bytes_per_item,
         w.chunk, w.dimension, w.dimension + w.count - 1);
  }

  void print_array(const Array& a) {
    const std::string_view written = a.written ? (a.streamed ? ", streamed" : ", written") : "";
    switch (a.space) {
      case Array::Space::buffer:
        line("{}: {} in buffer {}{}", a.name, to_string(a.dtype), a.buffer, written);
        break;
      case Array::Space::scratch:
        line("{}: {} x {} in scratch{}", a.name, to_string(a.dtype), a.elements, written);
        break;
      case Array::Space::registers:
        line("{}: {} x {} x {} lanes in registers{}", a.name, to_string(a.dtype), a.elements,
             a.lanes, written);
        break;
    }
  }

  void print_phase(size_t index) {
    const auto& phases = nest_.interface.phases;
    if (index < phases.size()) {
      const runtime::Phase& p = phases[index];
      line("phase {} over {} chunk {}{} scratch {} {{", index,
           p.extent < 0 ? std::string("1") : integer(p.extent), p.chunk,
           p.across.end < 0 ? "" : fmt::format(" across by {}", p.across.chunk), p.scratch_bytes);
    } else {
      line("phase {} {{", index);
    }
    print_block(nest_.phases[index]);
    line("}}");
  }

  void print_procedure(const Procedure& procedure) {
    line("procedure {}({}) {{", procedure.name,
         list(procedure.parameters, [&](VariableId id) { return variable(id); }));
    print_block(procedure.body);
    line("}}");
  }

  void print_block(const std::vector<Statement>& block) {
    ++depth_;
    for (const Statement& s : block) print_statement(s);
    --depth_;
  }

  void print_loop(const For& loop) {
    if (loop.kind == LoopKind::fixed) {
      line("fixed {} = {} {{", variable(loop.variable), bound(loop.end));
      print_block(loop.body);
      return line("}}");
    }
    std::string flags;
    if (loop.unroll != 1) flags += fmt::format(" by {}", loop.unroll);
    if (loop.single) flags += " single";
    if (loop.exact) flags += " exact";
    if (loop.range_end >= 0) flags += " as range to " + variable(loop.range_end);
    const std::string_view step = loop.kind == LoopKind::vector     ? " x"
                                  : loop.kind == LoopKind::parallel ? " chunk "
                                                                    : " step ";
    const std::string step_text = loop.step == 1 && loop.kind != LoopKind::vector
                                      ? std::string()
                                      : fmt::format("{}{}", step, loop.step);
    line("{} {} in [{}, {}){}{} {{", name_of(loop.kind), variable(loop.variable),
         affine(loop.begin), bound(loop.end), step_text, flags);
    print_block(loop.body);
    if (!loop.rest.empty()) {
      line("}} rest {{");
      print_block(loop.rest);
    }
    line("}}");
  }

  void print_if(const If& s) {
    line("if {} < {} {{", affine(s.smaller), bound(s.larger));
    print_block(s.then);
    if (!s.otherwise.empty()) {
      line("}} else {{");
      print_block(s.otherwise);
    }
    line("}}");
  }

  void print_parts(const Parts& s) {
    line("parts {} of {} in [{}, {}) unit {} most {} {{", variable(s.variable), variable(s.count),
         affine(s.begin), bound(s.end), s.unit, s.bodies.size());
    ++depth_;
    for (size_t i = 0; i < s.bodies.size(); ++i) {
      if (s.bodies[i].empty()) continue;
      line("of {} {{", i + 1);
      print_block(s.bodies[i]);
      line("}}");
    }
    if (!s.others.empty()) {
      line("others {{");
      print_block(s.others);
      line("}}");
    }
    --depth_;
    line("}}");
  }

  void print_call(const Call& s) {
    const auto& procedures = nest_.procedures;
    const bool known = s.procedure >= 0 && static_cast<size_t>(s.procedure) < procedures.size();
    const std::string arguments =
        list(s.arguments, [&](const Bound& argument) { return bound(argument); });
    line("call {}({})",
         known ? procedures[static_cast<size_t>(s.procedure)].name
               : fmt::format("procedure?{}", s.procedure),
         arguments);
  }

  void print_statement(const Statement& statement) {
    std::visit(
        Overloaded{
            [&](const Load& s) {
              line("%{} = load {}[{}]", s.result, array(s.array), affine(s.index));
            },
            [&](const Store& s) {
              line("store {}[{}] = %{}{}", array(s.array), affine(s.index), s.value,
                   s.all_lanes ? " all lanes" : "");
            },
            [&](const Transpose& s) {
              line("transpose {}[r*{} + c] = {}[{} + r + c*({})] for r < {}, c < {}",
                   array(s.target), s.pitch, array(s.source), affine(s.index), affine(s.stride),
                   bound(s.rows), bound(s.columns));
            },
            [&](const LoadTurned& s) {
              line("load {}[c] turned = {}[{} + c + lane*({})]", array(s.target), array(s.source),
                   affine(s.index), affine(s.stride));
            },
            [&](const LoadBytes& s) {
              line("%{} = load bytes {}[{}]", s.result, array(s.array), affine(s.index));
            },
            [&](const SumBytes& s) {
              line("%{} = sum bytes %{} + %{} * %{}", s.result, s.sum, s.left, s.right);
            },
            [&](const Prefetch& s) { line("prefetch {}[{}]", array(s.array), affine(s.index)); },
            [&](const Constant& s) {
              line("%{} = constant {} {:#x} : {}", s.result, readable(s.dtype, s.bits), s.bits,
                   to_string(s.dtype));
            },
            [&](const ScalarArgument& s) {
              line("%{} = scalar {} : {}", s.result, s.index, to_string(s.dtype));
            },
            [&](const IndexValue& s) {
              line("%{} = index {} : {}", s.result, affine(s.index), to_string(s.dtype));
            },
            [&](const Compute& s) { print_compute(s); },
            [&](const Convert& s) {
              line("%{} = convert %{} : {} to {}", s.result, s.operand, to_string(s.from),
                   to_string(s.to));
            },
            [&](const Fill& s) {
              line("%{} = fill %{} else %{}", s.result, s.operand, s.identity);
            },
            [&](const TreePush& s) {
              line("push {} on {} as item {} by {} : {}", with(s.source, s.positions), stacks(s),
                   affine(s.index), ir::to_string(s.op), to_string(s.dtype));
            },
            [&](const TreeFold& s) {
              line("fold {} from {} after {} items by {} : {}", with(s.target, s.positions),
                   stacks(s), affine(s.count), ir::to_string(s.op), to_string(s.dtype));
            },
            [&](const LaneFold& s) {
              line("%{} = fold lanes of {} by {} : {}", s.result, with(s.source, s.positions),
                   ir::to_string(s.op), to_string(s.dtype));
            },
            [&](const Call& s) { print_call(s); },
            [&](const For& s) { print_loop(s); },
            [&](const If& s) { print_if(s); },
            [&](const Parts& s) { print_parts(s); },
        },
        statement);
  }

  void print_compute(const Compute& s) {
    const std::string operands =
        list(s.operands, [](ValueId v) { return "%" + std::to_string(v); });
    std::string exponent;
    if (s.op == ir::OpCode::pow && s.operands.size() == 1) {
      exponent = fmt::format(" {{exponent = {}}}", s.exponent);
    }
    line("%{} = {} {}{} : {}", s.result, ir::to_string(s.op), operands, exponent,
         to_string(s.dtype));
  }

  const LoopNest& nest_;
  std::string text_;
  int depth_ = 0;
};

}  // namespace

std::string print(const LoopNest& nest) { return Printer(nest).print(); }

}  // namespace onepass::codegen
