// SPDX-License-Identifier: Apache-2.0
// The digit classifier: a trained network and the images it never saw.
#pragma once

#include <onepass/onepass.h>

#include <cstdint>
#include <string>
#include <vector>

/// gelu(gelu(x @ w1 + b1) @ w2 + b2) @ w3 + b3, trained by train.py.
struct Network {
  onepass::Tensor w1, b1, w2, b2, w3, b3;

  /// Ten scores for each image of bytes [n, 64]: one expression from bytes to scores, not yet
  /// computed.
  auto scores(const onepass::Tensor& images) const {
    namespace op = onepass;
    auto x = op::astype(images, op::f32) / 16.0f;
    auto h1 = op::gelu(op::matmul(x, w1) + b1);
    auto h2 = op::gelu(op::matmul(h1, w2) + b2);
    return op::matmul(h2, w3) + b3;
  }
};

struct UnseenDigits {
  onepass::Tensor images;       // u8 [500, 64]
  std::vector<uint8_t> labels;  // the digit on each
};

/// Both from the .npy files in `folder`.
Network load_network(const std::string& folder);
UnseenDigits load_unseen(const std::string& folder);

/// How many rows of `scores` have their largest entry at the column that `labels` names.
int count_right(const onepass::Tensor& scores, const std::vector<uint8_t>& labels);
