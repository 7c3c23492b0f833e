// The largest magnitude of a result, kept by the operation that makes it for the quantizer that reads it next.
#pragma once
#include "cpu_backend.h"
#include "reduce.h"

namespace ternion {
namespace TERNION_NS {

/// Element `slot` of `tops`. None when null, and none in double, whose magnitudes need 64 bits.
class Top {
 public:
  Top(const Buffer* tops, int64_t slot, const char* what) {
    if (!tops) return;
    if (slot < 0) throw std::invalid_argument(std::string("[") + what + "] slot " + std::to_string(slot) + " is negative");
    int32_t* all = ints(*tops, slot + 1, what);
    if (sizeof(real) == sizeof(int32_t)) bits_ = reinterpret_cast<uint32_t*>(all + slot);
  }

  explicit operator bool() const { return bits_ != nullptr; }

  /// Raises it to the largest |y[i]|, i in [begin, end). Threads may do so at the same time.
  void raise(const real* y, int64_t begin, int64_t end) const {
    if (!bits_) return;
    const real top = magnitude_max(y, begin, end);
    uint32_t mine, old = __atomic_load_n(bits_, __ATOMIC_RELAXED);
    std::memcpy(&mine, &top, sizeof mine);
    while (mine > old && !__atomic_compare_exchange_n(bits_, &old, mine, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
  }

  real value() const {
    real top = 0;
    std::memcpy(&top, bits_, sizeof *bits_);
    return top;
  }

 private:
  uint32_t* bits_ = nullptr;
};

}  // namespace TERNION_NS
}  // namespace ternion
