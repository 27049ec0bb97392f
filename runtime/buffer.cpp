// SPDX-License-Identifier: Apache-2.0
// The buffer pool: free lists by size class, one list of idle blocks by age, and in front of them a
// few small blocks of each thread. Owns the buffer pool service.
#include "onepass/runtime/buffer.h"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <bit>
#include <mutex>

#include "onepass/runtime/error.h"
#include "onepass/runtime/system_memory.h"

namespace onepass::runtime {
namespace {

constexpr int steps_per_doubling = 4;
constexpr int smallest_log2 = 8;  // up to 256 bytes the classes are cache lines
constexpr int lines_below = (1 << smallest_log2) / static_cast<int>(buffer_alignment);
constexpr int largest_log2 = 62;
constexpr int class_count = lines_below + (largest_log2 - smallest_log2) * steps_per_doubling;

/// A size class: classes 0.. are 64, 128, 192, 256 bytes, then 256 * (1.25, 1.5, 1.75, 2), and so
/// on.
int class_of(int64_t bytes) {
  const auto size = static_cast<uint64_t>(bytes < 1 ? 1 : bytes);
  if (size <= uint64_t{1} << smallest_log2) {
    return static_cast<int>((size + buffer_alignment - 1) / buffer_alignment) - 1;
  }
  if (size > uint64_t{1} << largest_log2) return -1;
  const int log2 = static_cast<int>(std::bit_width(size - 1)) - 1;  // 2^log2 < size <= 2^(log2 + 1)
  const uint64_t step = (uint64_t{1} << log2) / steps_per_doubling;
  const auto steps = static_cast<int>((size - (uint64_t{1} << log2) + step - 1) / step);
  return lines_below + (log2 - smallest_log2) * steps_per_doubling + steps - 1;
}

int64_t bytes_of_class(int size_class) {
  if (size_class < lines_below) return (size_class + 1) * static_cast<int64_t>(buffer_alignment);
  const int above = size_class - lines_below;
  const int64_t base = int64_t{1} << (smallest_log2 + above / steps_per_doubling);
  return base + base / steps_per_doubling * (above % steps_per_doubling + 1);
}

/// Lies at the start of an idle block.
struct IdleBlock {
  IdleBlock* older;
  IdleBlock* newer;
  IdleBlock* older_in_class;
  IdleBlock* newer_in_class;
  int size_class;
};
static_assert(sizeof(IdleBlock) <= buffer_alignment);

/// The small blocks that a thread gave back last: it takes them again without the pool's lock. The
/// pool counts them as in use.
class ThreadBlocks {
 public:
  static constexpr int64_t largest_block = 4096;

  static bool serves(int size_class) { return size_class >= 0 && size_class < class_limit; }
  std::byte* take(int size_class);
  /// False if there is no room, or the thread is about to end.
  bool put(std::byte* data, int size_class) noexcept;
  /// Gives all to the pool.
  void empty() noexcept;
  /// The same for ever.
  void end() noexcept;

  int64_t bytes_idle() const { return bytes_idle_.load(std::memory_order_relaxed); }
  int64_t reuses() const { return reuses_.load(std::memory_order_relaxed); }

 private:
  friend class BufferPool;
  static constexpr int class_limit = lines_below + (12 - smallest_log2) * steps_per_doubling;
  static_assert(largest_block == int64_t{1} << 12);

  bool enlist() noexcept;
  static void add(std::atomic<int64_t>& counter, int64_t change) {
    // Only this thread writes it.
    counter.store(counter.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }

  enum class State { fresh, listed, ended } state_ = State::fresh;
  IdleBlock* newest_[class_limit] = {};
  std::atomic<int64_t> bytes_idle_ = 0;
  std::atomic<int64_t> reuses_ = 0;
  ThreadBlocks* previous_ = nullptr;  // guarded by the pool's lock, like the next
  ThreadBlocks* next_ = nullptr;
};

/// Constant-initialized and trivially destroyed: no guard on the way to it.
constinit thread_local ThreadBlocks own_blocks;

class BufferPool {
 public:
  static BufferPool& service();

  std::byte* take(int size_class);
  void give_back(std::byte* data, int size_class) noexcept;
  void trim() noexcept;
  PoolStatistics statistics();
  void enlist(ThreadBlocks& blocks) noexcept;
  void strike_off(ThreadBlocks& blocks) noexcept;

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  void link(IdleBlock* block);
  void unlink(IdleBlock* block);
  IdleBlock* evict(int64_t limit);

