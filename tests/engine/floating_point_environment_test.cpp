// SPDX-License-Identifier: Apache-2.0
// A caller's rounding mode and flush-to-zero settings change nothing, and stay as they were.
#include <gtest/gtest.h>
#include <xmmintrin.h>

#include "onepass/engine/onepass.h"
#include "sample_tensors.h"

namespace onepass {
namespace {

constexpr unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
constexpr unsigned round_down = 0x2000, round_up = 0x4000, round_towards_zero = 0x6000;

class ForeignMxcsr {
 public:
  explicit ForeignMxcsr(unsigned bits) : before_(_mm_getcsr()) { _mm_setcsr(before_ | bits); }
  ~ForeignMxcsr() { _mm_setcsr(before_); }

 private:
  unsigned before_;
};

TEST(FloatingPointEnvironment, OfTheCallerChangesNoBitInAnyMode) {
  const Tensor x = testing::sample_tensor(f32, {100000}, 1),
               y = testing::sample_tensor(f32, {100000}, 2);
  const auto both = outputs(x * y + x / 3.0f - y * 1e-38f, sum(where(isfinite(x), x, y * 0)));
  for (const Mode mode : {Mode::fused, Mode::unfused, Mode::interpreted}) {
    for (const int threads : {1, 2}) {
      const EvaluateOptions options{.mode = mode, .threads = threads};
      const auto expected = evaluate(both, options);
      for (const unsigned bits : {flush_to_zero | denormals_are_zero, round_down, round_up,
                                  round_towards_zero | flush_to_zero}) {
        const ForeignMxcsr foreign(bits);
        const unsigned control = _mm_getcsr();
        const auto actual = evaluate(both, options);
        constexpr unsigned status_flags = 0x3f;
        EXPECT_EQ(_mm_getcsr() & ~status_flags, control & ~status_flags);
        EXPECT_TRUE(testing::same_bits(actual[0], expected[0]));
        EXPECT_TRUE(testing::same_bits(actual[1], expected[1]));
      }
    }
  }
}

TEST(FloatingPointEnvironment, OfTheCallerChangesNoProduct) {
  const Tensor a = testing::sample_tensor(f32, {70, 90}, 1),
               b = testing::sample_tensor(f32, {90, 80}, 2);
  for (const Provider provider : {Provider::generated, Provider::openblas}) {
    const Tensor expected = evaluate(matmul(a, b), {.provider = provider});
    const ForeignMxcsr foreign(round_up | flush_to_zero | denormals_are_zero);
    EXPECT_TRUE(testing::same_bits(evaluate(matmul(a, b), {.provider = provider}), expected));
  }
}

}  // namespace
}  // namespace onepass
