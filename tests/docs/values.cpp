// SPDX-License-Identifier: Apache-2.0
// The numbers that the documents state, each computed from the library's own counts or from a
// formula of the text.
#include <fmt/format.h>
#include <onepass/onepass.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "generators.h"
#include "lessons.h"
#include "onepass/ir/reduction.h"

namespace onepass::docs {
namespace {

constexpr int64_t sample_size = 4096;      // elements; the counts per element are those of any size
constexpr int64_t large_size = 4'000'000;  // the size that scripts/demo races
constexpr int64_t f32_bytes = 4;

/// A machine with round numbers, for the roofline's arithmetic.
constexpr double example_flops = 100e9, example_bandwidth = 20e9;

Explanation gelu(int64_t size, Mode mode) {
  return explain(gelu_of(empty({size})), {.mode = mode});
}
Explanation addition() { return explain(empty({sample_size}) + empty({sample_size})); }
Explanation product(int64_t n) { return explain(matmul(empty({n, n}), empty({n, n}))); }

double bytes_per_element(const Explanation& e) {
  return static_cast<double>(e.bytes()) / sample_size;
}
double flops_per_element(const Explanation& e) { return e.flops() / sample_size; }
double intensity(const Explanation& e) { return e.flops() / static_cast<double>(e.bytes()); }
double megabytes(const Explanation& e) { return static_cast<double>(e.bytes()) / 1e6; }

std::string number(double value) { return fmt::format("{:g}", value); }
std::string two_digits(double value) { return fmt::format("{:.2f}", value); }
std::string one_digit(double value) { return fmt::format("{:.1f}", value); }

/// Attainable GFLOP/s of the example machine.
double example_roof(double flops_per_byte) {
  return std::min(example_flops, example_bandwidth * flops_per_byte) / 1e9;
}

double speed_up(double parallel_share, double threads) {
  return 1 / (1 - parallel_share + parallel_share / threads);
}

using Value = std::string (*)();

const std::map<std::string, Value> values = {
    {"add.flops", [] { return number(flops_per_element(addition())); }},
    {"add.bytes", [] { return number(bytes_per_element(addition())); }},
    {"add.intensity", [] { return two_digits(intensity(addition())); }},
    {"gelu.flops", [] { return number(flops_per_element(gelu(sample_size, Mode::fused))); }},
    {"gelu.operations",
     [] { return fmt::to_string(gelu(sample_size, Mode::fused).kernels().at(0).operations); }},
    {"gelu.written.intensity",
     [] {
       const Explanation e = gelu(sample_size, Mode::fused);
       return fmt::format("{:.0f}", e.kernels().at(0).operations / bytes_per_element(e));
     }},
    {"gelu.fused.kernels",
     [] { return fmt::to_string(gelu(sample_size, Mode::fused).kernels().size()); }},
    {"gelu.fused.bytes", [] { return number(bytes_per_element(gelu(sample_size, Mode::fused))); }},
    {"gelu.fused.transfers",
     [] { return number(bytes_per_element(gelu(sample_size, Mode::fused)) / f32_bytes); }},
    {"gelu.fused.intensity", [] { return two_digits(intensity(gelu(sample_size, Mode::fused))); }},
    {"gelu.fused.megabytes", [] { return number(megabytes(gelu(large_size, Mode::fused))); }},
    {"gelu.unfused.kernels",
     [] { return fmt::to_string(gelu(sample_size, Mode::unfused).kernels().size()); }},
    {"gelu.unfused.intermediates",
     [] { return fmt::to_string(gelu(sample_size, Mode::unfused).kernels().size() - 1); }},
    {"gelu.unfused.bytes",
     [] { return number(bytes_per_element(gelu(sample_size, Mode::unfused))); }},
    {"gelu.unfused.transfers",
     [] { return number(bytes_per_element(gelu(sample_size, Mode::unfused)) / f32_bytes); }},
    {"gelu.unfused.intensity",
     [] { return two_digits(intensity(gelu(sample_size, Mode::unfused))); }},
    {"gelu.unfused.megabytes", [] { return number(megabytes(gelu(large_size, Mode::unfused))); }},
    {"gelu.saved",
     [] {
       return number(bytes_per_element(gelu(sample_size, Mode::unfused)) /
                     bytes_per_element(gelu(sample_size, Mode::fused)));
     }},
    {"example.ridge", [] { return number(example_flops / example_bandwidth); }},
    {"example.add", [] { return two_digits(example_roof(intensity(addition()))); }},
    {"example.gelu.unfused",
     [] { return two_digits(example_roof(intensity(gelu(sample_size, Mode::unfused)))); }},
    {"example.gelu.fused",
     [] { return two_digits(example_roof(intensity(gelu(sample_size, Mode::fused)))); }},
    {"example.product", [] { return number(example_roof(intensity(product(512)))); }},
    {"product.intensity", [] { return one_digit(intensity(product(512))); }},
    {"loop.product.intensity", [] { return number(2.0 / (2 * f32_bytes)); }},
    {"sum.lanes", [] { return fmt::to_string(ir::inner_lanes(ir::OpCode::sum, f32)); }},
    {"amdahl.limit", [] { return number(1 / (1 - 0.95)); }},
};

/// The counts of a product against the formula N / 6.
std::string product_table() {
  std::string table = "| N | MFLOP | MB | FLOP per byte | N / 6 |\n|---:|---:|---:|---:|---:|\n";
  for (const int64_t n : {32, 64, 128, 256, 512, 1024}) {
    const Explanation e = product(n);
    table += fmt::format("| {} | {:.2f} | {:.3f} | {} | {} |\n", n, e.flops() / 1e6, megabytes(e),
                         one_digit(intensity(e)), one_digit(static_cast<double>(n) / 6));
  }
  return table;
}

/// The largest tile whose three blocks fit a cache.
std::string tile_table() {
  constexpr int64_t kibibyte = 1024;
  std::string table =
      "| cache | largest t | largest power of two | FLOP per byte from the next level, t / 4 |\n"
      "|---:|---:|---:|---:|\n";
  for (const int64_t cache : {32, 48, 256, 512, 1024, 2048}) {
    int64_t tile = 1;
    while (3 * (tile + 1) * (tile + 1) * f32_bytes <= cache * kibibyte) ++tile;
    const double power = std::exp2(std::floor(std::log2(static_cast<double>(tile))));
    table +=
        fmt::format("| {} KiB | {} | {} | {} |\n", cache, tile, number(power), number(power / 4));
  }
  return table;
}

std::string amdahl_table() {
  std::string table =
      "| threads | 90 % parallel | 95 % parallel | 99 % parallel |\n|---:|---:|---:|---:|\n";
  for (const int threads : {2, 4, 8, 16, 64}) {
    table += fmt::format("| {} |", threads);
    for (const double share : {0.90, 0.95, 0.99}) {
      table += ' ' + one_digit(speed_up(share, threads)) + " |";
    }
    table += '\n';
  }
  return table;
}

const std::map<std::string, Value> tables = {
    {"amdahl", amdahl_table}, {"products", product_table}, {"tiles", tile_table}};

std::string made(const std::map<std::string, Value>& map, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) throw std::runtime_error("no value or table '" + name + "'");
  return found->second();
}

}  // namespace

std::string value_text(const std::string& name) { return made(values, name); }
std::string table_text(const std::string& name) { return made(tables, name); }

}  // namespace onepass::docs
