// Conditions that only a kernel can see, as an id outside its table. The kernel skips the element and records the fault in
// device memory; the next read to the host, which waits for the device anyway, throws it. [backend.h read_*]
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

#include "language.h"
#include "runtime.h"

namespace ternion {

enum class FaultKind : int32_t { kNone, kGatherId, kScatterId, kLabel };

struct FaultRecord {
  int32_t kind;      ///< a FaultKind
  int32_t value;     ///< the id or label
  int64_t position;  ///< where it stands
  int64_t limit;     ///< values 0 .. limit - 1 are right
};

/// Keeps the first fault since the last report. To be deterministic a launch calls this for its lowest position only.
__device__ __forceinline__ void record_fault(Global<FaultRecord> fault, FaultKind kind, int32_t value, int64_t position,
                                             int64_t limit) {
  const int32_t none = static_cast<int32_t>(FaultKind::kNone);
  if (atomicCAS(&fault[0].kind, none, static_cast<int32_t>(kind)) != none) return;
  fault[0].value = value;
  fault[0].position = position;
  fault[0].limit = limit;
}

/// The record of a backend, in memory outside its budget.
class DeviceFault {
 public:
  explicit DeviceFault(Runtime& runtime) : runtime_(runtime), memory_(runtime.allocate(sizeof(FaultRecord))) {
    if (!memory_) throw std::runtime_error("[device] the device has no memory left: use another device");
    clear();
  }
  ~DeviceFault() { runtime_.free(memory_); }
  DeviceFault(const DeviceFault&) = delete;
  DeviceFault& operator=(const DeviceFault&) = delete;

  /// For kernels.
  Global<FaultRecord> record() const { return Global<FaultRecord>(static_cast<FaultRecord*>(memory_), 1); }

  /// Waits for all work; throws the recorded fault, if any, and forgets it.
  void report() {
    FaultRecord fault;
    runtime_.to_host(&fault, memory_, sizeof fault);
    report(fault);
  }

  /// Where the record of the operations so far can be found later, for `report`.
  void land(Landing& landing, size_t offset) { runtime_.land(landing, offset, memory_, sizeof(FaultRecord)); }

  /// Throws the fault of a record that has landed, if any, and forgets it.
  void report(const FaultRecord& fault) {
    if (fault.kind == static_cast<int32_t>(FaultKind::kNone)) return;
    clear();
    throw std::invalid_argument(text(fault));
  }

 private:
  void clear() {
    const FaultRecord none{};
    runtime_.to_device(memory_, &none, sizeof none);
  }

  static std::string text(const FaultRecord& fault) {
    const std::string value = std::to_string(fault.value), position = std::to_string(fault.position);
    if (fault.kind == static_cast<int32_t>(FaultKind::kLabel))
      return "[cross_entropy] label " + value + " in row " + position + " is outside 0 .. " + std::to_string(fault.limit - 1);
    const char* operation = fault.kind == static_cast<int32_t>(FaultKind::kGatherId) ? "[gather_rows]" : "[scatter_rows]";
    return operation + (" id " + value) + " at position " + position + " is outside a table of " + std::to_string(fault.limit) +
           " rows";
  }

  Runtime& runtime_;
  void* memory_;
};

}  // namespace ternion
