// SPDX-License-Identifier: Apache-2.0
// Collects what the layers know of the machine.
#include "machine_report.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "onepass/codegen/jit.h"
#include "onepass/codegen/product_tuning.h"
#include "onepass/codegen/target.h"
#include "onepass/runtime/blas.h"
#include "onepass/runtime/processors.h"
#include "onepass/runtime/settings.h"
#include "onepass/runtime/thread_pool.h"
#include "units.h"

namespace onepass::tool {
namespace {

constexpr double giga = 1e9;

int cgroup_limit() {
  std::ifstream file("/proc/self/cgroup");
  std::ostringstream membership;
  membership << file.rdbuf();
  return runtime::cgroup_processors("/sys/fs/cgroup", membership.str());
}

std::string cache_text(const runtime::CacheInfo& cache) {
  if (cache.bytes == 0) return "none";
  std::string text = cache_size_text(cache.bytes);
  if (cache.shared_by > 1) text += fmt::format(" shared by {} processors", cache.shared_by);
  return text;
}

std::string peak_text(double flops, double bandwidth) {
  return fmt::format("{:.1f} GFLOP/s (f32), {:.1f} GB/s", flops / giga, bandwidth / giga);
}

nlohmann::ordered_json cache_json(const runtime::CacheInfo& cache) {
  return {{"bytes", cache.bytes}, {"line_bytes", cache.line_bytes}, {"shared_by", cache.shared_by}};
}

}  // namespace

MachineReport examine_machine() {
  MachineReport report;
  report.cpu = runtime::cpu_info();
  report.instruction_set = codegen::to_string(codegen::host_target().instruction_set);
  report.native_instruction_set =
      codegen::to_string(report.cpu.x86_64_v4 ? codegen::InstructionSet::x86_64_v4
                                              : codegen::InstructionSet::x86_64_v3);
  report.forced = !runtime::settings().target.empty();
  report.threads = threads();
  report.processors = runtime::available_processors();
  report.cgroup_limit = cgroup_limit();
  report.peaks = measure_peaks();
  report.llvm = codegen::llvm_description();
  report.blas = runtime::blas_description();
  report.tuning = codegen::saved_tuning().state;
  return report;
}

std::string to_text(const MachineReport& report) {
  std::string text = fmt::format("onepass {}\n", ONEPASS_VERSION);
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("{:<18}{}\n", name, value);
  };
  line("processor", report.cpu.name);
  line("instruction set", report.forced
                              ? fmt::format("{}, forced by ONEPASS_TARGET; the processor has {}",
                                            report.instruction_set, report.native_instruction_set)
                              : report.instruction_set);
  line("level 1 cache", cache_text(report.cpu.level1));
  line("level 2 cache", cache_text(report.cpu.level2));
  line("level 3 cache", cache_text(report.cpu.level3));
  line("threads",
       fmt::format("{} of {} processors, {}", report.threads, report.processors,
                   report.cgroup_limit == 0 ? std::string("no cgroup limit")
                                            : fmt::format("cgroup limit {}", report.cgroup_limit)));
  line("peak, 1 thread",
       peak_text(report.peaks.flops_one_thread, report.peaks.bandwidth_one_thread));
  line("peak, all threads",
       peak_text(report.peaks.flops_all_threads, report.peaks.bandwidth_all_threads));
  line("compiler", report.llvm);
  line("matrix products", report.blas);
  line("tuned products", report.tuning);
  return text + "\nsettings\n" + runtime::settings_table();
}

std::string to_json(const MachineReport& report) {
  const nlohmann::ordered_json json = {
      {"version", ONEPASS_VERSION},
      {"processor", report.cpu.name},
      {"instruction_set", report.instruction_set},
      {"native_instruction_set", report.native_instruction_set},
      {"forced", report.forced},
      {"level1", cache_json(report.cpu.level1)},
      {"level2", cache_json(report.cpu.level2)},
      {"level3", cache_json(report.cpu.level3)},
      {"threads", report.threads},
      {"processors", report.processors},
      {"cgroup_limit", report.cgroup_limit},
      {"flops_one_thread", report.peaks.flops_one_thread},
      {"flops_all_threads", report.peaks.flops_all_threads},
      {"bandwidth_one_thread", report.peaks.bandwidth_one_thread},
      {"bandwidth_all_threads", report.peaks.bandwidth_all_threads},
      {"llvm", report.llvm},
      {"blas", report.blas},
      {"tuning", report.tuning}};
  return json.dump(2) + "\n";
}

}  // namespace onepass::tool
