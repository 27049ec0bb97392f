// SPDX-License-Identifier: Apache-2.0
// Saved peaks: where, how they are read back, and what is not believed.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "error_text.h"
#include "onepass/engine/roofline.h"
#include "onepass/runtime/cpu_info.h"
#include "onepass/runtime/thread_pool.h"

namespace onepass {
namespace {

/// Sets or removes an environment variable for the time of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const old = std::getenv(name)) old_ = old;
    set(value);
  }
  ~Variable() { set(old_ ? old_->c_str() : nullptr); }

 private:
  void set(const char* value) {
    if (value == nullptr) {
      unsetenv(name_);
    } else {
      setenv(name_, value, 1);
    }
  }
  const char* name_;
  std::optional<std::string> old_;
};

MachinePeaks example() {
  return {.flops_one_thread = 1.25e11,
          .flops_all_threads = 2.5e11,
          .bandwidth_one_thread = 0.1 + 0.2,
          .bandwidth_all_threads = 1e10,
          .threads = runtime::available_processors(),
          .cpu = runtime::cpu_info().name};
}

class SavedPeaks : public ::testing::Test {
 protected:
  SavedPeaks() {
    std::string name = (std::filesystem::temp_directory_path() / "onepass-peaks-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    cache_.emplace("XDG_CACHE_HOME", (folder_ / "a" / "b").c_str());
  }
  ~SavedPeaks() override {
    cache_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path folder_;
  std::optional<Variable> cache_;
};

TEST_F(SavedPeaks, AreReadBackExactly) {
  EXPECT_EQ(saved_peaks(), std::nullopt);
  save_peaks(example());
  EXPECT_EQ(saved_peaks(), example());
  MachinePeaks other = example();
  other.flops_one_thread = 7;
  save_peaks(other);
  EXPECT_EQ(saved_peaks(), other);
}

TEST_F(SavedPeaks, LieAloneInAPrivateFolder) {
  save_peaks(example());
  const std::filesystem::path path = saved_peaks_path();
  EXPECT_EQ(path, folder_ / "a" / "b" / "onepass" / "peaks.txt");
  struct stat status = {};
  ASSERT_EQ(stat(path.parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  const std::filesystem::directory_iterator files(path.parent_path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(SavedPeaks, OfAnotherMachineAreIgnored) {
  MachinePeaks peaks = example();
  peaks.cpu += " other";
  save_peaks(peaks);
  EXPECT_EQ(saved_peaks(), std::nullopt);
  peaks = example();
  ++peaks.threads;
  save_peaks(peaks);
  EXPECT_EQ(saved_peaks(), std::nullopt);
}

TEST_F(SavedPeaks, ThatAreDamagedAreIgnored) {
  save_peaks(example());
  std::ofstream(saved_peaks_path()) << peaks_text(example()).substr(0, 60);
  EXPECT_EQ(saved_peaks(), std::nullopt);
  std::ofstream(saved_peaks_path()) << std::string(100000, 'x');
  EXPECT_EQ(saved_peaks(), std::nullopt);
  std::filesystem::remove(saved_peaks_path());
  std::filesystem::create_directory(saved_peaks_path());
  EXPECT_EQ(saved_peaks(), std::nullopt);
}

TEST_F(SavedPeaks, FollowTheRulesForCacheFolders) {
  const Variable home("HOME", "/home/somebody");
  EXPECT_EQ(saved_peaks_path(), (folder_ / "a/b/onepass/peaks.txt").string());
  const Variable relative("XDG_CACHE_HOME", "relative");
  EXPECT_EQ(saved_peaks_path(), "/home/somebody/.cache/onepass/peaks.txt");
  const Variable nobody("HOME", nullptr);
  EXPECT_EQ(saved_peaks_path(), "");
  EXPECT_EQ(saved_peaks(), std::nullopt);
  EXPECT_EQ(error_text([] { save_peaks(example()); }),
            "save_peaks: there is no cache folder; XDG_CACHE_HOME or HOME must be an absolute "
            "path.");
}

TEST_F(SavedPeaks, CannotBeSavedWhereThereIsAFile) {
  std::ofstream(folder_ / "a") << "a file";
  EXPECT_EQ(error_text<SystemError>([] { save_peaks(example()); }),
            "save_peaks: cannot write '" + (folder_ / "a" / "b").string() + "': Not a directory.");
}

TEST_F(SavedPeaks, MustBePositiveAndFinite) {
  const std::string expected =
      "save_peaks: the peaks are not those of a machine; every number must be positive and "
      "finite.";
  EXPECT_EQ(error_text([] { save_peaks({}); }), expected);
  MachinePeaks peaks = example();
  peaks.bandwidth_all_threads = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_text([&] { save_peaks(peaks); }), expected);
  peaks = example();
  peaks.cpu = "two\nlines";
  EXPECT_EQ(error_text([&] { save_peaks(peaks); }), expected);
  EXPECT_FALSE(std::filesystem::exists(saved_peaks_path()));
}

TEST(PeaksText, IsReadOnlyIfComplete) {
  const std::string text = peaks_text(example());
  ASSERT_EQ(parse_peaks(text), example());
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(parse_peaks(text.substr(0, length)), std::nullopt) << length;
  }
  EXPECT_EQ(parse_peaks(text + "more\n"), std::nullopt);
  for (const char* sign : {"-", "x", "+", "nan"}) {
    std::string broken = text;
    broken.insert(text.find("flops_one_thread ") + sizeof("flops_one_thread"), sign);
    EXPECT_EQ(parse_peaks(broken), std::nullopt) << broken;
  }
}

}  // namespace
}  // namespace onepass
