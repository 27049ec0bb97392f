// SPDX-License-Identifier: Apache-2.0
// The child's side of race.py's protocol. Google Benchmark times every run.
#include "serve.h"

#include <benchmark/benchmark.h>
#include <onepass/engine/roofline.h>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <vector>

#include "contenders/contender.h"

namespace bench {
namespace {

struct ServedWork {
  Work work;
  std::vector<std::string> contenders;
};

std::vector<ServedWork>& served_works() {
  static std::vector<ServedWork> works;
  return works;
}

/// Keeps the last time instead of printing a table.
class LastTime : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration) nanoseconds_ = run.GetAdjustedRealTime();
    }
  }
  double nanoseconds() const { return nanoseconds_; }

 private:
  double nanoseconds_ = 0;
};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view(".^$*+?()[]{}|\\").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string about() {
  std::string answer = "about\tonepass " ONEPASS_BENCH_VERSION;
#ifdef __clang__
  answer += "\tClang " __clang_version__;
#else
  answer += "\tGCC " __VERSION__;
#endif
  for (const Contender* contender : contenders()) {
    if (*contender->version != '\0') answer += "\t" + std::string(contender->version);
  }
  return answer;
}

std::string peaks() {
  const onepass::MachinePeaks peaks = onepass::measure_peaks();
  std::ostringstream answer;
  answer << "peaks\t" << peaks.flops_one_thread << '\t' << peaks.flops_all_threads << '\t'
         << peaks.bandwidth_one_thread << '\t' << peaks.bandwidth_all_threads;
  return answer.str();
}

std::string works() {
  std::string answer = "works";
  for (const ServedWork& served : served_works()) answer += "\t" + served.work.name;
  return answer;
}

std::string prepare(const std::string& name) {
  const auto served = std::ranges::find(
      served_works(), name,
      [](const ServedWork& candidate) -> const std::string& { return candidate.work.name; });
  if (served == served_works().end()) return "absent";
  std::ostringstream answer;
  answer << "ready\t" << served->work.bytes << '\t' << served->work.flops;
  for (const std::string& contender : served->contenders) answer << '\t' << contender;
  return answer.str();
}

std::string time_of(const std::string& name) {
  LastTime time;
  if (benchmark::RunSpecifiedBenchmarks(&time, "^" + escaped(name) + "/real_time$") != 1) {
    return "error\tno benchmark " + name;
  }
  std::ostringstream answer;
  answer << "time\t" << time.nanoseconds();
  return answer.str();
}

std::string answer_to(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  if (fields == std::vector<std::string>{"about"}) return about();
  if (fields == std::vector<std::string>{"peaks"}) return peaks();
  if (fields == std::vector<std::string>{"works"}) return works();
  if (fields.size() == 2 && fields[0] == "prepare") return prepare(fields[1]);
  if (fields.size() == 3 && fields[0] == "run") return time_of(fields[1] + "/" + fields[2]);
  return "error\tunknown request: " + line;
}

}  // namespace

void served_work(const Work& work, const std::string& contender) {
  const auto served = std::ranges::find_if(served_works(), [&](const ServedWork& candidate) {
    return candidate.work.name == work.name;
  });
  if (served == served_works().end()) {
    served_works().push_back({work, {contender}});
  } else {
    served->contenders.push_back(contender);
  }
}

void serve() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer_to(line) << std::endl;
  }
}

}  // namespace bench
