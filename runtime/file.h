// SPDX-License-Identifier: Apache-2.0
// Files as this library uses them: mapped or read whole, and replaced atomically.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace onepass::runtime {

/// A regular file, open for reading. SystemErrors begin with `operation` and name the path.
class InputFile {
 public:
  InputFile(std::string operation, std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  int64_t size() const { return size_; }

  /// Reads bytes [offset, offset + target.size()), which must be in the file.
  void read(int64_t offset, std::span<std::byte> target) const;

  /// The whole file in memory that can be written without changing the file; null if it cannot be
  /// mapped.
  std::shared_ptr<std::byte> map_private() const;

 private:
  std::string operation_, path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

/// A file that takes its name when it is complete. Without commit() nothing remains of it.
class OutputFile {
 public:
  OutputFile(std::string operation, std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void commit();

 private:
  [[noreturn]] void fail(const char* what);
  void close();

  std::string operation_, path_, temporary_;
  int descriptor_ = -1;
};

}  // namespace onepass::runtime
