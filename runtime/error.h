// SPDX-License-Identifier: Apache-2.0
// The three kinds of error. Texts read: "<op>: <what is>; <what must hold>. <fix>".
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace onepass {

/// What every error of the library derives from.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The call can be fixed by the caller: shapes, types, files, arguments.
class UserError : public Error {
 public:
  using Error::Error;
};

/// A bug of the library. The text names file and line; a failed compile also names a repro file.
class InternalError : public Error {
 public:
  explicit InternalError(const std::string& what,
                         std::source_location where = std::source_location::current());
};

/// Memory, files, threads or LLVM refused.
class SystemError : public Error {
 public:
  using Error::Error;
};

/// Throws InternalError unless `condition` holds: for invariants only, never for user input.
inline void internal_check(bool condition, const char* what,
                           std::source_location where = std::source_location::current()) {
  if (!condition) [[unlikely]]
    throw InternalError(what, where);
}

}  // namespace onepass
