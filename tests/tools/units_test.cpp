// SPDX-License-Identifier: Apache-2.0
#include "units.h"

#include <gtest/gtest.h>

namespace onepass::tool {
namespace {

TEST(Units, TimesHaveThreeDigits) {
  EXPECT_EQ(time_text(0), "0 ns");
  EXPECT_EQ(time_text(812.4), "812 ns");
  EXPECT_EQ(time_text(1'400), "1.40 us");
  EXPECT_EQ(time_text(12'340'000), "12.3 ms");
  EXPECT_EQ(time_text(123'400'000), "123 ms");
  EXPECT_EQ(time_text(5e12), "5000 s");
}

TEST(Units, BytesCountByThousands) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(32'000'000), "32.0 MB");
  EXPECT_EQ(bytes_text(1.5e13), "15.0 TB");
}

TEST(Units, CachesCountBy1024) {
  EXPECT_EQ(cache_size_text(48 * 1024), "48 KiB");
  EXPECT_EQ(cache_size_text(1024 * 1024), "1 MiB");
  EXPECT_EQ(cache_size_text(1280 * 1024), "1280 KiB");
  EXPECT_EQ(cache_size_text(64), "64 B");
}

}  // namespace
}  // namespace onepass::tool
