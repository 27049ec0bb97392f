// SPDX-License-Identifier: Apache-2.0
// Blocks of points on threads; within a block, chunks: a chunk is looked at element by element only
// if it may change the worst error or holds a doubtful reference.
#include "prove.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <thread>

#include "estimate.h"
#include "verdict.h"

namespace onepass::prove {
namespace {

constexpr int64_t block_size = 1 << 14;
constexpr int64_t chunk_size = 256;

/// The arguments and results of one block.
template <class T>
struct Block {
  explicit Block(size_t contenders) : hosts(contenders, std::vector<T>(block_size)) {
    for (auto& operand : operands) operand.resize(block_size);
  }
  uint64_t first = 0;
  int64_t count = 0;
  std::array<std::vector<T>, 3> operands;
  std::vector<WideOf<T>> references = std::vector<WideOf<T>>(block_size);
  std::vector<std::vector<T>> hosts;  // by contender
  std::vector<T> jit = std::vector<T>(block_size);

  Finding<T> at(int64_t i) const {
    const auto place = static_cast<size_t>(i);
    return {first + static_cast<uint64_t>(i),
            {operands[0][place], operands[1][place], operands[2][place]}};
  }
};

template <class T>
void consider_worst(Proof<T>& proof, double ulps, const Finding<T>& at) {
  const bool is_first = ulps == proof.worst && at.point < proof.worst_at.point;
  if (ulps < proof.worst || ulps == 0 || (ulps == proof.worst && !is_first)) return;
  proof.worst = ulps;
  proof.worst_at = at;
}

template <class T>
void merge(Proof<T>& into, const Proof<T>& from) {
  consider_worst(into, from.worst, from.worst_at);
  const bool is_first = into.differing == 0 || from.differing_at.point < into.differing_at.point;
  if (from.differing > 0 && is_first) into.differing_at = from.differing_at;
  into.wrong += from.wrong;
  into.differing += from.differing;
  into.reference_error = std::max(into.reference_error, from.reference_error);
}

/// Proves one block after another on one thread.
template <class T>
class Worker {
 public:
  Worker(const Reference<T>& reference, const Points<T>& points,
         std::span<const Contender<T>> contenders)
      : proofs(contenders.size()),
        reference_(reference),
        points_(points),
        contenders_(contenders),
        block_(contenders.size()) {}

  void prove_block(uint64_t first, int64_t count);

  std::vector<Proof<T>> proofs;

 private:
  void compute(uint64_t first, int64_t count);
  void validate_reference();
  void compare_emitters(size_t contender);
  Proof<T> measure(const std::vector<T>& results, double known_worst) const;
  void measure_chunk(const T* results, int64_t begin, int64_t end, double known_worst,
                     Proof<T>& proof) const;
  void decide(T result, int64_t i, Proof<T>& proof) const;

