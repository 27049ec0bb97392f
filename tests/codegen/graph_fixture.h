// SPDX-License-Identifier: Apache-2.0
// Graphs written as text, compiled and run in every way that must not show in the bits, beside the
// interpreter.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "nest_fixture.h"
#include "onepass/codegen/compile.h"
#include "onepass/ir/interpret.h"
#include "onepass/ir/parse.h"
#include "onepass/ir/passes/pipeline.h"
#include "onepass/ir/print.h"
#include "onepass/runtime/thread_pool.h"
#include "test_array.h"
#include "view_pointers.h"

namespace onepass::codegen::testing {

/// A graph with inputs and what the interpreter makes of them.
class GraphCase {
 public:
  explicit GraphCase(std::string_view text, uint64_t seed = 1)
      : graph_(ir::parse(text)), random_(seed) {
    for (const runtime::Symbol& symbol : graph_.symbols) {
      values_.push_back(symbol.value);
      if (symbol.kind != runtime::Symbol::Kind::given) continue;
      given_.resize(std::max(given_.size(), static_cast<size_t>(symbol.input) + 1));
      given_[static_cast<size_t>(symbol.input)] = symbol.value;
    }
    for (const ir::InputDeclaration& input : graph_.inputs) {
      inputs_.push_back(filled(graph_.node(input.node).type, input.strides));
    }
    for (const ir::NodeId id : graph_.scalars) {
      scalars_.push_back(0);
      visit_dtype(graph_.node(id).type.dtype, [&](auto element) {
        const auto value = random_element<decltype(element)>(random_);
        std::memcpy(&scalars_.back(), &value, sizeof value);
      });
    }
  }

  /// Strides for the outputs, in their order; dense otherwise.
  GraphCase& with_output_strides(std::vector<Strides> strides) {
    output_strides_ = std::move(strides);
    return *this;
  }

  ir::Graph lowered(ir::Mode mode) const {
    ir::Graph graph = graph_;
    ir::PassOptions options;
    options.mode = mode;
    ir::run_pipeline(graph, options);
    return graph;
  }

  const ir::Graph& graph() const { return graph_; }
  size_t input_count() const { return inputs_.size(); }

  std::vector<TestArray> interpreted() const {
    std::vector<TestArray> outputs = empty_outputs();
    ir::interpret(lowered(ir::Mode::interpreted), views(inputs_), scalars_, given_, views(outputs),
                  ir::Accuracy::strict);
    return outputs;
  }

  std::shared_ptr<const runtime::Program> compiled(const Target& target, ir::Mode mode) const {
    CompileOptions options{.target = target, .output_layouts = {}};
    for (const TestArray& output : empty_outputs()) {
      const auto& view = output.view();
      options.output_layouts.emplace_back(view.dtype, view.shape, view.strides);
    }
    return compile(lowered(mode), options);
  }

  std::vector<TestArray> run(const runtime::Program& program) const {
    const std::vector<TestArray> before = inputs_;
    std::vector<TestArray> outputs = empty_outputs();
    const auto in = views(inputs_), out = views(outputs);
    runtime::run(program, {runtime::pointers_to(in), runtime::pointers_to(out), values_, scalars_});
    EXPECT_TRUE(before == inputs_) << "an input was written";
    return outputs;
  }

  /// Runs with output 0 in the memory of `input`.
  std::vector<TestArray> run_in_place(const runtime::Program& program, size_t input) const {
    const std::vector<TestArray> copies = inputs_;
    std::vector<TestArray> outputs = empty_outputs();
    auto in = views(copies), out = views(outputs);
    out[0] = in[input];
    out[0].dtype = outputs[0].view().dtype;
    runtime::run(program, {runtime::pointers_to(in), runtime::pointers_to(out), values_, scalars_});
    runtime::copy_elements(out[0], outputs[0].view());
    return outputs;
  }

  /// Fused and unfused, for every target, on 1, 2 and 5 threads: the bits of the interpreter.
  void expect_bits_everywhere() const {
    const std::vector<TestArray> expected = interpreted();
    for (const Target& target : targets()) {
      for (const ir::Mode mode : {ir::Mode::fused, ir::Mode::unfused}) {
        const auto program = compiled(target, mode);
        for (const int threads : {1, 2, 5}) {
          const ThreadScope scope(threads);
          expect_equal(run(*program), expected,
                       std::string(to_string(target.instruction_set)) +
                           (mode == ir::Mode::fused ? ", fused, " : ", unfused, ") +
                           std::to_string(threads) + " threads");
        }
      }
    }
  }

  void expect_equal(const std::vector<TestArray>& got, const std::vector<TestArray>& expected,
                    const std::string& how) const {
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      visit_dtype(got[i].view().dtype, [&](auto element) {
        expect_equal_elements<decltype(element)>(got[i], expected[i],
                                                 how + ", output " + std::to_string(i));
      });
    }
  }

 private:
  template <class T>
  void expect_equal_elements(const TestArray& got, const TestArray& expected,
                             const std::string& how) const {
    std::vector<const std::byte*> a, b;
    got.each([&](const std::byte* p) { a.push_back(p); });
    expected.each([&](const std::byte* p) { b.push_back(p); });
    ASSERT_EQ(a.size(), b.size());
    int64_t wrong = 0;
    size_t first = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      T x, y;
      std::memcpy(&x, a[i], sizeof x);
      std::memcpy(&y, b[i], sizeof y);
      const bool equal = (is_nan(x) && is_nan(y)) || std::memcmp(a[i], b[i], sizeof x) == 0;
      if (!equal && wrong++ == 0) first = i;
    }
    if (wrong == 0) return;
    uint64_t x = 0, y = 0;
    std::memcpy(&x, a[first], sizeof(T));
    std::memcpy(&y, b[first], sizeof(T));
    ADD_FAILURE() << how << ": " << wrong << " of " << a.size() << " elements differ, first "
                  << first << ": bits " << std::hex << x << ", expected " << y << "\n"
                  << ir::print(graph_);
  }

  Shape shape_of(const ir::Type& type) const { return graph_.captured_shape(type); }

  TestArray filled(const ir::Type& type, const std::vector<int64_t>& strides) {
    const Shape shape = shape_of(type);
    TestArray array(
        type.dtype, shape,
        strides.empty() ? row_major_strides(shape) : Strides(std::span<const int64_t>(strides)));
    array.each([&](std::byte* p) {
      visit_dtype(type.dtype, [&](auto element) {
        const auto value = random_element<decltype(element)>(random_);
        std::memcpy(p, &value, sizeof value);
      });
    });
    return array;
  }

  std::vector<TestArray> empty_outputs() const {
    std::vector<TestArray> outputs;
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const ir::Type& type = graph_.node(graph_.outputs[i]).type;
      const Shape shape = shape_of(type);
      outputs.emplace_back(
          type.dtype, shape,
          i < output_strides_.size() ? output_strides_[i] : row_major_strides(shape));
    }
    return outputs;
  }

  static std::vector<runtime::ArrayView> views(const std::vector<TestArray>& arrays) {
    std::vector<runtime::ArrayView> result;
    for (const TestArray& array : arrays) result.push_back(array.view());
    return result;
  }

  ir::Graph graph_;
  std::mt19937_64 random_;
  std::vector<int64_t> values_, given_;
  std::vector<TestArray> inputs_;
  std::vector<uint64_t> scalars_;
  std::vector<Strides> output_strides_;
};

}  // namespace onepass::codegen::testing
