// The tensors of an optimizer step.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "buffer.h"

namespace ternion {

/// Parameters that one call updates, each with its gradient and moments. Holds buffers by address: whoever adds them keeps
/// them until the list is cleared or dead.
class UpdateList {
 public:
  struct Entry {
    Buffer *p, *m, *v;
    const Buffer* grad;
    int64_t n, slot;
    double decay;
    Buffer* sums;
    double clip;
  };

  /// p, grad, m, v REAL [n]. slot: the parameter's place among norms, rates and counts. decay: its weight decay.
  void add(Buffer& p, const Buffer& grad, Buffer& m, Buffer& v, int64_t n, int64_t slot, double decay) {
    add(p, grad, m, v, n, slot, decay, nullptr, 0);
  }

  /// An update also writes sums F64 [ceil(n / 16384)]: of |clamp(p, -clip, clip)| after it over 16384 elements each, what the
  /// weight quantizers begin with.
  void add_with_sums(Buffer& p, const Buffer& grad, Buffer& m, Buffer& v, int64_t n, int64_t slot, double decay, Buffer& sums, double clip) {
    add(p, grad, m, v, n, slot, decay, &sums, clip);
  }

  /// Forgets all.
  void clear() { entries_.clear(); }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void add(Buffer& p, const Buffer& grad, Buffer& m, Buffer& v, int64_t n, int64_t slot, double decay, Buffer* sums, double clip) {
    if (n < 0) throw std::invalid_argument("[UpdateList] n = " + std::to_string(n) + ", wanted 0 or more");
    if (slot < 0) throw std::invalid_argument("[UpdateList] slot " + std::to_string(slot) + " is negative");
    entries_.push_back({&p, &m, &v, &grad, n, slot, decay, sums, clip});
  }

  std::vector<Entry> entries_;
};

}  // namespace ternion
