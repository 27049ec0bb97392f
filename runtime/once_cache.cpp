// SPDX-License-Identifier: Apache-2.0
// The cache's bookkeeping: one lock, held for map operations only, never while a value is made or
// destroyed.
#include "onepass/runtime/once_cache.h"

#include <utility>
#include <vector>

#include "onepass/runtime/error.h"

namespace onepass::runtime {

OnceCache::Value OnceCache::get(const std::string& key, const std::function<Value()>& make) {
  std::unique_lock lock(mutex_);
  const auto place = entries_.find(key);
  if (place == entries_.end()) return make_entry(lock, key, make);
  ++statistics_.hits;
  const std::shared_ptr<Entry> entry = place->second;
  if (entry->value == nullptr) return wait_for(lock, entry);
  by_age_.splice(by_age_.begin(), by_age_, entry->age);
  return entry->value;
}

OnceCache::Value OnceCache::wait_for(std::unique_lock<std::mutex>& lock,
                                     const std::shared_ptr<Entry>& entry) {
  finished_->wait(lock, [&] { return entry->value != nullptr || entry->error != nullptr; });
  if (entry->error != nullptr) std::rethrow_exception(entry->error);
  return entry->value;
}

OnceCache::Value OnceCache::make_entry(std::unique_lock<std::mutex>& lock, const std::string& key,
                                       const std::function<Value()>& make) {
  ++statistics_.misses;
  const auto entry = std::make_shared<Entry>();
  entries_.emplace(key, entry);
  lock.unlock();
  Value value;
  std::exception_ptr error;
  try {
    value = make();
    internal_check(value != nullptr, "cache: make gave no value");
  } catch (...) {
    error = std::current_exception();
  }
  std::vector<std::shared_ptr<Entry>> evicted;  // destroyed after the lock is released
  lock.lock();
  const auto place = entries_.find(key);
  // clear() may have taken the entry out meanwhile; those who wait hold it.
  const bool present = place != entries_.end() && place->second == entry;
  entry->error = error;
  entry->value = value;
  if (present && error != nullptr) entries_.erase(place);
  if (present && error == nullptr) {
    by_age_.push_front(&place->first);
    entry->age = by_age_.begin();
    while (by_age_.size() > capacity_) {
      const auto oldest = entries_.find(*by_age_.back());
      by_age_.pop_back();
      evicted.push_back(oldest->second);
      entries_.erase(oldest);
    }
  }
  finished_->notify_all();
  lock.unlock();
  if (error != nullptr) std::rethrow_exception(error);
  return value;
}

OnceCache::Value OnceCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto place = entries_.find(key);
  if (place == entries_.end() || place->second->value == nullptr) return nullptr;
  ++statistics_.hits;
  by_age_.splice(by_age_.begin(), by_age_, place->second->age);
  return place->second->value;
}

CacheStatistics OnceCache::statistics() const {
  const std::lock_guard lock(mutex_);
  CacheStatistics result = statistics_;
  result.entries = static_cast<int64_t>(by_age_.size());
  return result;
}

void OnceCache::clear() {
  Entries removed;
  const std::lock_guard lock(mutex_);  // released before the values are destroyed
  by_age_.clear();
  removed.swap(entries_);
}

void OnceCache::after_fork_in_child() {
  // The threads that waited do not exist here; a condition variable that still counts them must not
  // be used again, and its destructor would wait for them.
  static_cast<void>(finished_.release());
  finished_ = std::make_unique<std::condition_variable>();
  for (auto place = entries_.begin(); place != entries_.end();) {
    place = place->second->value == nullptr ? entries_.erase(place) : std::next(place);
  }
  mutex_.unlock();
}

}  // namespace onepass::runtime
