// SPDX-License-Identifier: Apache-2.0
// Classifies the 500 digits that the network never saw: `onepass_digits [folder with the .npy
// files]`.
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "digits/agreement.h"
#include "digits/classifier.h"

namespace op = onepass;

namespace {

void classify(const std::string& folder) {
  const Network network = load_network(folder);
  const UnseenDigits unseen = load_unseen(folder);
  const auto scores = network.scores(unseen.images);

  const op::Tensor first = scores;  // compiles
  const auto count = static_cast<int>(unseen.labels.size());
  const int right = count_right(first, unseen.labels);
  std::printf("%d of %d right: %.1f %%\n", right, count, 100.0 * right / count);

  const bool agree = same_bits(first, op::evaluate(scores, {.mode = op::Mode::unfused})) &&
                     same_bits(first, op::evaluate(scores, {.mode = op::Mode::interpreted}));
  if (!agree) throw std::runtime_error("the modes differ");
  std::printf("fused, unfused and interpreted agree bit for bit\n");

  constexpr int rounds = 200;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) op::evaluate_into(first, scores);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  std::printf("%.0f images/s\n", rounds * count / spent.count());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    classify(argc > 1 ? argv[1] : "examples/digits");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
