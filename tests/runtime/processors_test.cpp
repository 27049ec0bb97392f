// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/processors.h"

#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace onepass::runtime {
namespace {

TEST(CgroupProcessors, AreNoneWithoutAQuota) {
  const testing::TemporaryFolder root;
  EXPECT_EQ(cgroup_processors(root.path(), "0::/\n"), 0);
  EXPECT_EQ(cgroup_processors(root.path(), ""), 0);
  EXPECT_EQ(cgroup_processors(root.path(), "nonsense\n::\n"), 0);
  root.write("cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_processors(root.path(), "0::/\n"), 0);
}

TEST(CgroupProcessors, AreTheQuotaOfVersion2RoundedUp) {
  const testing::TemporaryFolder root;
  root.write("a/b/cpu.max", "250000 100000\n");
  EXPECT_EQ(cgroup_processors(root.path(), "0::/a/b\n"), 3);
  root.write("a/b/cpu.max", "10000 100000\n");
  EXPECT_EQ(cgroup_processors(root.path(), "0::/a/b\n"), 1);
  root.write("a/b/cpu.max", "400000 100000\n");
  EXPECT_EQ(cgroup_processors(root.path(), "0::/a/b\n"), 4);
}

TEST(CgroupProcessors, AreCutByTheParents) {
  const testing::TemporaryFolder root;
  root.write("a/b/cpu.max", "800000 100000\n");
  root.write("a/cpu.max", "200000 100000\n");
  EXPECT_EQ(cgroup_processors(root.path(), "0::/a/b\n"), 2);
}

TEST(CgroupProcessors, AreTheQuotaOfVersion1) {
  const testing::TemporaryFolder root;
  root.write("cpu,cpuacct/job/cpu.cfs_quota_us", "150000\n");
  root.write("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  root.write("cpu/only/cpu.cfs_quota_us", "-1\n");
  root.write("cpu/only/cpu.cfs_period_us", "100000\n");
  const std::string memory = "4:memory:/job\n";
  EXPECT_EQ(cgroup_processors(root.path(), memory + "3:cpu,cpuacct:/job\n"), 2);
  EXPECT_EQ(cgroup_processors(root.path(), memory + "3:cpu:/only\n"), 0);
  EXPECT_EQ(cgroup_processors(root.path(), memory), 0);
}

TEST(CgroupProcessors, SeeTheMountedGroupOfAContainer) {
  // Inside a container the membership names a path of the host, but the root is the container's own
  // group.
  const testing::TemporaryFolder root;
  root.write("cpu.max", "100000 100000\n");
  EXPECT_EQ(cgroup_processors(root.path(), "0::/docker/0123\n"), 1);
}

}  // namespace
}  // namespace onepass::runtime