  const Reference<T>& reference_;
  const Points<T>& points_;
  const std::span<const Contender<T>> contenders_;
  Block<T> block_;
};

template <class T>
void Worker<T>::prove_block(uint64_t first, int64_t count) {
  compute(first, count);
  validate_reference();
  const size_t bytes = static_cast<size_t>(count) * sizeof(T);
  double known_worst = HUGE_VAL;
  for (const Proof<T>& proof : proofs) known_worst = std::min(known_worst, proof.worst);
  std::vector<Proof<T>> found(contenders_.size());
  for (size_t c = 0; c < contenders_.size(); ++c) {
    const bool as_first =
        c > 0 && std::memcmp(block_.hosts[c].data(), block_.hosts[0].data(), bytes) == 0;
    found[c] = as_first ? found[0] : measure(block_.hosts[c], known_worst);
  }
  for (size_t c = 0; c < contenders_.size(); ++c) {
    merge(proofs[c], found[c]);
    compare_emitters(c);
  }
}

template <class T>
void Worker<T>::compute(uint64_t first, int64_t count) {
  block_.first = first;
  block_.count = count;
  T* const operands[] = {block_.operands[0].data(), block_.operands[1].data(),
                         block_.operands[2].data()};
  points_.fill(first, count, operands);
  reference_.wide(operands, block_.references.data(), count);
  for (size_t c = 0; c < contenders_.size(); ++c) {
    contenders_[c].host(operands, block_.hosts[c].data(), count);
  }
}

template <class T>
void Worker<T>::validate_reference() {
  const auto i =
      static_cast<int64_t>(scrambled(block_.first) % static_cast<uint64_t>(block_.count));
  const ir::Precise truth = reference_.precise(block_.at(i).arguments.data());
  const double error = reference_error<T>(block_.references[static_cast<size_t>(i)], truth);
  proofs[0].reference_error = std::max(proofs[0].reference_error, error);
}

template <class T>
void Worker<T>::compare_emitters(size_t contender) {
  const T* const operands[] = {block_.operands[0].data(), block_.operands[1].data(),
                               block_.operands[2].data()};
  const std::vector<T>& host = block_.hosts[contender];
  contenders_[contender].jit(operands, block_.jit.data(), block_.count);
  const size_t bytes = static_cast<size_t>(block_.count) * sizeof(T);
  if (std::memcmp(host.data(), block_.jit.data(), bytes) == 0) return;
  Proof<T> found;
  for (int64_t i = 0; i < block_.count; ++i) {
    const T one = host[static_cast<size_t>(i)], other = block_.jit[static_cast<size_t>(i)];
    if (std::memcmp(&one, &other, sizeof one) == 0 || (std::isnan(one) && std::isnan(other)))
      continue;
    if (found.differing++ == 0) found.differing_at = block_.at(i);
  }
  merge(proofs[contender], found);
}

template <class T>
Proof<T> Worker<T>::measure(const std::vector<T>& results, double known_worst) const {
  Proof<T> proof;
  for (int64_t begin = 0; begin < block_.count; begin += chunk_size) {
    const int64_t end = std::min(begin + chunk_size, block_.count);
    const Scan found = scan(results.data() + begin, block_.references.data() + begin, end - begin);
    const double threshold = std::max(known_worst, proof.worst) - 2 * Grid<T>::doubt;
    if (found.doubtful || (found.worst > 0 && found.worst > threshold)) {
      measure_chunk(results.data(), begin, end, known_worst, proof);
    } else {
      proof.wrong += static_cast<uint64_t>(found.wrong);
    }
  }
  return proof;
}

/// The largest estimate is decided first: few others then come near it.
template <class T>
void Worker<T>::measure_chunk(const T* results, int64_t begin, int64_t end, double known_worst,
                              Proof<T>& proof) const {
  std::array<Estimate, chunk_size> estimates;
  int64_t largest = begin;
  const auto of = [&](int64_t i) -> Estimate& { return estimates[static_cast<size_t>(i - begin)]; };
  for (int64_t i = begin; i < end; ++i) {
    of(i) = estimate(results[i], block_.references[static_cast<size_t>(i)]);
    if (of(i).ulps > of(largest).ulps) largest = i;
  }
  const auto is_candidate = [&](double ulps) {
    const double worst = std::max(known_worst, proof.worst);
    return ulps > 0 && (ulps > worst - 2 * Grid<T>::doubt || (ulps == worst && ulps < HUGE_VAL));
  };
  if (is_candidate(of(largest).ulps)) {
    decide(results[largest], largest, proof);
  } else {
    largest = end;
  }
  for (int64_t i = begin; i < end; ++i) {
    if (i == largest) continue;
    if (of(i).doubtful || is_candidate(of(i).ulps)) {
      decide(results[i], i, proof);
    } else {
      proof.wrong += static_cast<uint64_t>(of(i).wrong);
    }
  }
}

template <class T>
void Worker<T>::decide(T result, int64_t i, Proof<T>& proof) const {
  const Finding<T> at = block_.at(i);
  const ir::Precise truth = reference_.precise(at.arguments.data());
  const Verdict verdict = judge(result, truth);
  proof.wrong += verdict.nearest ? 0 : 1;
  consider_worst(proof, verdict.ulps, at);
  const double error = reference_error<T>(block_.references[static_cast<size_t>(i)], truth);
  proof.reference_error = std::max(proof.reference_error, error);
}

/// Blocks in an order without pattern: the worst error is soon known nearly, and few come near it
/// afterwards. An odd factor permutes a power of two; places beyond the end are skipped.
class BlockOrder {
 public:
  explicit BlockOrder(uint64_t blocks) : blocks_(blocks) {
    while (places_ < blocks) places_ *= 2;
  }
  /// False once all blocks are taken.
  bool take(uint64_t& block) {
    constexpr uint64_t odd = 0x9e3779b97f4a7c15;
    for (uint64_t place = next_++; place < places_; place = next_++) {
      block = place * odd % places_;
      if (block < blocks_) return true;
    }
    return false;
  }
  void stop() { next_ = places_; }

 private:
  uint64_t blocks_;
  uint64_t places_ = 1;
  std::atomic<uint64_t> next_ = 0;
};

}  // namespace

template <class T>
std::vector<Proof<T>> prove(const Reference<T>& reference, const Points<T>& points,
                            std::span<const Contender<T>> contenders, int threads,
                            Progress& progress) {
  // An MPFR without thread-local state serves one thread.
  if (mpfr_buildopt_tls_p() == 0) threads = 1;
  const uint64_t count = points.count();
  BlockOrder order((count + block_size - 1) / block_size);
  std::vector<Worker<T>> workers(static_cast<size_t>(threads),
                                 Worker<T>(reference, points, contenders));
  std::vector<std::exception_ptr> failures(workers.size());
  const auto work = [&](size_t w) {
    try {
      for (uint64_t block = 0; order.take(block);) {
        const uint64_t first = block * block_size;
        const auto size = static_cast<int64_t>(std::min<uint64_t>(block_size, count - first));
        workers[w].prove_block(first, size);
        progress.advance(static_cast<uint64_t>(size));
      }
    } catch (...) {
      failures[w] = std::current_exception();
      order.stop();
    }
  };
  {
    std::vector<std::jthread> others;
    for (size_t w = 1; w < workers.size(); ++w) others.emplace_back(work, w);
    work(0);
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  std::vector<Proof<T>> proofs(contenders.size());
  for (const Worker<T>& worker : workers) {
    for (size_t c = 0; c < proofs.size(); ++c) merge(proofs[c], worker.proofs[c]);
  }
  return proofs;
}

template std::vector<Proof<float>> prove(const Reference<float>&, const Points<float>&,
                                         std::span<const Contender<float>>, int, Progress&);
template std::vector<Proof<double>> prove(const Reference<double>&, const Points<double>&,
                                          std::span<const Contender<double>>, int, Progress&);

}  // namespace onepass::prove
