// SPDX-License-Identifier: Apache-2.0
// onepass info: this machine, and what onepass uses on it.
#include <iostream>
#include <memory>
#include <string>

#include "commands.h"
#include "machine_report.h"
#include "text_file.h"

namespace onepass::tool {
namespace {

struct InfoOptions {
  bool save = false;
  std::string json_file;
};

void run_info(const InfoOptions& options) {
  const MachineReport report = examine_machine();
  if (options.json_file == standard_output) {
    std::cout << to_json(report);
  } else {
    std::cout << to_text(report);
    if (!options.json_file.empty()) write_text("--json", options.json_file, to_json(report));
  }
  if (!options.save) return;
  save_peaks(report.peaks);
  std::cerr << "saved the peaks to " << saved_peaks_path() << "\n";
}

}  // namespace

void add_info_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("info", "Show this machine and what onepass uses on it");
  auto options = std::make_shared<InfoOptions>();
  command->add_flag("--save", options->save,
                    "Keep the measured peaks: bench and explain --measure then use them");
  command
      ->add_option("--json", options->json_file,
                   "Also write it as JSON to this file; -: to the output, alone")
      ->type_name("FILE");
  command->footer("Examples:\n  onepass info\n  onepass info --save --json machine.json");
  command->callback([options] { run_info(*options); });
}

}  // namespace onepass::tool
