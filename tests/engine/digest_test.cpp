// SPDX-License-Identifier: Apache-2.0
// Digests of results, checked in: an AVX2 machine and an AVX-512 machine prove each other.
// ONEPASS_UPDATE_DIGESTS=1 rewrites the file.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "onepass/ir/reduction.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

const std::string digest_file = std::string(ONEPASS_TEST_DATA) + "/digests.txt";

uint64_t combined(uint64_t a, uint64_t b) { return a * 0x9e3779b97f4a7c15 + b; }

using Digests = std::map<std::string, uint64_t>;

void add_elementwise(Digests& digests) {
  for (const ir::OpCode op : ir::elementwise_ops()) {
    for (const DType dtype : testing::accepted_dtypes(op)) {
      uint64_t all_layouts = 0;
      for (const testing::SampleLayout layout : testing::sample_layouts()) {
        std::vector<Value> operands;
        for (const DType operand : testing::operand_dtypes(op, dtype)) {
          operands.emplace_back(
              testing::sample_operand(operand, layout, static_cast<int>(operands.size())));
        }
        all_layouts = combined(all_layouts, testing::digest(evaluate(Value::apply(op, operands))));
      }
      digests[std::string(ir::to_string(op)) + " " + std::string(to_string(dtype))] = all_layouts;
    }
  }
}

void add_casts(Digests& digests) {
  for (int from = 0; from < dtype_count; ++from) {
    uint64_t all_targets = 0;
    for (int to = 0; to < dtype_count; ++to) {
      const Tensor x = testing::sample_tensor(static_cast<DType>(from), {513}, 11);
      all_targets =
          combined(all_targets, testing::digest(evaluate(astype(x, static_cast<DType>(to)))));
    }
    digests["cast " + std::string(to_string(static_cast<DType>(from)))] = all_targets;
  }
}

void add_sums_and_products(Digests& digests) {
  for (const DType dtype : {f16, bf16, f32, f64, i32, u8}) {
    const std::string name(to_string(dtype));
    const Tensor finite = where(isfinite(testing::sample_tensor(dtype, {37, 4099}, 4)),
                                testing::sample_tensor(dtype, {37, 4099}, 4),
                                testing::sample_tensor(dtype, {}, 1) * 0);
    digests["sum_all " + name] = testing::digest(sum(finite));
    digests["sum_rows " + name] = testing::digest(sum(finite, {.axis = 1}));
    digests["sum_columns " + name] = testing::digest(sum(finite, {.axis = 0}));
    const Tensor a = testing::sample_tensor(dtype, {45, 70}, 2),
                 b = testing::sample_tensor(dtype, {70, 53}, 3);
    const EvaluateOptions generated{.provider = Provider::generated};
    digests["matmul " + name] = testing::digest(evaluate(matmul(a, b), generated));
    digests["matmul_vector " + name] = testing::digest(evaluate(matmul(a, b[{all, 0}]), generated));
  }
}

/// Of elements with specials among them.
void add_reductions(Digests& digests) {
  for (const DType dtype : {f16, bf16, f32, f64, i32, u8, boolean}) {
    const std::string name(to_string(dtype));
    const Tensor x = testing::sample_tensor(dtype, {37, 4099}, 4);
    const auto add = [&](const std::string& op, const auto& reduced) {
      digests[op + "_rows " + name] = testing::digest(reduced(1));
      digests[op + "_columns " + name] = testing::digest(reduced(0));
    };
#define ONEPASS_REDUCTION(reduction, ...)                                                       \
  if (ir::reduction_dtypes(ir::OpCode::reduction, dtype)) {                                     \
    add("every_" #reduction, [&](int axis) { return evaluate(reduction(x, {.axis = axis})); }); \
  }
#include "onepass/ir/reductions.def"
  }
}

void add_composites(Digests& digests) {
  for (const DType dtype : {f16, bf16, f32, f64}) {
    const std::string name(to_string(dtype));
    const Tensor noise = astype(random_normal({37, 1001}), dtype);
    const auto add = [&](const std::string& op, const auto& value) {
      digests[op + " " + name] = testing::digest(evaluate(value));
    };
    for (const int axis : {0, 1}) {
      const std::string along = axis == 0 ? "_columns" : "_rows";
      add("softmax" + along, softmax(noise, {.axis = axis}));
      add("log_softmax" + along, log_softmax(noise, {.axis = axis}));
      add("layer_norm" + along, layer_norm(noise, {.axis = axis}));
      add("rms_norm" + along, rms_norm(noise, {.axis = axis}));
      add("var" + along, var(noise, {.axis = axis, .correction = 1}));
      add("logsumexp" + along, logsumexp(noise, {.axis = axis}));
      add("cumulative_sum" + along, cumulative_sum(noise, {.axis = axis}));
      add("prod_near_one" + along, prod(1 + noise / 16, {.axis = axis}));
    }
  }
}

Digests computed() {
  Digests digests;
  add_elementwise(digests);
  add_casts(digests);
  add_sums_and_products(digests);
  add_reductions(digests);
  add_composites(digests);
  return digests;
}

TEST(Digests, AgreeWithTheCheckedInFile) {
  const Digests digests = computed();
  if (std::getenv("ONEPASS_UPDATE_DIGESTS") != nullptr) {
    std::ofstream file(digest_file);
    for (const auto& [name, hash] : digests) file << name << ' ' << std::hex << hash << '\n';
  }
  std::ifstream file(digest_file);
  ASSERT_TRUE(file.good()) << digest_file;
  Digests expected;
  std::string op, dtype;
  uint64_t hash = 0;
  while (file >> op >> dtype >> std::hex >> hash) expected[op + " " + dtype] = hash;
  EXPECT_EQ(digests.size(), expected.size());
  for (const auto& [name, value] : digests) {
    EXPECT_EQ(value, expected[name]) << name;
  }
}

}  // namespace
}  // namespace onepass
