// SPDX-License-Identifier: Apache-2.0
// Random expressions over random views: however operands and targets lie in memory, and even if
// they share it, the result is that of an interpreted evaluation of copies.
#include "random_expression.h"

#include <gtest/gtest.h>

#include <optional>
#include <sstream>

#include "random_tensor.h"
#include "seeds.h"

namespace onepass::fuzz {
namespace {

using ir::RandomNumbers;

using Wrong = std::optional<std::string>;

std::vector<Tensor> copies_of(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> copies;
  for (const Tensor& tensor : tensors) copies.push_back(Tensor::copy_of(tensor));
  return copies;
}

Tensor reference(const Value& value) { return evaluate(value, {.mode = Mode::interpreted}); }

EvaluateOptions random_options(RandomNumbers& random) {
  constexpr Mode modes[] = {Mode::fused, Mode::fused, Mode::unfused, Mode::interpreted};
  constexpr int threads[] = {1, 2, 5};
  return {.mode = modes[random.below(4)], .threads = threads[random.below(3)]};
}

/// One expression, its operands and its result.
struct Evaluation {
  const RandomExpression& expression;
  size_t steps;
  std::vector<Tensor> operands;
  Value value = expression.apply(operands, steps);
  Tensor expected = reference(expression.apply(copies_of(operands), steps));
};

Wrong wrong_in_new_memory(const Evaluation& e) {
  for (const Mode mode : {Mode::fused, Mode::unfused}) {
    for (const int threads : {1, 2, 5}) {
      if (same_bits(evaluate(e.value, {.mode = mode, .threads = threads}), e.expected)) continue;
      return std::string(mode == Mode::fused ? "fused" : "unfused") + " on " +
             std::to_string(threads) + " threads";
    }
  }
  return std::nullopt;
}

/// Memory and windows of it that a call writes to.
struct Targets {
  Tensor memory;
  std::vector<Tensor> windows;
};

/// Puts the expected elements where the windows lie in `copy`, which holds what the memory held.
void store_expected(const Targets& targets, std::span<const Tensor> expected, const Tensor& copy) {
  for (size_t i = 0; i < expected.size(); ++i) {
    runtime::ArrayView place = targets.windows[i].view();
    place.data = copy.view().data + (place.data - targets.memory.view().data);
    runtime::copy_elements(expected[i].view(), place);
  }
}

/// Evaluates into the windows. The memory must then hold the expected elements there and what it
/// held elsewhere.
Wrong wrong_in_memory_after(const Targets& targets, std::span<const Value> values,
                            std::span<const Tensor> expected, const EvaluateOptions& options) {
  const Tensor after = Tensor::copy_of(targets.memory);
  store_expected(targets, expected, after);
  evaluate_values_into(values, options, targets.windows);
  if (same_bits(targets.memory, after)) return std::nullopt;
  std::ostringstream text;
  text << "mode " << static_cast<int>(options.mode) << " on " << options.threads << " threads";
  for (size_t i = 0; i < expected.size(); ++i) {
    text << "\ntarget of strides " << to_string(targets.windows[i].strides())
         << (same_bits(targets.windows[i], expected[i]) ? " holds" : " does not hold")
         << " what is expected of\n"
         << explain(values[i]).graph();
  }
  return text.str();
}

Wrong wrong_in_a_view(const Evaluation& e, RandomNumbers& random) {
  const Shape shape = e.expected.shape();
  Targets targets;
  targets.memory = random_elements(random, e.expected.dtype(), {window_capacity(shape)});
  targets.windows = {random_window(random, targets.memory, shape)};
  const EvaluateOptions options = random_options(random);
  return wrong_in_memory_after(targets, {&e.value, 1}, {&e.expected, 1}, options);
}

/// The value joined with `shared`, read at the same place, reversed, summed or shifted against
/// itself.
Value joined(RandomNumbers& random, const Value& value, const Tensor& shared) {
  const DType dtype = shared.dtype();
  const ir::OpCode op = dtype == boolean ? ir::OpCode::logical_xor : ir::OpCode::add;
  const auto join = [&](const Value& a, const Value& b) { return Value::apply(op, {a, b}); };
  switch (random.below(4)) {
    case 0:
      return join(value, flip(shared));
    case 1:
      return join(join(value, shared),
                  astype(sum(astype(lazy(shared), dtype == boolean ? u8 : dtype),
                             {.axis = shared.rank() == 0 ? Axes() : Axes(0), .keepdims = true}),
                         dtype));
    case 2:
      return join(join(value, shared), flip(shared));
    default:
      return join(value, shared);
  }
}

Wrong wrong_in_shared_memory(const Evaluation& e, RandomNumbers& random) {
  const Shape shape = e.expected.shape();
  Targets targets;
  targets.memory = random_elements(random, e.expected.dtype(), {window_capacity(shape)});
  targets.windows = {random_window(random, targets.memory, shape)};
  const Tensor shared =
      random.one_in(3) ? targets.windows[0] : random_window(random, targets.memory, shape);
  RandomNumbers again = random;  // both expressions alike
  const Value value = joined(random, e.value, shared);
  const Value of_copies = joined(again, e.value, Tensor::copy_of(shared));
  const Tensor expected = reference(of_copies);
  const EvaluateOptions options = random_options(random);
  return wrong_in_memory_after(targets, {&value, 1}, {&expected, 1}, options);
}

Wrong wrong_with_two_targets(const Evaluation& e, RandomNumbers& random) {
  const Shape shape = e.expected.shape();
  const int64_t half = window_capacity(shape);
  Targets targets;
  targets.memory = random_elements(random, e.expected.dtype(), {2 * half});
  for (const Index& part : {slice(0, half), slice(half)}) {
    targets.windows.push_back(random_window(random, targets.memory[{part}], shape));
  }
  const Tensor shared = random_window(random, targets.memory, shape);
  RandomNumbers again = random;
  const Tensor copy = Tensor::copy_of(shared);
  const Value values[] = {joined(random, e.value, shared), joined(random, lazy(shared), shared)};
  const Value of_copies[] = {joined(again, e.value, copy), joined(again, lazy(copy), copy)};
  const Tensor expected[] = {reference(of_copies[0]), reference(of_copies[1])};
  const EvaluateOptions options = random_options(random);
  return wrong_in_memory_after(targets, values, expected, options);
}

/// What is wrong with the first `steps` operations of an expression.
Wrong wrong_with(const RandomExpression& expression, size_t steps, uint64_t seed) {
  try {
    RandomNumbers random(seed);
    for (const int64_t growth : {0, 1, 29}) {
      std::vector<Tensor> operands = expression.operands(growth);
      std::optional<Evaluation> e;
      try {
        e.emplace(expression, steps, std::move(operands));
      } catch (const UserError&) {
        if (growth == 0) throw;
        continue;  // extents that were equal by chance
      }
      Wrong wrong = wrong_in_new_memory(*e);
      if (!wrong) wrong = wrong_in_a_view(*e, random);
      if (!wrong) wrong = wrong_in_shared_memory(*e, random);
      if (!wrong) wrong = wrong_with_two_targets(*e, random);
      if (wrong) return "growth " + std::to_string(growth) + ": " + *wrong;
    }
  } catch (const std::exception& error) {
    return std::string("throws: ") + error.what();
  }
  return std::nullopt;
}

std::string description(const RandomExpression& expression, size_t steps) {
  std::ostringstream text;
  const std::vector<Tensor> operands = expression.operands();
  text << explain(expression.apply(operands, steps)).graph() << "\n";
  for (const Tensor& operand : operands) {
    text << to_string(operand.dtype()) << to_string(operand.shape()) << " strides "
         << to_string(operand.strides()) << "\n";
  }
  return text.str();
}

constexpr int operations = 10;

void check_expressions(const Seeds& seeds,
                       RandomExpression::Start start = RandomExpression::Start::anything) {
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const RandomExpression expression(seed, operations, start);
    if (!wrong_with(expression, expression.steps(), seed)) continue;
    size_t steps = 0;
    while (steps < expression.steps() && !wrong_with(expression, steps, seed)) ++steps;
    ADD_FAILURE() << "seed " << seed << ", " << steps << " of " << expression.steps()
                  << " steps: " << wrong_with(expression, steps, seed).value_or("fails once only")
                  << "\n"
                  << description(expression, steps);
    return;
  }
}

constexpr uint64_t first_seed = 1;
constexpr uint64_t seeds_of_a_shard = 75;
constexpr int shards = 8;
constexpr uint64_t first_row_seed = 500'000;
constexpr uint64_t row_seeds_of_a_shard = 30;
constexpr int row_shards = 4;
constexpr uint64_t first_short_seed = 900'000;
constexpr uint64_t short_seeds = 40, short_row_seeds = 10;

class RandomExpressions : public testing::TestWithParam<int> {};

TEST_P(RandomExpressions, HaveOneResultInEveryLayout) {
  check_expressions(
      seeds_of_shard(first_seed, seeds_of_a_shard, static_cast<uint64_t>(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Shard, RandomExpressions, testing::Range(0, shards));

class RandomProductRows : public testing::TestWithParam<int> {};

TEST_P(RandomProductRows, HaveOneResultInEveryLayout) {
  check_expressions(
      seeds_of_shard(first_row_seed, row_seeds_of_a_shard, static_cast<uint64_t>(GetParam())),
      RandomExpression::Start::product_rows);
}

INSTANTIATE_TEST_SUITE_P(Shard, RandomProductRows, testing::Range(0, row_shards));

TEST(RandomProductRowsShort, HaveOneResultInEveryLayout) {
  check_expressions(seeds_of_shard(first_short_seed, short_row_seeds, 0),
                    RandomExpression::Start::product_rows);
}

TEST(RandomExpressionsShort, HaveOneResultInEveryLayout) {
  check_expressions(seeds_of_shard(first_short_seed, short_seeds, 0));
}

}  // namespace
}  // namespace onepass::fuzz
