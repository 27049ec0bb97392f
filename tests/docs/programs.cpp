// SPDX-License-Identifier: Apache-2.0
// Programs, snippets and sessions: what is shown, and what running it prints.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "document.h"
#include "excerpt.h"
#include "generators.h"

namespace onepass::docs {
namespace {

const std::filesystem::path folder = ONEPASS_SOURCE_DIR "/tests/docs";

/// What a shell command prints, on both streams.
std::string printed(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"), pclose);
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  char part[4096];
  while (const size_t count = std::fread(part, 1, sizeof part, pipe.get()))
    text.append(part, count);
  return text;
}

std::string quoted(const std::string& text) { return "'" + text + "'"; }

}  // namespace

std::string snippet_text(const std::string& name) {
  return region(read_file(folder / "lessons_test.cpp"), name);
}

std::string program_text(const std::string& name) {
  const std::string text = read_file(folder / (name + ".cpp"));
  return text.substr(text.find("#include"));
}

std::string program_output(const std::string& name) {
  if (name != "readme_gelu") throw std::runtime_error("no program " + name);
  return printed(quoted(ONEPASS_README_PROGRAM));
}

#ifdef ONEPASS_TOOL

bool has_command_line_tool() { return true; }

std::string session_text(const std::string& session) {
  const std::filesystem::path tool = ONEPASS_TOOL;
  const std::filesystem::path work =
      std::filesystem::temp_directory_path() / ("onepass-docs-" + std::to_string(getpid()));
  std::filesystem::create_directories(work);
  std::string text;
  for (const std::string& line : lines_of(session)) {
    if (!line.starts_with("$ ")) continue;
    text += line + '\n' +
            printed("cd " + quoted(work.string()) + " && { PATH=" +
                    quoted(tool.parent_path().string()) + ":$PATH; " + line.substr(2) + "; }");
  }
  std::filesystem::remove_all(work);
  return text;
}

#else

bool has_command_line_tool() { return false; }

std::string session_text(const std::string& session) { return session; }

#endif

}  // namespace onepass::docs
