// SPDX-License-Identifier: Apache-2.0
#include "onepass/runtime/settings.h"

#include <map>

#include "expect_error.h"

namespace onepass::runtime {
namespace {

using onepass::testing::expect_error;

Environment environment_of(std::map<std::string, std::string> values) {
  const auto shared = std::make_shared<std::map<std::string, std::string>>(std::move(values));
  return [shared](const char* variable) -> const char* {
    const auto found = shared->find(variable);
    return found == shared->end() ? nullptr : found->second.c_str();
  };
}

TEST(Settings, HaveTheirDefaultsInAnEmptyEnvironment) {
  const Settings settings = read_settings(environment_of({}));
  EXPECT_EQ(settings.target, "");
  EXPECT_EQ(settings.threads, 0);
  EXPECT_TRUE(settings.disabled_passes.empty());
  EXPECT_GT(settings.cache_entries, 0);
  EXPECT_FALSE(settings.perf_map);
}

TEST(Settings, ReadEveryKindOfValue) {
  const Settings settings =
      read_settings(environment_of({{"ONEPASS_TARGET", "x86-64-v3"},
                                    {"ONEPASS_THREADS", "5"},
                                    {"ONEPASS_DISABLE_PASSES", "fuse, ,simplify,"},
                                    {"ONEPASS_REPRO_DIR", "/somewhere"},
                                    {"ONEPASS_CACHE_ENTRIES", "7"},
                                    {"ONEPASS_PERF_MAP", "1"}}));
  EXPECT_EQ(settings.target, "x86-64-v3");
  EXPECT_EQ(settings.threads, 5);
  EXPECT_EQ(settings.disabled_passes, (std::vector<std::string>{"fuse", "simplify"}));
  EXPECT_EQ(settings.repro_dir, "/somewhere");
  EXPECT_EQ(settings.cache_entries, 7);
  EXPECT_TRUE(settings.perf_map);
}

TEST(Settings, TakeAnEmptyValueForNone) {
  EXPECT_EQ(read_settings(environment_of({{"ONEPASS_THREADS", ""}})).threads, 0);
}

TEST(Settings, RefuseWhatTheirKindDoesNotAllow) {
  for (const std::string text : {"abc", "-1", "3 ", "2.5", "99999999999999999999"}) {
    expect_error<UserError>(
        "settings: ONEPASS_THREADS is '" + text + "'; it must be an integer that is not negative.",
        [&] { read_settings(environment_of({{"ONEPASS_THREADS", text}})); });
  }
  expect_error<UserError>("settings: ONEPASS_PERF_MAP is 'yes'; it must be 0 or 1.",
                          [] { read_settings(environment_of({{"ONEPASS_PERF_MAP", "yes"}})); });
}

TEST(SettingsTable, ShowsEveryVariableWithItsValueAndMeaning) {
  const std::string table = settings_table(environment_of({{"ONEPASS_THREADS", "3"}}));
#define ONEPASS_SETTING(field, variable, kind, default_text, doc) \
  EXPECT_NE(table.find(variable), std::string::npos) << variable; \
  EXPECT_NE(table.find(doc), std::string::npos) << variable;
#include "onepass/runtime/settings.def"
  EXPECT_NE(table.find("ONEPASS_THREADS          3 "), std::string::npos) << table;
  EXPECT_NE(table.find("ONEPASS_TARGET           (not set)"), std::string::npos) << table;
}

}  // namespace
}  // namespace onepass::runtime
