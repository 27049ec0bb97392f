// SPDX-License-Identifier: Apache-2.0
// One atomic word a seat says which tasks are left there; taking one is a compare-and-swap. The
// futex calls are for those who sleep only.
#include "onepass/runtime/worker_team.h"

#include <immintrin.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>

#include "onepass/runtime/mxcsr.h"

namespace onepass::runtime {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// How long a worker spins before it sleeps. While it spins, a fork and join take 0.2 us; a
/// sleeping one costs its caller 8 us (measured on a virtual machine, where waking a processor is
/// dear).
constexpr Clock::duration worker_patience = 200us;
/// How long the caller spins for tasks that others have begun. Equal tasks end at about the same
/// time; where they do not, somebody needs the processor that the caller has.
constexpr Clock::duration caller_patience = 20us;
/// Work from which waking a worker pays, also if it is needed only once.
constexpr double call_pays_from = 40'000;
/// A spinner that was stopped for this long had to share its processor.
constexpr Clock::duration processor_lost = 20us;
constexpr int pauses_between_looks = 16;

thread_local bool is_inside_task = false;

/// Tasks [next, end) of a seat, which nobody has begun, in a region of `width` participants: one
/// word, so that whoever takes a task knows that the region is the one it looked at. `asleep` is
/// set by the seat's worker only, while nothing is left.
struct Word {
  static constexpr uint64_t asleep = 1;
  static constexpr int width_shift = 1, end_shift = 12, next_shift = 38;
  static constexpr uint64_t width_mask = (uint64_t{1} << (end_shift - width_shift)) - 1;
  static constexpr uint64_t end_mask = (uint64_t{1} << (next_shift - end_shift)) - 1;
  static constexpr uint64_t one_taken = uint64_t{1} << next_shift;

