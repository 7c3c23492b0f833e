// The shared memory of the running block and the check for races on it. Test code only.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "shared_memory.h"

namespace ternion {
namespace emulation {

/// Who touched an element, and when: barriers passed by the block and warp operations passed by the warp.
struct Access {
  static constexpr int kNone = -1, kSeveral = -2;
  int thread = kNone, warp = kNone;
  int64_t epoch = -1, warp_epoch = -1;
};

struct SharedStore {
  int64_t elements;
  size_t element_bytes;
  std::vector<char> bytes;
  std::vector<Access> reads, writes;
};

class BlockState {
 public:
  /// A new block: nothing declared yet.
  void begin();

  /// A barrier was passed: what came before it is ordered before what comes after.
  void next_epoch() { ++epoch_; }

  SharedStore* store(const char* key, int64_t elements, size_t element_bytes);
  void* access(SharedStore* store, int64_t i, bool writes, int thread, int warp, int64_t warp_epoch);

 private:
  bool ordered(const Access& before, int thread, int warp, int64_t warp_epoch) const;

  std::map<const char*, std::unique_ptr<SharedStore>> stores_;
  int64_t epoch_ = 0;
};

}  // namespace emulation
}  // namespace ternion
