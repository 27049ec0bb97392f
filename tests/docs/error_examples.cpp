// SPDX-License-Identifier: Apache-2.0
// Calls that cannot be right, in the groups of docs/errors.md, with the texts of their errors.
#include <onepass/acceleration.h>
#include <onepass/onepass.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <vector>

#include "generators.h"

namespace onepass::docs {
namespace {

namespace op = onepass;

struct Example {
  std::string call;
  std::function<void()> run;
};

/// The call as it is written here, so that the document shows what ran.
#define ONEPASS_EXAMPLE(...)                             \
  Example {                                              \
    #__VA_ARGS__, [] { static_cast<void>(__VA_ARGS__); } \
  }

/// Leaves a file for load_npy that is none.
struct TextFile {
  TextFile() { std::ofstream("notes.npy") << "not an array"; }
  ~TextFile() { std::remove("notes.npy"); }
};

const std::map<std::string, std::vector<Example>> groups = {
    {"shapes",
     {
         ONEPASS_EXAMPLE(op::evaluate(op::matmul(op::zeros({128, 256}), op::zeros({128, 512})))),
         ONEPASS_EXAMPLE(op::evaluate(op::zeros({3, 4}) + op::zeros({3, 5}))),
         ONEPASS_EXAMPLE(op::evaluate(op::sum(op::zeros({2, 3}), {.axis = 2}))),
         ONEPASS_EXAMPLE(op::evaluate(op::max(op::zeros({0, 3}), {.axis = 0}))),
         ONEPASS_EXAMPLE(op::reshape(op::zeros({2, 3}), {4, 2})),
         ONEPASS_EXAMPLE(op::zeros({2, 3})[{0, 3}]),
         ONEPASS_EXAMPLE(op::zeros({int64_t{1} << 40, int64_t{1} << 40})),
         ONEPASS_EXAMPLE(op::acceleration::tiled_matmul(op::zeros({2, 2}), op::zeros({2, 2}), 0)),
     }},
    {"dtypes",
     {
         ONEPASS_EXAMPLE(op::evaluate(op::zeros({2}) + op::zeros({2}, op::i32))),
         ONEPASS_EXAMPLE(op::evaluate(op::zeros({2}, op::i64) + op::zeros({2}, op::u64))),
         ONEPASS_EXAMPLE(op::evaluate(op::tanh(op::arange(4)))),
         ONEPASS_EXAMPLE(op::evaluate(op::mean(op::arange(4)))),
         ONEPASS_EXAMPLE(op::evaluate(op::zeros({2}, op::i32) + 0.5)),
         ONEPASS_EXAMPLE(op::evaluate(op::zeros({2}, op::u8) + 300)),
         ONEPASS_EXAMPLE(op::zeros({2}).data<double>()),
     }},
    {"targets",
     {
         ONEPASS_EXAMPLE(op::evaluate_into(op::zeros({3}), op::ones({4}) + 1)),
         ONEPASS_EXAMPLE(
             op::evaluate_into(op::broadcast_to(op::zeros({1}), {4}), op::ones({4}) + 1)),
         ONEPASS_EXAMPLE(op::evaluate(op::take(op::zeros({3}), op::Tensor{0, 7}) + 1)),
     }},
    {"files",
     {
         ONEPASS_EXAMPLE(op::load_npy("notes.npy")),
         ONEPASS_EXAMPLE(op::save_npy("x.npy", op::zeros({2}, op::bf16))),
     }},
    {"settings",
     {
         ONEPASS_EXAMPLE(op::set_threads(-1)),
     }},
    {"system",
     {
         ONEPASS_EXAMPLE(op::load_npy("missing.npy")),
         ONEPASS_EXAMPLE(op::empty({int64_t{1} << 50})),
     }},
};

#undef ONEPASS_EXAMPLE

std::string error_of(const Example& example) {
  try {
    example.run();
  } catch (const op::Error& error) {
    return error.what();
  }
  throw std::runtime_error("no error: " + example.call);
}

}  // namespace

std::string errors_text(const std::string& group) {
  const auto found = groups.find(group);
  if (found == groups.end()) throw std::runtime_error("no group of errors '" + group + "'");
  const TextFile file;
  std::string text;
  for (const Example& example : found->second) {
    if (!text.empty()) text += '\n';
    text += example.call + "\n    " + error_of(example) + '\n';
  }
  return text;
}

}  // namespace onepass::docs
