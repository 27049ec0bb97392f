// SPDX-License-Identifier: Apache-2.0
// onepass-prove: errors are measured as defined, every input is visited, faults are found.
#include "prove.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <random>
#include <set>

#include "estimate.h"
#include "verdict.h"

namespace onepass::prove {
namespace {

constexpr float smallest = 0x1p-149f;
constexpr double infinity = HUGE_VAL;

struct ErrorCase {
  float result;
  double exact;
  double ulps;
  bool nearest;
};

const ErrorCase error_cases[] = {
    {1, 1, 0, true},
    {1, 1 + 0x1p-24, 0.5, true},
    {1, 1 + 0x1p-23, 1, false},
    {1, 1 - 0x1p-25, 0.5, true},  // spacing below a power of two is half of that above
    {1, 1 - 0x1p-24, 1, false},
    {0x1.8p10f, 0x1.8p10 + 0x1p-14, 0.5, true},
    {0, 0.25 * smallest, 0.25, true},
    {0, 1.0 * smallest, 1, false},
    {3 * smallest, 0, 3, false},
    {FLT_MIN, FLT_MIN - 0.25 * smallest, 0.25, true},
    {-0.0f, 0.0, infinity, false},
    {0.0f, -0.0, infinity, false},
    {-0.0f, 0.25 * smallest, infinity, false},
    {-0.0f, -0.25 * smallest, 0.25, true},
    {FLT_MAX, FLT_MAX, 0, true},
    {HUGE_VALF, FLT_MAX, infinity, false},
    {HUGE_VALF, 0x1p128, 0, true},
    {FLT_MAX, 0x1p128, infinity, false},
    {FLT_MAX, FLT_MAX + 0x1p102, 0.25, true},
    {HUGE_VALF, HUGE_VAL, 0, true},
    {-HUGE_VALF, HUGE_VAL, infinity, false},
    {NAN, NAN, 0, true},
    {NAN, 1, infinity, false},
    {1, NAN, infinity, false},
    {NAN, HUGE_VAL, infinity, false},
    {HUGE_VALF, NAN, infinity, false},
};

TEST(ProveErrors, AreDistancesInUnitsOfTheExactValue) {
  for (const auto& [result, exact, ulps, nearest] : error_cases) {
    const Verdict verdict = judge(result, ir::Precise(exact));
    EXPECT_EQ(verdict.ulps, ulps) << result << " for " << exact;
    EXPECT_EQ(verdict.nearest, nearest) << result << " for " << exact;
    const Estimate fast = estimate(result, exact);
    EXPECT_EQ(fast.ulps, ulps) << result << " for " << exact;
    const bool tie = ulps == 0.5;
    EXPECT_EQ(fast.doubtful == 1, tie) << result << " for " << exact;
    if (tie) continue;
    EXPECT_EQ(fast.wrong == 0, nearest) << result << " for " << exact;
  }
}

/// A number near x, up to a few units away and not on the grid of T.
template <class T>
WideOf<T> near(T x, std::mt19937_64& random) {
  std::uniform_real_distribution<double> units(-3, 3);
  const T unit = std::abs(std::nextafter(x, T(HUGE_VAL)) - x);
  return static_cast<WideOf<T>>(x) + static_cast<WideOf<T>>(units(random)) * unit;
}

template <class T>
void expect_estimates_agree_with_mpfr() {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const T result = std::bit_cast<T>(static_cast<typename Grid<T>::Bits>(random()));
    if (!std::isfinite(result)) continue;
    const WideOf<T> reference = near(result, random);
    ir::Precise truth(0, 64);
    mpfr_set_ld(truth.get(), reference, MPFR_RNDN);
    const Verdict verdict = judge(result, truth);
    const Estimate fast = estimate(result, reference);
    if (std::isinf(verdict.ulps)) {
      EXPECT_EQ(fast.ulps, verdict.ulps);
    } else {
      EXPECT_NEAR(fast.ulps, verdict.ulps, Grid<T>::doubt) << result;
    }
    EXPECT_EQ(reference_error<T>(reference, truth), 0);
    if (fast.doubtful == 1) continue;
    EXPECT_EQ(fast.wrong == 0, verdict.nearest) << result;
  }
}

TEST(ProveErrors, EstimatesAgreeWithMpfr) {
  expect_estimates_agree_with_mpfr<float>();
  expect_estimates_agree_with_mpfr<double>();
}

TEST(ProveErrors, AScanIsTheSumOfItsEstimates) {
  std::vector<float> results;
  std::vector<double> references;
  for (const ErrorCase& one : error_cases) {
    results.push_back(one.result);
    references.push_back(one.exact);
    Scan expected;
    for (size_t i = 0; i < results.size(); ++i) {
      const Estimate estimated = estimate(results[i], references[i]);
      expected.worst = std::max(expected.worst, estimated.ulps);
      expected.wrong += estimated.wrong;
      expected.doubtful |= estimated.doubtful;
    }
    const Scan scanned = scan(results.data(), references.data(), std::ssize(results));
    EXPECT_EQ(scanned.worst, expected.worst);
    EXPECT_EQ(scanned.wrong, expected.wrong);
    EXPECT_EQ(scanned.doubtful, expected.doubtful);
  }
}

TEST(ProvePoints, StrataTogetherAreAllNumbersAndNoneHasAFixedStride) {
  constexpr uint64_t strata = 64;
  constexpr int64_t groups = 256;
  std::set<uint32_t> seen;
  std::set<uint32_t> places;
  for (uint64_t k = 0; k < strata; ++k) {
    const Points<float> points(ir::OpCode::exp, 0, {k, strata});
    EXPECT_EQ(points.count(), uint64_t{1} << 26);
    std::vector<float> x(groups);
    float* const operands[] = {x.data()};
    points.fill(1 << 20, groups, operands);
    for (size_t i = 0; i < x.size(); ++i) {
      const auto bits = std::bit_cast<uint32_t>(x[i]);
      EXPECT_EQ(bits / strata, (1 << 20) + i);
      seen.insert(bits);
      if (k == 0) places.insert(bits % strata);
    }
  }
  EXPECT_EQ(seen.size(), strata * groups);
  EXPECT_GT(places.size(), strata / 2);
}

TEST(ProvePoints, VisitEverySignAndExponentOfBothOperands) {
  constexpr int64_t count = 1 << 20;
  const Points<float> points(ir::OpCode::hypot, count, {});
  std::vector<float> x(count), y(count);
  float* const operands[] = {x.data(), y.data()};
  points.fill(0, count, operands);
  constexpr size_t cells = 512 * 512;
  std::set<uint32_t> seen;
  for (size_t i = 0; i < x.size(); ++i) {
    seen.insert(std::bit_cast<uint32_t>(x[i]) >> 23 << 9 | std::bit_cast<uint32_t>(y[i]) >> 23);
  }
  EXPECT_EQ(seen.size(), cells);
}

TEST(ProvePoints, ThoseOfPowGiveOrdinaryResults) {
  constexpr int64_t count = 1 << 16;
  const Points<double> points(ir::OpCode::pow, count, {});
  std::vector<double> x(count), y(count);
  double* const operands[] = {x.data(), y.data()};
  points.fill(0, count, operands);
  int ordinary = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double power = std::pow(std::abs(x[i]), y[i]);
    if (power > 0 && power < HUGE_VAL && power != 1) ++ordinary;
  }
  EXPECT_GT(ordinary, count / 3);
}

