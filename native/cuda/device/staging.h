// Page-locked host memory through which writes to a device go, so that nobody waits for them, and to which reads land.
#pragma once
#include <cuda_runtime.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "runtime.h"

namespace ternion {

inline void check_cuda(cudaError_t error, const char* what) {
  if (error != cudaSuccess) throw std::runtime_error(std::string("[cuda] ") + what + ": " + cudaGetErrorString(error));
}

struct FreeHostMemory {
  void operator()(char* memory) const { cudaFreeHost(memory); }
};
struct EndEvent {
  void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
};
using HostMemory = std::unique_ptr<char, FreeHostMemory>;
using Event = std::unique_ptr<CUevent_st, EndEvent>;

inline HostMemory host_memory(size_t bytes) {
  void* memory = nullptr;
  check_cuda(cudaMallocHost(&memory, bytes), "cudaMallocHost");
  return HostMemory(static_cast<char*>(memory));
}

inline Event new_event() {
  cudaEvent_t event = nullptr;
  check_cuda(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreate");
  return Event(event);
}

/// Two halves in turn: while one is filled, the copies from the other run. A half is filled again when they are done.
class Staging {
 public:
  static constexpr size_t kHalf = size_t{1} << 20;

  Staging() : memory_(host_memory(2 * kHalf)) {
    for (Event& event : done_) event = new_event();
  }

  /// Copies `bytes`, at most kHalf, to device memory in order with the stream.
  void copy(void* device, const void* host, size_t bytes, cudaStream_t stream) {
    if (used_ + bytes > kHalf) turn(stream);
    char* place = memory_.get() + half_ * kHalf + used_;
    std::memcpy(place, host, bytes);
    check_cuda(cudaMemcpyAsync(device, place, bytes, cudaMemcpyHostToDevice, stream), "copy to the device");
    used_ += (bytes + 15) / 16 * 16;
  }

 private:
  void turn(cudaStream_t stream) {
    check_cuda(cudaEventRecord(done_[half_].get(), stream), "cudaEventRecord");
    half_ = 1 - half_;
    check_cuda(cudaEventSynchronize(done_[half_].get()), "wait for copies to the device");
    used_ = 0;
  }

  HostMemory memory_;
  Event done_[2];
  size_t half_ = 0, used_ = 0;
};

/// See Landing. `check` is told what the wait gave, which is where faults of kernels show.
class CudaLanding final : public Landing {
 public:
  CudaLanding(size_t bytes, void (*check)(cudaError_t)) : memory_(host_memory(bytes)), done_(new_event()), check_(check) {}
  void* memory() override { return memory_.get(); }
  void wait() override { check_(cudaEventSynchronize(done_.get())); }

  void land(size_t offset, const void* device, size_t bytes, cudaStream_t stream) {
    check_cuda(cudaMemcpyAsync(memory_.get() + offset, device, bytes, cudaMemcpyDeviceToHost, stream), "copy to the host");
    check_cuda(cudaEventRecord(done_.get(), stream), "cudaEventRecord");
  }

 private:
  HostMemory memory_;
  Event done_;
  void (*check_)(cudaError_t);
};

}  // namespace ternion