  std::mutex mutex_;
  IdleBlock* newest_in_class_[class_count] = {};
  IdleBlock* newest_ = nullptr;
  IdleBlock* oldest_ = nullptr;
  PoolStatistics statistics_;
  ThreadBlocks* threads_ = nullptr;
};

BufferPool& BufferPool::service() {
  // A fork while another thread holds the lock would leave it locked in the child for ever.
  static BufferPool* const pool = [] {
    pthread_atfork([] { service().lock(); }, [] { service().unlock(); },
                   [] { service().unlock(); });
    return new BufferPool;
  }();
  return *pool;
}

// Made when the library is loaded: a fork in the middle of the first call would leave the child
// waiting for ever.
[[maybe_unused]] const BufferPool& made_at_load = BufferPool::service();

void BufferPool::link(IdleBlock* block) {
  IdleBlock*& class_head = newest_in_class_[block->size_class];
  block->older = newest_;
  block->newer = nullptr;
  block->older_in_class = class_head;
  block->newer_in_class = nullptr;
  (newest_ != nullptr ? newest_->newer : oldest_) = block;
  if (class_head != nullptr) class_head->newer_in_class = block;
  newest_ = class_head = block;
  statistics_.bytes_idle += bytes_of_class(block->size_class);
}

void BufferPool::unlink(IdleBlock* block) {
  (block->newer != nullptr ? block->newer->older : newest_) = block->older;
  (block->older != nullptr ? block->older->newer : oldest_) = block->newer;
  (block->newer_in_class != nullptr ? block->newer_in_class->older_in_class
                                    : newest_in_class_[block->size_class]) = block->older_in_class;
  if (block->older_in_class != nullptr) {
    block->older_in_class->newer_in_class = block->newer_in_class;
  }
  statistics_.bytes_idle -= bytes_of_class(block->size_class);
}

/// Unlinks the oldest blocks until at most `limit` bytes are idle: a chain by `older`, to be freed
/// without the lock.
IdleBlock* BufferPool::evict(int64_t limit) {
  IdleBlock* chain = nullptr;
  while (oldest_ != nullptr && statistics_.bytes_idle > limit) {
    IdleBlock* const block = oldest_;
    unlink(block);
    block->older = chain;
    chain = block;
  }
  return chain;
}

void free_chain(IdleBlock* chain) {
  while (chain != nullptr) {
    IdleBlock* const next = chain->older;
    system_free(reinterpret_cast<std::byte*>(chain), bytes_of_class(chain->size_class));
    chain = next;
  }
}

/// Ends with the thread.
struct ThreadBlocksEnd {
  ~ThreadBlocksEnd() { own_blocks.end(); }
};

std::byte* ThreadBlocks::take(int size_class) {
  IdleBlock* const block = newest_[size_class];
  if (block == nullptr) return nullptr;
  newest_[size_class] = block->older_in_class;
  const int64_t bytes = bytes_of_class(size_class);
  add(bytes_idle_, -bytes);
  add(reuses_, 1);
  auto* const data = reinterpret_cast<std::byte*>(block);
  mark_used(data, bytes);
  return data;
}

bool ThreadBlocks::put(std::byte* data, int size_class) noexcept {
  const int64_t bytes = bytes_of_class(size_class);
  if (state_ != State::listed && !enlist()) return false;
  if (bytes_idle() + bytes > max_thread_idle_bytes) return false;
  auto* const block = reinterpret_cast<IdleBlock*>(data);
  block->older_in_class = newest_[size_class];
  newest_[size_class] = block;
  add(bytes_idle_, bytes);
  mark_idle(data + sizeof(IdleBlock), bytes - static_cast<int64_t>(sizeof(IdleBlock)));
  return true;
}

/// False if the thread is about to end.
bool ThreadBlocks::enlist() noexcept {
  if (state_ == State::ended) return false;
  static thread_local const ThreadBlocksEnd at_end;
  static_cast<void>(at_end);
  BufferPool::service().enlist(*this);
  state_ = State::listed;
  return true;
}

void ThreadBlocks::empty() noexcept {
  for (int size_class = 0; size_class < class_limit; ++size_class) {
    while (IdleBlock* const block = newest_[size_class]) {
      newest_[size_class] = block->older_in_class;
      add(bytes_idle_, -bytes_of_class(size_class));
      BufferPool::service().give_back(reinterpret_cast<std::byte*>(block), size_class);
    }
  }
}

void ThreadBlocks::end() noexcept {
  empty();
  state_ = State::ended;
  BufferPool::service().strike_off(*this);
}

void BufferPool::enlist(ThreadBlocks& blocks) noexcept {
  const std::lock_guard lock(mutex_);
  blocks.next_ = threads_;
  if (threads_ != nullptr) threads_->previous_ = &blocks;
  threads_ = &blocks;
}

void BufferPool::strike_off(ThreadBlocks& blocks) noexcept {
  const std::lock_guard lock(mutex_);
  (blocks.previous_ != nullptr ? blocks.previous_->next_ : threads_) = blocks.next_;
  if (blocks.next_ != nullptr) blocks.next_->previous_ = blocks.previous_;
  statistics_.reuses += blocks.reuses();
}

std::byte* BufferPool::take(int size_class) {
  const int64_t bytes = bytes_of_class(size_class);
  {
    const std::lock_guard lock(mutex_);
    if (IdleBlock* const block = newest_in_class_[size_class]) {
      unlink(block);
      ++statistics_.reuses;
      statistics_.bytes_in_use += bytes;
      auto* const data = reinterpret_cast<std::byte*>(block);
      mark_used(data, bytes);
      return data;
    }
  }
  std::byte* data = system_allocate(bytes);
  if (data == nullptr) {
    own_blocks.empty();  // what is idle may be what is missing
    trim();
    data = system_allocate(bytes);
  }
  if (data == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  ++statistics_.allocations;
  statistics_.bytes_in_use += bytes;
  return data;
}

void BufferPool::give_back(std::byte* data, int size_class) noexcept {
  const int64_t bytes = bytes_of_class(size_class);
  auto* const block = reinterpret_cast<IdleBlock*>(data);
  const bool too_large = bytes > max_idle_bytes;
  IdleBlock* surplus = nullptr;
  {
    const std::lock_guard lock(mutex_);
    statistics_.bytes_in_use -= bytes;
    if (!too_large) {
      block->size_class = size_class;
      link(block);
      mark_idle(data + sizeof(IdleBlock), bytes - static_cast<int64_t>(sizeof(IdleBlock)));
      surplus = evict(max_idle_bytes);
    }
  }
  if (too_large) system_free(data, bytes);
  free_chain(surplus);
}

void BufferPool::trim() noexcept {
  IdleBlock* chain = nullptr;
  {
    const std::lock_guard lock(mutex_);
    chain = evict(0);
  }
  free_chain(chain);
}

PoolStatistics BufferPool::statistics() {
  const std::lock_guard lock(mutex_);
  PoolStatistics result = statistics_;
  for (const ThreadBlocks* blocks = threads_; blocks != nullptr; blocks = blocks->next_) {
    result.reuses += blocks->reuses();
    result.bytes_in_use -= blocks->bytes_idle();
    result.bytes_idle += blocks->bytes_idle();
  }
  return result;
}

}  // namespace

int64_t block_bytes(int64_t bytes) {
  const int size_class = class_of(bytes);
  return size_class < 0 ? -1 : bytes_of_class(size_class);
}

Buffer::Buffer(int64_t bytes) : size_(bytes) {
  const int size_class = bytes < 0 ? -1 : class_of(bytes);
  if (ThreadBlocks::serves(size_class)) data_ = own_blocks.take(size_class);
  if (data_ == nullptr && size_class >= 0) data_ = BufferPool::service().take(size_class);
  if (data_ == nullptr) throw SystemError(fmt::format("buffer: cannot allocate {} bytes.", bytes));
}

void Buffer::release() noexcept {
  if (data_ == nullptr) return;
  const int size_class = class_of(size_);
  if (ThreadBlocks::serves(size_class) && own_blocks.put(data_, size_class)) return;
  BufferPool::service().give_back(data_, size_class);
}

PoolStatistics pool_statistics() { return BufferPool::service().statistics(); }

void trim() {
  own_blocks.empty();
  BufferPool::service().trim();
}

}  // namespace onepass::runtime