/// Contenders that are right but for what `fault` makes of single results.
using Fault = std::function<float(float argument, float result)>;
Contender<float> exp_with(const Fault& host_fault, const Fault& jit_fault) {
  const auto with = [](const Fault& fault) {
    return [fault](const float* const* inputs, float* output, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        const auto right = static_cast<float>(std::exp(static_cast<double>(inputs[0][i])));
        output[i] = fault(inputs[0][i], right);
      }
    };
  };
  return {ir::Accuracy::strict, with(host_fault), with(jit_fault)};
}
float none(float, float result) { return result; }

Proof<float> proof_of(const Contender<float>& contender, int threads = 2) {
  const Points<float> points(ir::OpCode::exp, 0, {0, 1 << 12});
  Progress progress;
  return prove<float>(reference<float>(ir::OpCode::exp), points, {&contender, 1}, threads,
                      progress)[0];
}

/// An argument that proof_of visits.
float visited_argument() {
  const Points<float> points(ir::OpCode::exp, 0, {0, 1 << 12});
  float x = 0;
  float* const operands[] = {&x};
  points.fill(0x3f8 << 8, 1, operands);
  return x;
}

TEST(Prove, ACorrectlyRoundedFunctionHasNoWrongResult) {
  const Proof<float> proof = proof_of(exp_with(none, none));
  EXPECT_EQ(proof.wrong, 0u);
  EXPECT_EQ(proof.differing, 0u);
  EXPECT_LE(proof.worst, 0.5);
  EXPECT_GT(proof.worst, 0.499);
  EXPECT_LT(proof.reference_error, Grid<float>::doubt);
}

