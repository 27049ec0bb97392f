// SPDX-License-Identifier: Apache-2.0
// The words of verdicts on given measurements.
#include "onepass/engine/verdict.h"

#include <gtest/gtest.h>

namespace onepass {
namespace {

TEST(Verdict, NearlyAllOfTheBandwidthLeavesNothing) {
  EXPECT_EQ(verdict_on({.bandwidth = 0.91, .arithmetic = 0.2}),
            "memory-bound: 91 % of bandwidth, nothing left");
  EXPECT_EQ(verdict_on({.bandwidth = 0.6, .arithmetic = 0.2}), "memory-bound: 60 % of bandwidth");
}

TEST(Verdict, MoreThanTheBandwidthComesFromCaches) {
  EXPECT_EQ(verdict_on({.bandwidth = 1.5, .arithmetic = 0.2}),
            "memory-bound: 150 % of bandwidth: the caches hold the data");
}

TEST(Verdict, NamesWhatMovesBetweenKernels) {
  EXPECT_EQ(verdict_on({.bandwidth = 0.91, .arithmetic = 0.2, .megabytes_between_kernels = 1.25}),
            "memory-bound: 91 % of bandwidth: 1.250 MB move between kernels, see edges");
}

TEST(Verdict, NamesTheHeaviestOperationAndWhatMayHelp) {
  EXPECT_EQ(verdict_on({.bandwidth = 0.2, .arithmetic = 0.55, .heaviest = "exp"}),
            "compute-bound on exp: 55 % of peak: try Accuracy::fast");
  EXPECT_EQ(
      verdict_on(
          {.bandwidth = 0.2, .arithmetic = 0.55, .heaviest = "exp", .accuracy = Accuracy::fast}),
      "compute-bound on exp: 55 % of peak");
  EXPECT_EQ(verdict_on({.bandwidth = 0.2, .arithmetic = 0.55}), "compute-bound: 55 % of peak");
}

TEST(Verdict, LittleOfBothIsLatency) {
  EXPECT_EQ(verdict_on({.bandwidth = 0.01, .arithmetic = 0.02}),
            "latency-bound: too little work at a time for this machine: evaluate more at once");
}

}  // namespace
}  // namespace onepass
