// SPDX-License-Identifier: Apache-2.0
// Threads that share the tasks of one parallel region at a time. The caller works too, takes over
// what no worker has begun, and waits for begun tasks only: a worker whose processor is taken by
// another process costs nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "onepass/runtime/thread_pool.h"

namespace onepass::runtime {

/// Tasks [0, count), worth about `nanoseconds` of one thread together.
struct Region {
  int64_t count;
  Task task;
  void* context;
  double nanoseconds;
};

/// Whether the calling thread is inside a task.
bool inside_task();

/// Runs all tasks in order on the calling thread.
void run_alone(const Region& region);

/// Its threads never end; neither must it.
class WorkerTeam {
 public:
  static constexpr int most_participants = 1024;  // the caller among them

  WorkerTeam();

  /// Runs the tasks on at most `width` threads, of which the caller is one; returns after the last.
  /// False, and nothing has run, if another region is running or no thread can be had. Takes no
  /// lock and allocates nothing once the threads exist.
  bool run(const Region& region, int width);

 private:
  using Clock = std::chrono::steady_clock;
  struct Seat;

  bool hire(int workers);
  void run_piece(int64_t first, int64_t count, int width);
  bool calls_pay();
  void share_out(int64_t count, int width);
  int64_t take_part(int who);
  int64_t run_seat(Seat& seat, int who);
  void wait_for_begun_tasks();
  [[noreturn]] void serve(int who);

  Seat* const seats_;  // never freed; seat 0 is the caller's
  std::atomic<bool> busy_ = false;
  // Guarded by busy_.
  int workers_ = 0;
  enum class Calls { undecided, yes, no } calls_{};  // for sleeping workers, in this region
  bool has_called_ = false;
  Clock::time_point last_miss_{};       // a region that found its workers asleep
  Clock::time_point last_vain_call_{};  // one that nobody answered in time

  // Written by the caller before it shares out tasks, read by whoever has taken one.
  Region region_{};
  int64_t first_ = 0;                                 // of this piece
  std::atomic<int> processor_ = 0;                    // the caller's
  alignas(64) std::atomic<uint32_t> unfinished_ = 0;  // tasks, and whether the caller sleeps
};

}  // namespace onepass::runtime
