// SPDX-License-Identifier: Apache-2.0
#include "graph_ways.h"

#include <fmt/format.h>

#include <algorithm>

#include "guarded_array.h"
#include "onepass/codegen/compile.h"
#include "onepass/ir/interpret.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "onepass/ir/verify.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/error.h"
#include "onepass/runtime/thread_pool.h"
#include "random_numbers.h"
#include "view_pointers.h"

namespace onepass::fuzz {
namespace {

using ir::Accuracy;
using ir::Graph;
using ir::Mode;
using ir::RandomCase;
using runtime::ArrayView;

Graph lowered(const RandomCase& random, Mode mode, Accuracy accuracy) {
  Graph graph = random.graph;
  ir::run_pipeline(graph, {mode, accuracy, {}});
  ir::verify(graph);
  return graph;
}

enum class OutputLayouts : uint8_t { dense, random };

Strides random_strides(ir::RandomNumbers& random, const Shape& shape) {
  Strides strides = row_major_strides(shape);
  const int last = shape.rank() - 1;
  if (last < 0) return strides;
  switch (random.below(4)) {
    case 0:  // gaps between elements
      for (int d = 0; d <= last; ++d) strides[d] *= 3;
      break;
    case 1:  // backwards
      strides[0] = -strides[0];
      break;
    case 2:  // column-major
      strides[0] = 1;
      for (int d = 1; d <= last; ++d) {
        strides[d] = strides[d - 1] * std::max<int64_t>(shape[d - 1], 1);
      }
      break;
    default:
      break;
  }
  return strides;
}

class OutputArrays {
 public:
  OutputArrays(const RandomCase& random, OutputLayouts layouts) {
    ir::RandomNumbers numbers(random.seed);
    for (const ir::NodeId output : random.graph.outputs) {
      const ir::Type& type = random.graph.node(output).type;
      const Shape shape = random.graph.captured_shape(type);
      arrays_.emplace_back(type.dtype, shape,
                           layouts == OutputLayouts::dense ? row_major_strides(shape)
                                                           : random_strides(numbers, shape));
    }
  }

  std::vector<ArrayView> views() const {
    std::vector<ArrayView> result;
    for (const GuardedArray& array : arrays_) result.push_back(array.view());
    return result;
  }
  std::vector<runtime::Layout> layouts() const {
    std::vector<runtime::Layout> result;
    for (const GuardedArray& array : arrays_) {
      const ArrayView& view = array.view();
      result.emplace_back(view.dtype, view.shape, view.strides);
    }
    return result;
  }
  Results results() const {
    Results result;
    for (const GuardedArray& array : arrays_) result.push_back(array.elements());
    return result;
  }
  bool gaps_untouched() const {
    return std::all_of(arrays_.begin(), arrays_.end(),
                       [](const GuardedArray& array) { return array.gaps_untouched(); });
  }

 private:
  std::vector<GuardedArray> arrays_;
};

/// Runs `program` into new outputs. Throws if it wrote anything else.
Results run(const RandomCase& random, const runtime::Program& program, OutputLayouts layouts,
            int threads) {
  const ThreadScope scope(threads);
  const OutputArrays outputs(random, layouts);
  const std::vector<ArrayView> views = outputs.views();
  std::vector<int64_t> values;
  for (const runtime::Symbol& symbol : program.symbols) values.push_back(symbol.value);
  runtime::run(program, {runtime::pointers_to(random.inputs), runtime::pointers_to(views), values,
                         random.scalars});
  if (!outputs.gaps_untouched()) throw InternalError("a byte between the outputs was written");
  return outputs.results();
}

/// How a case is compiled.
struct Way {
  Mode mode;
  Accuracy accuracy;
  codegen::Target target;
  OutputLayouts layouts;
};

std::shared_ptr<const runtime::Program> compile(const RandomCase& random, const Way& way) {
  const OutputArrays outputs(random, way.layouts);
  codegen::CompileOptions options{
      .target = way.target, .accuracy = way.accuracy, .output_layouts = {}};
  if (way.layouts == OutputLayouts::random) options.output_layouts = outputs.layouts();
  return codegen::compile(lowered(random, way.mode, way.accuracy), options);
}

/// A row of the memory behind the inputs, to see that nobody writes it.
std::vector<std::vector<std::byte>> memory_of(const RandomCase& random) {
  std::vector<std::vector<std::byte>> copies;
  for (const auto& block : random.memory) copies.push_back(*block);
  return copies;
}

std::string hexadecimal(const std::vector<std::byte>& elements, int64_t index, int bytes) {
  std::string text = "0x";
  for (int i = bytes; i-- > 0;) {
    text += fmt::format("{:02x}",
                        std::to_integer<int>(elements[static_cast<size_t>(index * bytes + i)]));
  }
  return text;
}

std::optional<std::string> difference_of_one_way(const RandomCase& random, const Results& expected,
                                                 const Way& way) {
  const auto program = compile(random, way);
  for (const int threads : {1, 2, 3, 7, 16}) {
    const Results results = run(random, *program, way.layouts, threads);
    if (const auto found = difference(random.graph, results, expected)) {
      return fmt::format("{} threads, {} outputs: {}", threads,
                         way.layouts == OutputLayouts::dense ? "dense" : "strided", *found);
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<codegen::Target> targets() {
  std::vector<codegen::Target> result = {{codegen::InstructionSet::x86_64_v3}};
  if (runtime::cpu_info().x86_64_v4) result.push_back({codegen::InstructionSet::x86_64_v4});
  return result;
}

Results interpreted(const RandomCase& random, Accuracy accuracy) {
  const OutputArrays outputs(random, OutputLayouts::dense);
  const std::vector<ArrayView> views = outputs.views();
  ir::interpret(lowered(random, Mode::interpreted, accuracy), random.inputs, random.scalars,
                random.given, views, accuracy);
  return outputs.results();
}

Results compiled(const RandomCase& random, Mode mode, const codegen::Target& target, int threads) {
  const auto program = compile(random, {mode, Accuracy::strict, target, OutputLayouts::dense});
  return run(random, *program, OutputLayouts::dense, threads);
}

std::optional<std::string> difference_between_ways(const RandomCase& random, Accuracy accuracy) {
  const auto before = memory_of(random);
  const Results expected = interpreted(random, accuracy);
  const auto layouts = random.seed % 3 == 0 ? OutputLayouts::random : OutputLayouts::dense;
  for (const Mode mode : {Mode::fused, Mode::unfused}) {
    const char* name = mode == Mode::fused ? "fused" : "unfused";
    for (const codegen::Target& target : targets()) {
      std::optional<std::string> found;
      try {
        found = difference_of_one_way(random, expected, {mode, accuracy, target, layouts});
      } catch (const std::exception& error) {
        found = error.what();
      }
      if (found) {
        return fmt::format("{}, {}: {}", name, to_string(target.instruction_set), *found);
      }
    }
  }
  if (memory_of(random) != before) return "an input was written";
  return std::nullopt;
}

std::optional<std::string> difference(const Graph& graph, const Results& got,
                                      const Results& expected) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const ir::Type& type = graph.node(graph.outputs[i]).type;
    const int64_t index = first_difference(type.dtype, got[i], expected[i]);
    if (index < 0) continue;
    const int bytes = byte_size(type.dtype);
    return fmt::format("output {} ({}), element {} of {}: {}, expected {}", i,
                       ir::print(graph, type), index,
                       static_cast<int64_t>(expected[i].size()) / bytes,
                       hexadecimal(got[i], index, bytes), hexadecimal(expected[i], index, bytes));
  }
  return std::nullopt;
}

}  // namespace onepass::fuzz
