// SPDX-License-Identifier: Apache-2.0
// onepass ops: the op table.
#include <iostream>
#include <memory>

#include "commands.h"
#include "ops_table.h"

namespace onepass::tool {

void add_ops_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("ops", "Print the op table");
  auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "As docs/ops.md");
  command->footer("Examples:\n  onepass ops\n  onepass ops --markdown > docs/ops.md");
  command->callback([markdown] { std::cout << (*markdown ? ops_markdown() : ops_text()); });
}

}  // namespace onepass::tool
