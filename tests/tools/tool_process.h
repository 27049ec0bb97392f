// SPDX-License-Identifier: Apache-2.0
// Runs the command line tool as a shell would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace onepass::tool {

struct ToolResult {
  int status = -1;  // -1: it did not exit by itself
  std::string output, error;
};

/// Runs `onepass` with these arguments, and these settings (NAME=value) in its environment.
ToolResult run(const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment = {});

/// A folder that disappears with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string text_of(const std::string& file);

}  // namespace onepass::tool
