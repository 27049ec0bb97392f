// SPDX-License-Identifier: Apache-2.0
#include "digits/classifier.h"

#include <algorithm>

namespace op = onepass;

namespace {
constexpr int64_t trained_on = 1297;  // train.py saw the images before this one
}

Network load_network(const std::string& folder) {
  const auto load = [&](const char* name) { return op::load_npy(folder + "/" + name + ".npy"); };
  return {load("w1"), load("b1"), load("w2"), load("b2"), load("w3"), load("b3")};
}

UnseenDigits load_unseen(const std::string& folder) {
  const op::Tensor images = op::load_npy(folder + "/images.npy");
  const op::Tensor labels = op::load_npy(folder + "/labels.npy");
  return {images[{op::slice(trained_on)}], labels[{op::slice(trained_on)}].to_vector<uint8_t>()};
}

int count_right(const op::Tensor& scores, const std::vector<uint8_t>& labels) {
  const std::vector<float> values = scores.to_vector<float>();
  const auto classes = static_cast<std::ptrdiff_t>(scores.shape()[1]);
  int right = 0;
  auto row = values.begin();
  for (const uint8_t label : labels) {
    right += std::max_element(row, row + classes) - row == label;
    row += classes;
  }
  return right;
}
