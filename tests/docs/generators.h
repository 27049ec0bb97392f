// SPDX-License-Identifier: Apache-2.0
// What the parts of the documents must say.
#pragma once

#include <string>

namespace onepass::docs {

/// "<example> <stage>", or "<example> <stage>, lines 1, 8-21": a stage of explain.
std::string dump_text(const std::string& argument);

/// A number that the prose states.
std::string value_text(const std::string& name);
/// A table of such numbers.
std::string table_text(const std::string& name);

/// Calls of a group and the texts of the errors they throw.
std::string errors_text(const std::string& group);

/// A region of lessons.cpp.
std::string snippet_text(const std::string& name);

/// A program that users may copy, and what it prints.
std::string program_text(const std::string& name);
std::string program_output(const std::string& name);

/// The lines "$ command" of a session of the command line tool, each with what it prints.
std::string session_text(const std::string& session);
bool has_command_line_tool();

}  // namespace onepass::docs
