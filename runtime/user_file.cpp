// SPDX-License-Identifier: Apache-2.0
// Files are written beside their place and renamed, so that a reader sees the old or the new.
#include "onepass/runtime/user_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "onepass/runtime/error.h"

namespace onepass::runtime {
namespace {

/// `variable` if it is an absolute path; relative ones are to be ignored.
std::filesystem::path folder_of(const char* variable) {
  const char* const value = std::getenv(variable);
  const std::filesystem::path path = value == nullptr ? "" : value;
  return path.is_absolute() ? path : std::filesystem::path();
}

[[noreturn]] void throw_failed(std::string_view what, const std::string& path, int error) {
  throw SystemError(fmt::format("{}: cannot write '{}': {}.", what, path,
                                std::error_code(error, std::generic_category()).message()));
}

/// Makes the folder and those above it, private where they are new.
void make_folder(std::string_view what, const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder)) return;
  if (folder.has_parent_path() && folder.parent_path() != folder) {
    make_folder(what, folder.parent_path());
  }
  if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) throw_failed(what, folder, errno);
}

/// 0, or the error number.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

std::string user_file_path(std::string_view name) {
  std::filesystem::path folder = folder_of("XDG_CACHE_HOME");
  if (folder.empty()) {
    folder = folder_of("HOME");
    if (folder.empty()) return "";
    folder /= ".cache";
  }
  return folder / "onepass" / name;
}

std::optional<std::string> read_user_file(const std::string& path) {
  if (path.empty()) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(longest_user_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

void write_user_file(std::string_view what, const std::string& path, std::string_view text) {
  if (path.empty()) {
    throw UserError(fmt::format(
        "{}: there is no cache folder; XDG_CACHE_HOME or HOME must be an absolute path.", what));
  }
  make_folder(what, std::filesystem::path(path).parent_path());
  std::string temporary = path + ".XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) throw_failed(what, path, errno);
  int error = write_all(file, text);
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    throw_failed(what, path, error);
  }
}

std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(key) || text.size() <= key.size() ||
      text[key.size()] != ' ') {
    return std::nullopt;
  }
  const std::string_view value = text.substr(key.size() + 1, end - key.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

}  // namespace onepass::runtime
