// SPDX-License-Identifier: Apache-2.0
// The scratch memory of each thread.
#include "onepass/runtime/scratch.h"

namespace onepass::runtime {
namespace {

struct KeptScratch {
  Buffer buffer;
  bool borrowed = false;
};

thread_local KeptScratch kept;

}  // namespace

void ThreadScratch::borrow(int64_t bytes) {
  if (kept.borrowed || bytes > thread_scratch_bytes) {
    own_ = Buffer(bytes);
    data_ = own_.data();
    return;
  }
  if (kept.buffer.size() < bytes) {
    kept.buffer = Buffer();
    kept.buffer = Buffer(bytes);
  }
  data_ = kept.buffer.data();
  kept.borrowed = borrowed_ = true;
}

void ThreadScratch::give_back() { kept.borrowed = false; }

}  // namespace onepass::runtime
