// SPDX-License-Identifier: Apache-2.0
// README.md and docs/ say what the library does now. ONEPASS_UPDATE_DOCS=1 rewrites what differs.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <stdexcept>

#include "document.h"
#include "generators.h"

namespace onepass::docs {
namespace {

using Generator = std::string (*)(const Part& part);

const std::map<std::string, Generator> generators = {
    {"dump", [](const Part& part) { return dump_text(part.argument); }},
    {"errors", [](const Part& part) { return errors_text(part.argument); }},
    {"output", [](const Part& part) { return program_output(part.argument); }},
    {"program", [](const Part& part) { return program_text(part.argument); }},
    {"session", [](const Part& part) { return session_text(part.text); }},
    {"snippet", [](const Part& part) { return snippet_text(part.argument); }},
    {"table", [](const Part& part) { return table_text(part.argument); }},
    {"value", [](const Part& part) { return value_text(part.argument); }},
};

const std::filesystem::path root = ONEPASS_SOURCE_DIR;

class Documents : public testing::TestWithParam<const char*> {
 protected:
  Document document() const { return Document::read(root / GetParam()); }
};

std::string generated(const Part& part) {
  const auto found = generators.find(part.kind);
  if (found == generators.end()) throw std::runtime_error("no generator of '" + part.kind + "'");
  if (part.kind == "session" && !has_command_line_tool()) return part.text;
  return found->second(part);
}

bool updating() {
  const char* update = std::getenv("ONEPASS_UPDATE_DOCS");
  return update != nullptr && std::string(update) == "1";
}

TEST_P(Documents, SayWhatTheLibraryDoes) {
  const Document old = document();
  EXPECT_FALSE(old.parts.empty());
  std::vector<std::string> texts;
  for (const Part& part : old.parts) {
    try {
      texts.push_back(generated(part));
    } catch (const std::exception& error) {
      ADD_FAILURE() << GetParam() << ":" << part.line << ": " << error.what();
      texts.push_back(part.text);
    }
    if (updating()) continue;
    EXPECT_EQ(part.text, texts.back())
        << GetParam() << ":" << part.line << ": ONEPASS_UPDATE_DOCS=1 rewrites it";
  }
  if (updating() && old.with(texts) != old.text) write_file(old.path, old.with(texts));
}

TEST_P(Documents, ShowOnlyCodeThatIsCompiled) {
  for (const int line : document().unchecked_code()) {
    ADD_FAILURE() << GetParam() << ":" << line << ": C++ without a snippet";
  }
}

TEST_P(Documents, NameFilesThatExist) {
  const Document doc = document();
  for (const std::string& file : doc.linked_files()) {
    EXPECT_TRUE(std::filesystem::exists(doc.path.parent_path() / file)) << file;
  }
  for (const std::string& file : doc.named_sources()) {
    EXPECT_TRUE(std::filesystem::exists(root / file)) << file;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Documents,
                         testing::Values("README.md", "docs/architecture.md",
                                         "docs/acceleration.md", "docs/errors.md"),
                         [](const auto& info) {
                           std::string name = std::filesystem::path(info.param).stem().string();
                           return name;
                         });

}  // namespace
}  // namespace onepass::docs
