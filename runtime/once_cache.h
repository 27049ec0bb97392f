// SPDX-License-Identifier: Apache-2.0
// A bounded map from key bytes to shared immutable values, each made once however many threads ask.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace onepass::runtime {

struct CacheStatistics {
  int64_t hits = 0;
  int64_t misses = 0;  // calls of make
  int64_t entries = 0;
};

/// Keys are compared in full. When there are more than `capacity` values, the least recently used
/// ones go; whoever holds one keeps it.
class OnceCache {
 public:
  using Value = std::shared_ptr<const void>;

  explicit OnceCache(size_t capacity) : capacity_(capacity) {}
  OnceCache(const OnceCache&) = delete;
  OnceCache& operator=(const OnceCache&) = delete;

  /// The value of `key`; if there is none, make()'s. Others who ask meanwhile wait for it. If make
  /// throws, all of them get the exception and the key stays absent. make must not ask for its own
  /// key; it may ask for others.
  Value get(const std::string& key, const std::function<Value()>& make);

  /// The value of `key` if it is there and finished.
  Value find(const std::string& key);

  CacheStatistics statistics() const;
  void clear();

  /// Around fork: the child must not wait for a value that a thread of its parent was making.
  void before_fork() { mutex_.lock(); }
  void after_fork_in_parent() { mutex_.unlock(); }
  void after_fork_in_child();

 private:
  struct Entry {
    Value value;  // null while it is being made
    std::exception_ptr error;
    std::list<const std::string*>::iterator age;  // valid once finished
  };
  using Entries = std::unordered_map<std::string, std::shared_ptr<Entry>>;

  Value wait_for(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Entry>& entry);
  Value make_entry(std::unique_lock<std::mutex>& lock, const std::string& key,
                   const std::function<Value()>& make);

  const size_t capacity_;
  mutable std::mutex mutex_;
  std::unique_ptr<std::condition_variable> finished_ = std::make_unique<std::condition_variable>();
  Entries entries_;
  std::list<const std::string*> by_age_;  // finished entries, most recently used first
  CacheStatistics statistics_;
};

/// An OnceCache whose values are all of one type.
template <class T>
class TypedCache {
 public:
  explicit TypedCache(size_t capacity) : cache_(capacity) {}

  template <class Make>
  std::shared_ptr<const T> get(const std::string& key, Make&& make) {
    return std::static_pointer_cast<const T>(
        cache_.get(key, [&]() -> OnceCache::Value { return std::shared_ptr<const T>(make()); }));
  }
  std::shared_ptr<const T> find(const std::string& key) {
    return std::static_pointer_cast<const T>(cache_.find(key));
  }
  CacheStatistics statistics() const { return cache_.statistics(); }
  void clear() { cache_.clear(); }
  OnceCache& untyped() { return cache_; }

 private:
  OnceCache cache_;
};

}  // namespace onepass::runtime
