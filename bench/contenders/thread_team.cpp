// SPDX-License-Identifier: Apache-2.0
// Threads that sleep on a counter between runs.
#include "contenders/thread_team.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace bench {
namespace {

class ThreadTeam {
 public:
  ThreadTeam() : parts_(std::max(1, static_cast<int>(std::thread::hardware_concurrency()))) {
    for (int part = 1; part < parts_; ++part) {
      threads_.emplace_back([this, part] { serve(part); });
    }
  }

  ~ThreadTeam() {
    work_ = nullptr;
    wake();
    for (std::thread& thread : threads_) thread.join();
  }

  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  void run(const std::function<void(int, int)>& work) {
    work_ = &work;
    unfinished_.store(parts_ - 1, std::memory_order_relaxed);
    wake();
    work(0, parts_);
    // The parts are equal, so the others finish at about the same time: no use to sleep here.
    while (unfinished_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
  }

 private:
  void wake() {
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
  }

  void serve(int part) {
    for (unsigned seen = 0;; ++seen) {
      round_.wait(seen, std::memory_order_acquire);
      if (work_ == nullptr) return;
      (*work_)(part, parts_);
      unfinished_.fetch_sub(1, std::memory_order_release);
    }
  }

  const int parts_;
  const std::function<void(int, int)>* work_ = nullptr;
  std::atomic<unsigned> round_{0};
  std::atomic<int> unfinished_{0};
  std::vector<std::thread> threads_;
};

}  // namespace

void run_on_all_threads(const std::function<void(int part, int parts)>& part) {
  static ThreadTeam team;
  team.run(part);
}

}  // namespace bench
