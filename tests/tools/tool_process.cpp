// SPDX-License-Identifier: Apache-2.0
#include "tool_process.h"

#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace onepass::tool {
namespace {

std::string quoted(const std::string& argument) {
  std::string text = "'";
  for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

ToolResult run(const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment) {
  const TemporaryFolder folder;
  std::string command = "env";
  for (const std::string& setting : environment) command += " " + quoted(setting);
  command += " " + quoted(ONEPASS_TOOL);
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  command += " 2>" + quoted(folder.file("stderr")) + " </dev/null";

  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start " + command);
  ToolResult result;
  std::array<char, 4096> block;
  size_t count = 0;
  while ((count = std::fread(block.data(), 1, block.size(), pipe)) > 0) {
    result.output.append(block.data(), count);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  result.error = text_of(folder.file("stderr"));
  return result;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "onepass-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace onepass::tool
