// The shared memory of the running block and the check for races on it. Test code only.
#pragma once
#include <unordered_map>
#include <vector>

#include "grid.h"
#include "shared_memory.h"

namespace ternion {
namespace emulation {

/// Who touched an element, and when: barriers passed by the block and warp operations passed by the warp.
struct Access {
  static constexpr int kNone = -1, kSeveral = -2;
  int thread = kNone, warp = kNone;
  int64_t epoch = -1, warp_epoch = -1;
};

/// Kept from block to block: filling its record anew for each would cost more than most kernels.
struct SharedStore {
  int64_t block = -1;  ///< the last one that has declared it
  int64_t elements = 0;
  size_t element_bytes = 0;
  std::vector<char> bytes;
  std::vector<Access> reads, writes;
};

class BlockState {
 public:
  /// A new block: nothing declared yet, and all that blocks before did is ordered before it.
  void begin() {
    ++block_;
    ++epoch_;
  }

  /// A barrier was passed: what came before it is ordered before what comes after.
  void next_epoch() { ++epoch_; }

  SharedStore* store(const char* key, int64_t elements, size_t element_bytes);

  /// In the header, for it is most of what the emulation does.
  void* access(SharedStore* store, int64_t i, bool writes, int thread, int warp, int64_t warp_epoch) {
    if (i < 0 || i >= store->elements) illegal_access("shared", i, store->elements);
    const size_t at = static_cast<size_t>(i);
    Access &read = store->reads[at], &write = store->writes[at];
    if (!ordered(write, thread, warp, warp_epoch)) race(i, thread, write.thread);
    const bool read_before = ordered(read, thread, warp, warp_epoch);
    if (writes) {
      if (!read_before) race(i, thread, read.thread);
      write = {thread, warp, epoch_, warp_epoch};
    } else if (read_before) {
      read = {thread, warp, epoch_, warp_epoch};  // what is ordered after this read is ordered after the earlier ones
    } else {
      if (read.thread != thread) read.thread = Access::kSeveral;
      if (read.warp != warp) read.warp = Access::kSeveral;
      if (warp_epoch > read.warp_epoch || read.warp == Access::kSeveral) read.warp_epoch = warp_epoch;
    }
    return store->bytes.data() + at * store->element_bytes;
  }

 private:
  /// Whether an earlier access happens before one of this thread now.
  bool ordered(const Access& before, int thread, int warp, int64_t warp_epoch) const {
    return before.epoch < epoch_ || before.thread == thread || (before.warp == warp && before.warp_epoch < warp_epoch);
  }
  [[noreturn]] static void race(int64_t element, int thread, int other);

  std::unordered_map<const char*, SharedStore> stores_;
  int64_t block_ = 0;
  int64_t epoch_ = 0;
};

}  // namespace emulation
}  // namespace ternion
