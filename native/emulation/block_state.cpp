#include "block_state.h"

#include <stdexcept>
#include <string>

#include "grid.h"

namespace ternion {
namespace emulation {

void BlockState::begin() {
  stores_.clear();
  epoch_ = 0;
}

SharedStore* BlockState::store(const char* key, int64_t elements, size_t element_bytes) {
  auto& entry = stores_[key];
  if (!entry) {
    const size_t n = static_cast<size_t>(elements);
    entry.reset(new SharedStore{elements, element_bytes, std::vector<char>(n * element_bytes, '\xff'), std::vector<Access>(n),
                                std::vector<Access>(n)});
  }
  if (entry->elements != elements || entry->element_bytes != element_bytes)
    throw std::runtime_error("shared memory is declared with different sizes by threads of one block");
  return entry.get();
}

/// Whether an earlier access happens before one of this thread now.
bool BlockState::ordered(const Access& before, int thread, int warp, int64_t warp_epoch) const {
  return before.epoch < epoch_ || before.thread == thread || (before.warp == warp && before.warp_epoch < warp_epoch);
}

void* BlockState::access(SharedStore* store, int64_t i, bool writes, int thread, int warp, int64_t warp_epoch) {
  if (i < 0 || i >= store->elements) illegal_access("shared", i, store->elements);
  const size_t at = static_cast<size_t>(i);
  Access &read = store->reads[at], &write = store->writes[at];
  const bool race = !ordered(write, thread, warp, warp_epoch) || (writes && !ordered(read, thread, warp, warp_epoch));
  if (race) {
    const int other = !ordered(write, thread, warp, warp_epoch) ? write.thread : read.thread;
    throw std::runtime_error("race on element " + std::to_string(i) + " of shared memory between thread " +
                             std::to_string(thread) + (other == Access::kSeveral ? " and several others" : " and thread " + std::to_string(other)) +
                             ": no barrier between a write and another access");
  }
  if (writes) {
    write = {thread, warp, epoch_, warp_epoch};
  } else if (ordered(read, thread, warp, warp_epoch)) {
    read = {thread, warp, epoch_, warp_epoch};  // what is ordered after this read is ordered after the earlier ones
  } else {
    if (read.thread != thread) read.thread = Access::kSeveral;
    if (read.warp != warp) read.warp = Access::kSeveral;
    if (warp_epoch > read.warp_epoch || read.warp == Access::kSeveral) read.warp_epoch = warp_epoch;
  }
  return store->bytes.data() + at * store->element_bytes;
}

}  // namespace emulation
}  // namespace ternion