TEST(Prove, OneWrongResultIsFound) {
  const float place = visited_argument();
  const Fault two_units_up = [=](float x, float result) {
    return x == place ? std::nextafter(std::nextafter(result, HUGE_VALF), HUGE_VALF) : result;
  };
  const Proof<float> proof = proof_of(exp_with(two_units_up, none));
  EXPECT_EQ(proof.wrong, 1u);
  EXPECT_EQ(proof.worst_at.arguments[0], place);
  EXPECT_GE(proof.worst, 1.5);
  EXPECT_LE(proof.worst, 2.5);
  EXPECT_EQ(proof.differing, 1u);
  EXPECT_EQ(proof.differing_at.arguments[0], place);
}

TEST(Prove, AWrongSpecialValueIsAnInfiniteError) {
  const Fault finite = [](float, float result) { return std::isinf(result) ? FLT_MAX : result; };
  const Fault negative_zero = [](float, float result) { return result == 0 ? -result : result; };
  for (const Fault& fault : {finite, negative_zero}) {
    const Proof<float> proof = proof_of(exp_with(fault, fault));
    EXPECT_EQ(proof.worst, infinity);
    EXPECT_GT(proof.wrong, 100'000u);
    EXPECT_EQ(proof.differing, 0u);
  }
}

TEST(Prove, OnlyBitsOfNaNMayDiffer) {
  const Fault other_nan = [](float, float result) {
    return std::isnan(result) ? std::bit_cast<float>(0x7fc12345u) : result;
  };
  EXPECT_EQ(proof_of(exp_with(none, other_nan)).differing, 0u);
  const float place = visited_argument();
  const Fault not_a_number = [=](float x, float result) { return x == place ? NAN : result; };
  EXPECT_EQ(proof_of(exp_with(none, not_a_number)).differing, 1u);
}

TEST(Prove, FindingsDoNotDependOnThreads) {
  const Fault coarse = [](float, float result) {
    return std::bit_cast<float>(std::bit_cast<uint32_t>(result) & ~1u);
  };
  const Proof<float> one = proof_of(exp_with(coarse, none), 1);
  const Proof<float> three = proof_of(exp_with(coarse, none), 3);
  EXPECT_GT(one.worst, 1);
  EXPECT_EQ(one.worst, three.worst);
  EXPECT_EQ(one.worst_at.point, three.worst_at.point);
  EXPECT_EQ(one.wrong, three.wrong);
  EXPECT_EQ(one.differing, three.differing);
  EXPECT_EQ(one.differing_at.point, three.differing_at.point);
}

TEST(Prove, AnErrorOfAnEmitterReachesTheCaller) {
  Contender<float> broken = exp_with(none, none);
  broken.jit = [](const float* const*, float*, int64_t) { throw std::runtime_error("no kernel"); };
  EXPECT_THROW(proof_of(broken), std::runtime_error);
}

}  // namespace
}  // namespace onepass::prove
