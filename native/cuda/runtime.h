// What the CUDA backend needs of a device besides kernels: memory aligned to 256 bytes, transfers, order. Two forms: runtime.cu calls the CUDA
// runtime, native/emulation/runtime.cpp is plain host memory.
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "ternion/memory_pool.h"

namespace ternion {

class DenseLibrary;

/// Noted work of a runtime.
class RuntimeGraph {
 public:
  virtual ~RuntimeGraph() = default;
};

/// Host memory that copies from the device can go to without anyone waiting, and when the last one is there.
class Landing {
 public:
  virtual ~Landing() = default;
  virtual void* memory() = 0;

  /// Waits for the copies so far. Throws when a kernel before them has failed.
  virtual void wait() = 0;
};

class Runtime : public MemorySource {
 public:
  /// For example "cuda NVIDIA H100, compute capability 9.0, 81559 MiB, driver for CUDA 13.0".
  virtual std::string description() = 0;

  /// Compute capability times 10, for example 90: which kernels suit. 89 for 9.0 in a build without sm_90a.
  virtual int compute_capability() = 0;

  /// Takes the bytes at once; they arrive in order with the kernels.
  virtual void to_device(void* device, const void* host, size_t bytes) = 0;

  /// Waits for all work, then copies. Throws when a kernel has failed.
  virtual void to_host(void* host, const void* device, size_t bytes) = 0;

  /// Memory for `land`.
  virtual std::unique_ptr<Landing> landing(size_t bytes) = 0;

  /// Starts a copy of device memory to `offset` of a landing, in order with the kernels.
  virtual void land(Landing& landing, size_t offset, const void* device, size_t bytes) = 0;

  /// In order with the kernels.
  virtual void copy(void* to, const void* from, size_t bytes) = 0;

  /// Notes kernels and copies instead of starting them, until end_recording. Transfers with the host throw meanwhile. False
  /// when nothing shall be recorded, because someone looks for a fault.
  virtual bool begin_recording() = 0;
  virtual std::unique_ptr<RuntimeGraph> end_recording() = 0;

  /// Ends it without a graph, also when what was noted cannot become one.
  virtual void abandon_recording() = 0;
  virtual void replay(RuntimeGraph& graph) = 0;

  /// The stream that kernels run on.
  virtual void* stream() = 0;

  /// The library that computes dense products; nullptr where the backend's own kernel does.
  virtual DenseLibrary* dense() = 0;
};

/// Opens a device: its number in digits; for the emulation "", "smNN" for another compute capability than 8.0, or the name of a
/// kernel that shall fail. Throws
/// std::invalid_argument that says what is missing.
Runtime* open_runtime(const std::string& which);

}  // namespace ternion
