// SPDX-License-Identifier: Apache-2.0
// The tour: digits, the race of the modes, products, the roofline. `onepass_demo <digits folder>
// <output folder>`.
#include <onepass/engine/roofline.h>
#include <onepass/onepass.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>

#include "demo/modes.h"
#include "demo/products.h"
#include "demo/roofline_chart.h"
#include "digits/agreement.h"
#include "digits/classifier.h"

namespace op = onepass;

namespace {

void heading(const char* what) {
  std::printf("\n=== %s\n", what);
  std::fflush(stdout);
}

/// Accuracy on the digits the network never saw, the same bits in every mode, images per second.
void classify_digits(const std::string& folder) {
  const Network network = load_network(folder);
  const UnseenDigits unseen = load_unseen(folder);
  const auto scores = network.scores(unseen.images);
  const op::Tensor expected = scores;
  const auto count = static_cast<int>(unseen.labels.size());
  const int right = count_right(expected, unseen.labels);
  std::printf("%d handwritten digits that the network never saw: %d right, %.1f %%\n", count, right,
              100.0 * right / count);

  std::vector<std::function<void()>> contenders;
  for (const ModeName& m : mode_names) {
    const op::EvaluateOptions options{.mode = m.mode};
    const op::Tensor result = op::evaluate(scores, options);
    require(same_bits(expected, result), std::string("digits, ") + m.name);
    contenders.push_back(
        [result, &scores, options] { op::evaluate_into(result, scores, options); });
  }
  std::printf("fused, unfused and interpreted agree bit for bit; images per second:\n");
  const std::vector<Timing> timings = race(contenders);
  for (size_t i = 0; i < timings.size(); ++i) {
    std::printf("  %-12s %12.0f\n", mode_names[i].name, count / timings[i].median);
  }
}

std::vector<ChartPoint> race_gelu(const op::MachinePeaks& peaks, std::string& dot) {
  const op::Tensor x = op::random_normal({4'000'000}, {.seed = 1});
  const auto gelu = 0.5f * x * (1.0f + op::tanh(0.7978845608f * (x + 0.044715f * op::pow(x, 3))));
  dot = op::explain(gelu).dot();
  return race_modes("GELU, 4,000,000 elements", gelu, peaks);
}

std::vector<ChartPoint> race_layer(const op::MachinePeaks& peaks) {
  const op::Tensor x = op::random_normal({128, 512}, {.seed = 2});
  const op::Tensor w = op::random_normal({512, 256}, {.seed = 3});
  const op::Tensor b = op::random_normal({256}, {.seed = 4});
  return race_modes("layer, gelu(x @ w + b), 128x512 @ 512x256", op::gelu(op::matmul(x, w) + b),
                    peaks);
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path);
  file << content;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
  std::printf("wrote %s\n", path.c_str());
}

void run(const std::string& digits_folder, const std::string& output_folder) {
  heading("1/4 handwritten digits");
  classify_digits(digits_folder);

  heading("2/4 fused, unfused, interpreted");
  const op::MachinePeaks peaks = op::measure_peaks();
  std::printf(
      "this machine: %.1f GFLOP/s and %.1f GB/s on one thread, %.1f GFLOP/s and %.1f GB/s on all\n",
      peaks.flops_one_thread / 1e9, peaks.bandwidth_one_thread / 1e9, peaks.flops_all_threads / 1e9,
      peaks.bandwidth_all_threads / 1e9);
  std::string dot;
  std::vector<ChartPoint> points = race_gelu(peaks, dot);
  for (const ChartPoint& point : race_layer(peaks)) points.push_back(point);

  heading("3/4 matrix products");
  for (const ChartPoint& point : race_products(peaks)) points.push_back(point);

  heading("4/4 pictures");
  write_file(output_folder + "/roofline.svg", draw_roofline(peaks, points));
  write_file(output_folder + "/gelu.dot", dot);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: onepass_demo <digits folder> <output folder>\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // lines appear as they come, in a pipe too
  try {
    run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
