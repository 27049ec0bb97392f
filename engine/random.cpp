// SPDX-License-Identifier: Apache-2.0
// Random tensors: one Philox block gives four f32 uniforms, or two of anything else.
#include "onepass/engine/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "onepass/engine/philox.h"
#include "onepass/engine/storage.h"
#include "onepass/runtime/mxcsr.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {
namespace {

/// Keeps the distributions apart for one seed.
enum class Stream : uint32_t { uniform, normal };

PhiloxBlock random_block(uint64_t seed, Stream stream, int64_t index) {
  const auto count = static_cast<uint64_t>(index);
  return philox({static_cast<uint32_t>(count), static_cast<uint32_t>(count >> 32), 0,
                 static_cast<uint32_t>(stream)},
                {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
}

uint64_t joined_words(const PhiloxBlock& block, int i) {
  const auto first = static_cast<size_t>(2 * i);
  return uint64_t{block[first + 1]} << 32 | block[first];
}

/// Fills `count` elements, `per_block` from each random block, with element(block, i) for i in [0,
/// per_block).
template <class T, int per_block, class Element>
void fill_random(T* data, int64_t count, uint64_t seed, Stream stream, Element element) {
  constexpr int64_t grain = int64_t{1} << 16;
  static_assert(grain % per_block == 0);
  const auto fill_range = [&](int64_t task) {
    const int64_t end = std::min(count, (task + 1) * grain);
    for (int64_t begin = task * grain; begin < end; begin += per_block) {
      const PhiloxBlock block = random_block(seed, stream, begin / per_block);
      const int length = static_cast<int>(std::min<int64_t>(per_block, end - begin));
      for (int i = 0; i < length; ++i) data[begin + i] = element(block, i);
    }
  };
  runtime::parallel_tasks(
      (count + grain - 1) / grain,
      [](void* context, int64_t task) { (*static_cast<decltype(fill_range)*>(context))(task); },
      const_cast<void*>(static_cast<const void*>(&fill_range)));
}

void check_dtype(const char* op, DType dtype) {
  if (dtype != f32 && dtype != f64) {
    throw UserError(fmt::format("{}: dtype is {}; it must be f32 or f64.", op, to_string(dtype)));
  }
}

template <class T, int per_block, class Fraction>
void fill_uniform(const Tensor& tensor, const UniformOptions& options, Fraction fraction) {
  const T low = static_cast<T>(options.low);
  const T high = static_cast<T>(options.high);
  const T highest = std::nextafter(high, low);
  const double start = low;
  const double width = static_cast<double>(high) - start;
  fill_random<T, per_block>(tensor.data<T>(), tensor.size(), options.seed, Stream::uniform,
                            [=](const PhiloxBlock& block, int i) {
                              // Rounding may reach `high`.
                              return std::min(static_cast<T>(start + width * fraction(block, i)),
                                              highest);
                            });
}

template <class T>
void fill_normal(const Tensor& tensor, const NormalOptions& options) {
  // Odd multiples of 2^-53, so that neither 0 nor 1 occurs and the distribution is symmetric.
  constexpr int dropped = 12;
  constexpr double spacing = 0x1p-52;
  fill_random<T, 2>(tensor.data<T>(), tensor.size(), options.seed, Stream::normal,
                    [=](const PhiloxBlock& block, int i) {
                      const auto place = static_cast<double>(joined_words(block, i) >> dropped);
                      const double p = (place + 0.5) * spacing;
                      return static_cast<T>(options.mean + options.stddev * normal_quantile(p));
                    });
}

}  // namespace

Tensor random_uniform(const Shape& shape, const UniformOptions& options) {
  check_dtype("random_uniform", options.dtype);
  const runtime::FloatingPointDefaults defaults;
  const bool single = options.dtype == f32;
  const double low = single ? static_cast<float>(options.low) : options.low;
  const double high = single ? static_cast<float>(options.high) : options.high;
  if (!(low < high) || !std::isfinite(high - low)) {
    throw UserError(
        fmt::format("random_uniform: low is {}, high is {}; low must be less than high in {}, and "
                    "their difference finite.",
                    options.low, options.high, to_string(options.dtype)));
  }
  dense_bytes("random_uniform", shape, options.dtype);
  Tensor result = Tensor::uninitialized(shape, options.dtype);
  if (single) {
    fill_uniform<float, 4>(result, options, [](const PhiloxBlock& block, int i) {
      return static_cast<double>(block[static_cast<size_t>(i)] >> 8) * 0x1p-24;
    });
  } else {
    fill_uniform<double, 2>(result, options, [](const PhiloxBlock& block, int i) {
      return static_cast<double>(joined_words(block, i) >> 11) * 0x1p-53;
    });
  }
  return result;
}

Tensor random_normal(const Shape& shape, const NormalOptions& options) {
  check_dtype("random_normal", options.dtype);
  if (!std::isfinite(options.mean) || !std::isfinite(options.stddev) || options.stddev < 0) {
    throw UserError(fmt::format(
        "random_normal: mean is {}, stddev is {}; both must be finite, stddev not negative.",
        options.mean, options.stddev));
  }
  dense_bytes("random_normal", shape, options.dtype);
  Tensor result = Tensor::uninitialized(shape, options.dtype);
  if (options.dtype == f32) {
    fill_normal<float>(result, options);
  } else {
    fill_normal<double>(result, options);
  }
  return result;
}

}  // namespace onepass
