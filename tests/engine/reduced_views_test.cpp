// SPDX-License-Identifier: Apache-2.0
// Reductions of views: the order is a fact of the shape, so a view reduces to the bits of its copy.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "onepass/ir/reduction.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

/// A function that reduces `axes` of x, all of them if they are empty.
struct Function {
  std::string name;
  std::function<Value(const Value& x, const Axes& axes)> apply;
  std::function<bool(DType)> accepts;
  bool takes_one_axis = false;
};

bool is_float(DType dtype) { return is_floating(dtype); }
bool is_number(DType dtype) { return dtype != boolean; }

std::vector<Function> functions() {
  std::vector<Function> all_functions = {
#define ONEPASS_REDUCTION(name, ...)                                                         \
  {#name, [](const Value& x, const Axes& axes) { return onepass::name(x, {.axis = axes}); }, \
   [](DType dtype) { return ir::reduction_dtypes(ir::OpCode::name, dtype).has_value(); },    \
   ir::finds_position(ir::OpCode::name)},
#include "onepass/ir/reductions.def"
#define FUNCTION(name, accepts, one_axis)                                                    \
  {#name, [](const Value& x, const Axes& axes) { return onepass::name(x, {.axis = axes}); }, \
   accepts, one_axis}
      FUNCTION(var, is_float, false),
      FUNCTION(std, is_float, false),
      FUNCTION(norm, is_float, false),
      FUNCTION(logsumexp, is_float, false),
      FUNCTION(softmax, is_float, false),
      FUNCTION(log_softmax, is_float, false),
      FUNCTION(layer_norm, is_float, false),
      FUNCTION(rms_norm, is_float, false),
      FUNCTION(l2_normalize, is_float, false),
      FUNCTION(cumulative_sum, is_number, true),
      FUNCTION(cumulative_prod, is_number, true),
#undef FUNCTION
  };
  return all_functions;
}

/// Choices that are the same on every machine.
class Choices {
 public:
  explicit Choices(uint64_t seed) : engine_(seed) {}
  int below(int limit) { return static_cast<int>(engine_() % static_cast<uint64_t>(limit)); }
  int64_t extent() {
    constexpr int64_t extents[] = {1, 2, 3, 5, 16, 17, 31, 33, 64, 70, 130, 257, 1100};
    return extents[below(static_cast<int>(std::size(extents)))];
  }

 private:
  std::mt19937_64 engine_;
};

Shape random_shape(Choices& choices) {
  constexpr int64_t most = 70'000;
  for (;;) {
    const Shape shape{choices.extent(), choices.extent(), choices.extent()};
    if (shape[0] * shape[1] * shape[2] <= most) return shape;
  }
}

/// Finite elements of both signs, of which no sum or product is the same in another order.
Tensor elements(DType dtype, const Shape& shape, uint64_t seed) {
  const Tensor x = random_normal(shape, {.seed = seed});
  if (dtype == boolean) return evaluate(x > 1.0F);
  if (is_floating(dtype)) return evaluate(astype(x, dtype));
  constexpr float spread = 40;
  if (dtype == u8) return evaluate(astype(x * x * spread, dtype));
  return evaluate(astype(x * spread, dtype));
}

struct NamedView {
  std::string name;
  Tensor view;
};

std::vector<NamedView> views_of(const Tensor& x) {
  std::vector<NamedView> views = {
      {"permuted 2, 1, 0", permute_dims(x, {2, 1, 0})},
      {"permuted 2, 0, 1", permute_dims(x, {2, 0, 1})},
      {"permuted 0, 2, 1", permute_dims(x, {0, 2, 1})},
      {"every second element", x[{all, all, slice(0, std::nullopt, 2)}]},
      {"every third row", x[{all, slice(0, std::nullopt, 3), all}]},
      {"backwards", flip(x)},
      {"backwards by twos", x[{all, slice(std::nullopt, std::nullopt, -2)}]},
      {"from an offset",
       x[{slice(x.shape()[0] / 2, std::nullopt), all, slice(x.shape()[2] / 3, std::nullopt)}]},
      {"broadcast over the first axis", broadcast_to(x[{0}], x.shape())},
      {"broadcast over the last axis", broadcast_to(x[{all, all, slice(0, 1)}], x.shape())},
      {"permuted from an offset by twos",
       permute_dims(x, {1, 2, 0})[{slice(x.shape()[1] / 3, std::nullopt, 2)}]},
  };
  return views;
}

Axes axes_of(const Function& function, Choices& choices) {
  if (function.takes_one_axis) return Axes(choices.below(3));
  constexpr int sets = 8;
  std::vector<int> axes;
  const int set = choices.below(sets);
  for (int axis = 0; axis < 3; ++axis) {
    if ((set >> axis & 1) != 0) axes.push_back(axis);
  }
  return axes.empty() ? Axes() : Axes(axes);
}

class EveryReduction : public ::testing::TestWithParam<Function> {};

TEST_P(EveryReduction, GivesTheSameBitsForAViewAndItsCopy) {
  Choices choices(2026);
  for (const DType dtype : {f32, f64, f16, bf16, i64, u8, boolean}) {
    if (!GetParam().accepts(dtype)) continue;
    constexpr int repetitions = 2;
    for (int i = 0; i < repetitions; ++i) {
      const Tensor x = elements(dtype, random_shape(choices), static_cast<uint64_t>(i) + 1);
      for (const NamedView& view : views_of(x)) {
        const Axes axes = axes_of(GetParam(), choices);
        const Value of_view = GetParam().apply(view.view, axes);
        const Tensor expected = evaluate(GetParam().apply(Tensor::copy_of(view.view), axes));
        const auto what = std::string(to_string(dtype)) + to_string(x.shape()) + ", " + view.name;
        for (const int threads : {1, 3}) {
          EXPECT_TRUE(testing::same_bits(evaluate(of_view, {.threads = threads}), expected))
              << what << ", " << threads << " threads";
        }
        EXPECT_TRUE(testing::same_bits(evaluate(of_view, {.mode = Mode::interpreted}), expected))
            << what << ", interpreted";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Function, EveryReduction, ::testing::ValuesIn(functions()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace onepass
