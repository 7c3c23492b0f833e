// The copies to the host that a backend has started and nobody has finished.
#pragma once
#include <map>
#include <memory>
#include <stdexcept>

#include "buffer.h"

namespace ternion {

class Readbacks {
 public:
  /// Keeps it until `take`, or as long as the backend.
  Readback* add(std::unique_ptr<Readback> readback) {
    Readback* key = readback.get();
    pending_[key] = std::move(readback);
    return key;
  }

  /// What `add` returned, handed over; throws when it is not there.
  std::unique_ptr<Readback> take(Readback* key) {
    auto found = pending_.extract(key);
    if (!found) throw std::invalid_argument("[finish_read_f64] not a read of this backend, or finished before");
    return std::move(found.mapped());
  }

 private:
  std::map<Readback*, std::unique_ptr<Readback>> pending_;
};

}  // namespace ternion
