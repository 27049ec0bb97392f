// SPDX-License-Identifier: Apache-2.0
// POSIX files. What the system refuses becomes a SystemError with the system's own words.
#include "onepass/runtime/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "onepass/runtime/error.h"

namespace onepass::runtime {
namespace {

[[noreturn]] void fail_with(const std::string& operation, const char* what, const std::string& path,
                            int error) {
  throw SystemError(fmt::format("{}: cannot {} '{}'; the system says: {}.", operation, what, path,
                                std::strerror(error)));
}

}  // namespace

InputFile::InputFile(std::string operation, std::string path)
    : operation_(std::move(operation)), path_(std::move(path)) {
  // Non-blocking, so that opening a pipe that nobody writes to does not hang; it is refused below.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail_with(operation_, "open", path_, errno);
  struct stat status{};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    const int error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    ::close(descriptor_);
    fail_with(operation_, "read", path_, error);
  }
  size_ = status.st_size;
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(int64_t offset, std::span<std::byte> target) const {
  while (!target.empty()) {
    const ssize_t count = ::pread(descriptor_, target.data(), target.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    // 0: the file has become shorter since it was opened.
    if (count <= 0) fail_with(operation_, "read", path_, count < 0 ? errno : EIO);
    offset += count;
    target = target.subspan(static_cast<size_t>(count));
  }
}

std::shared_ptr<std::byte> InputFile::map_private() const {
  const auto bytes = static_cast<size_t>(size_);
  void* const base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor_, 0);
  if (base == MAP_FAILED) return nullptr;
  return {static_cast<std::byte*>(base), [bytes](std::byte* data) { ::munmap(data, bytes); }};
}

OutputFile::OutputFile(std::string operation, std::string path)
    : operation_(std::move(operation)), path_(std::move(path)) {
  static std::atomic<uint64_t> counter = 0;
  temporary_ = fmt::format("{}.{}.{}.tmp", path_, ::getpid(), counter.fetch_add(1));
  constexpr mode_t permissions = 0666;  // cut by the umask, as for any new file
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
  if (descriptor_ < 0) fail_with(operation_, "write", path_, errno);
}

OutputFile::~OutputFile() { close(); }

void OutputFile::close() {
  if (descriptor_ < 0) return;
  ::close(std::exchange(descriptor_, -1));
  ::unlink(temporary_.c_str());
}

void OutputFile::fail(const char* what) {
  const int error = errno;
  close();
  fail_with(operation_, what, path_, error);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write");
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
}

void OutputFile::commit() {
  // Data first, name second: after a crash the name must not stand for an empty file.
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("replace");
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace onepass::runtime