  static uint64_t of(int64_t next, int64_t end, int width) {
    return static_cast<uint64_t>(next) << next_shift | static_cast<uint64_t>(end) << end_shift |
           static_cast<uint64_t>(width) << width_shift;
  }
  static int64_t next(uint64_t word) { return static_cast<int64_t>(word >> next_shift); }
  static int64_t end(uint64_t word) { return static_cast<int64_t>(word >> end_shift & end_mask); }
  static int width(uint64_t word) { return static_cast<int>(word >> width_shift & width_mask); }
  static bool is_empty(uint64_t word) { return next(word) == end(word); }
};

/// Tasks of one region. More are several regions.
constexpr int64_t most_tasks = int64_t{1} << 20;
static_assert(most_tasks <= static_cast<int64_t>(Word::end_mask));
static_assert(WorkerTeam::most_participants <= static_cast<int>(Word::width_mask));

/// In WorkerTeam::unfinished_.
constexpr uint32_t caller_sleeps = uint32_t{1} << 31;

/// Sleeps while the 32 bits at `word` are `expected`, or wakes for no reason.
void futex_wait(const void* word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void futex_wake(const void* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

/// Waits without sleeping until ready() or, false, until it is time to sleep: patience is at its
/// end, or somebody else had this processor meanwhile and should not find it taken again.
template <class Ready>
bool spin(Clock::duration patience, const Ready& ready) {
  const Clock::time_point begin = Clock::now();
  for (Clock::time_point last = begin;;) {
    for (int i = 0; i < pauses_between_looks; ++i) {
      if (ready()) return true;
      _mm_pause();
    }
    const Clock::time_point now = Clock::now();
    if (now - begin > patience || now - last > processor_lost) return ready();
    last = now;
  }
}

/// A computation on this thread: the default floating point mode, no tasks of other threads.
class Inside {
 public:
  Inside() : was_inside_(is_inside_task) { is_inside_task = true; }
  ~Inside() { is_inside_task = was_inside_; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  FloatingPointDefaults defaults_;
  bool was_inside_;
};

}  // namespace

/// Two cache lines, because processors fetch them in pairs.
struct alignas(128) WorkerTeam::Seat {
  std::atomic<uint64_t> word = 0;

  /// A task for participant `who`; -1 if none is left or `who` is not of this region.
  int64_t take(int who) {
    uint64_t word_now = word.load(std::memory_order_acquire);
    while (!Word::is_empty(word_now) && who < Word::width(word_now)) {
      if (word.compare_exchange_weak(word_now, word_now + Word::one_taken,
                                     std::memory_order_acquire, std::memory_order_acquire)) {
        return Word::next(word_now);
      }
    }
    return -1;
  }

  /// True if the worker of this seat sleeps and must be woken.
  bool put(uint64_t tasks) {
    return (word.exchange(tasks, std::memory_order_release) & Word::asleep) != 0;
  }

  /// The same for a worker that stays asleep if it is; the others take its tasks.
  void put_silently(uint64_t tasks) {
    uint64_t before = word.load(std::memory_order_relaxed);
    while (!word.compare_exchange_weak(before, tasks | (before & Word::asleep),
                                       std::memory_order_release, std::memory_order_relaxed)) {
    }
  }

  bool is_asleep() const { return (word.load(std::memory_order_relaxed) & Word::asleep) != 0; }

  void wake() { futex_wake(&word); }

  /// Returns once there are or were tasks here. True if the worker slept.
  bool wait(Clock::duration patience) {
    const auto has_tasks = [this] { return !Word::is_empty(word.load(std::memory_order_relaxed)); };
    if (spin(patience, has_tasks)) return false;
    uint64_t idle = word.load(std::memory_order_relaxed);
    if (!Word::is_empty(idle) ||
        !word.compare_exchange_strong(idle, idle | Word::asleep, std::memory_order_relaxed)) {
      return false;
    }
    for (idle |= Word::asleep; (idle & Word::asleep) != 0;
         idle = word.load(std::memory_order_relaxed)) {
      futex_wait(&word, static_cast<uint32_t>(idle));
    }
    return true;
  }
};

bool inside_task() { return is_inside_task; }

void run_alone(const Region& region) {
  const Inside inside;
  for (int64_t i = 0; i < region.count; ++i) region.task(region.context, i);
}

WorkerTeam::WorkerTeam() : seats_(new Seat[most_participants]) {}

bool WorkerTeam::run(const Region& region, int width) {
  if (busy_.exchange(true, std::memory_order_acquire)) return false;
  const bool has_help = hire(width - 1);
  if (has_help) {
    const int participants = std::min(width, workers_ + 1);
    region_ = region;
    calls_ = Calls::undecided;
    processor_.store(sched_getcpu(), std::memory_order_relaxed);
    for (int64_t first = 0; first < region.count; first += most_tasks) {
      run_piece(first, std::min(most_tasks, region.count - first), participants);
    }
  }
  busy_.store(false, std::memory_order_release);
  return has_help;
}

/// Decided where a region finds the first worker asleep. A call pays where the region is long, or
/// where others follow before the worker sleeps again; not where the last one was in vain: then
/// somebody else has the processors.
bool WorkerTeam::calls_pay() {
  if (calls_ == Calls::undecided) {
    const Clock::time_point now = Clock::now();
    const bool is_worth_it = region_.nanoseconds >= call_pays_from;
    const bool is_one_of_many = now - last_miss_ < worker_patience;
    const bool is_hopeless = now - last_vain_call_ < worker_patience;
    calls_ = (is_worth_it || is_one_of_many) && !is_hopeless ? Calls::yes : Calls::no;
    last_miss_ = now;
  }
  return calls_ == Calls::yes;
}

/// False if there is no worker at all.
bool WorkerTeam::hire(int workers) {
  while (workers_ < workers) {
    try {
      std::thread([this, who = workers_ + 1] { serve(who); }).detach();
    } catch (const std::system_error&) {
      break;  // the system has no more threads: those there are will do
    }
    ++workers_;
  }
  return workers_ > 0;
}

void WorkerTeam::run_piece(int64_t first, int64_t count, int width) {
  first_ = first;
  has_called_ = false;
  unfinished_.store(static_cast<uint32_t>(count), std::memory_order_relaxed);
  share_out(count, width);
  const bool in_vain = take_part(0) == count;
  if (has_called_ && in_vain) last_vain_call_ = Clock::now();
  wait_for_begun_tasks();
}

/// Neighbouring tasks to the same participant, and to the same one every time: its caches know
/// them.
void WorkerTeam::share_out(int64_t count, int width) {
  for (int who = 0; who < width; ++who) {
    const uint64_t tasks = Word::of(count * who / width, count * (who + 1) / width, width);
    Seat& seat = seats_[who];
    if (seat.is_asleep() && !calls_pay()) {
      seat.put_silently(tasks);
    } else if (seat.put(tasks)) {
      has_called_ = true;
      seat.wake();
    }
  }
}

int64_t WorkerTeam::run_seat(Seat& seat, int who) {
  int64_t finished = 0;
  for (int64_t task = seat.take(who); task >= 0; task = seat.take(who)) {
    region_.task(region_.context, first_ + task);
    ++finished;
  }
  return finished;
}

/// First the tasks of the own seat, then those of the others.
int64_t WorkerTeam::take_part(int who) {
  int64_t finished = 0;
  {
    const Inside inside;
    const int width = Word::width(seats_[who].word.load(std::memory_order_acquire));
    for (int i = 0; i < width; ++i) finished += run_seat(seats_[(who + i) % width], who);
  }
  // From here on another region may begin, unless a task of this one has been counted too few.
  if (finished == 0) return 0;
  const auto counted = static_cast<uint32_t>(finished);
  const uint32_t before = unfinished_.fetch_sub(counted, std::memory_order_acq_rel);
  if (before - counted == caller_sleeps) futex_wake(&unfinished_);
  return finished;
}

void WorkerTeam::wait_for_begun_tasks() {
  const auto is_done = [this] { return unfinished_.load(std::memory_order_acquire) == 0; };
  if (is_done() || spin(caller_patience, is_done)) return;
  uint32_t left = unfinished_.fetch_or(caller_sleeps, std::memory_order_acquire) | caller_sleeps;
  while (left != caller_sleeps) {
    futex_wait(&unfinished_, left);
    left = unfinished_.load(std::memory_order_acquire);
  }
}

void WorkerTeam::serve(int who) {
  Clock::duration patience = worker_patience;
  for (;;) {
    const bool was_asleep = seats_[who].wait(patience);
    // Where all processors are taken, the kernel may let the woken take the caller's.
    const bool is_in_the_way =
        was_asleep && sched_getcpu() == processor_.load(std::memory_order_relaxed);
    if (is_in_the_way) sched_yield();
    take_part(who);
    patience = is_in_the_way ? Clock::duration::zero() : worker_patience;
  }
}

}  // namespace onepass::runtime
