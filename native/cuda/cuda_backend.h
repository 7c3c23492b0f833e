// The CUDA backend: kernels of this folder on one stream of one device. Compiled by nvcc for a device and, by the
// emulation, for the CPU. Forward results of the quantized student are the CPU backend's bytes: each kernel repeats the
// formula and the order of reduction of the file of its name in native/cpu.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "device_fault.h"
#include "language.h"
#include "runtime.h"
#include "ternion/backend.h"
#include "ternion/memory_pool.h"
#include "ternion/readbacks.h"

namespace ternion {

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(std::unique_ptr<Runtime> runtime);

#include "ternion_overrides.inc"

  /// Compute capability times 10, for the choice of a kernel.
  int compute_capability() { return runtime_->compute_capability(); }

  /// Shape of a launch on this backend's stream.
  LaunchShape shape(const char* name, int64_t blocks, int threads, size_t dynamic_shared = 0);

  /// What computes dense products; null where the own kernel does.
  DenseLibrary* dense_library() { return runtime_->dense(); }

  /// One thread for each of n elements, in blocks of 256.
  LaunchShape each(const char* name, int64_t n);

  /// One warp for each of n rows, in blocks of 8 warps.
  LaunchShape warp_each(const char* name, int64_t n);

 private:
  friend class Scratch;

  std::unique_ptr<Runtime> runtime_;
  MemoryPool memory_;  ///< released blocks may be handed out at once: what uses them next runs after what used them last
  DeviceFault fault_;
  std::map<int64_t, std::vector<std::unique_ptr<Landing>>> landings_;  ///< idle, by number of F64
  Readbacks readbacks_;
  bool recording_ = false;
  std::string description_, algorithms_;
};

/// A buffer of the backend for the length of one call. Later launches on the stream may use the memory again: they run
/// after those that were started here.
class Scratch {
 public:
  Scratch(CudaBackend& backend, DType dtype, int64_t count) : backend_(backend), buffer_(backend.new_buffer(dtype, count)) {}
  ~Scratch() { backend_.release(buffer_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Buffer& operator*() const { return *buffer_; }

 private:
  CudaBackend& backend_;
  Buffer* buffer_;
};

/// n elements of `dtype` at the start of a buffer, or an error that names operation and argument.
template <class T>
Global<T> elements(const Buffer& buffer, DType dtype, int64_t n, const char* what) {
  static const char* const names[] = {"REAL", "S8", "U8", "S32", "F64"};
  if (buffer.dtype() != dtype || buffer.count() < n || n < 0)
    throw std::invalid_argument(std::string("[") + what + "] wanted " + std::to_string(n) + " elements of " + names[dtype] +
                                ", got " + std::to_string(buffer.count()) + " of " + names[buffer.dtype()] +
                                ": pass a buffer of that type and size");
  if (buffer.bytes() != buffer.count() * static_cast<int64_t>(sizeof(T)))
    throw std::invalid_argument(std::string("[") + what + "] the buffer belongs to another device: pass one of this device");
  return Global<T>(static_cast<T*>(buffer.data()), n);
}
inline Global<float> reals(Buffer& b, int64_t n, const char* what) { return elements<float>(b, REAL, n, what); }
inline Global<const float> reals(const Buffer& b, int64_t n, const char* what) { return elements<const float>(b, REAL, n, what); }
inline Global<int8_t> codes_of(Buffer& b, int64_t n, const char* what) { return elements<int8_t>(b, S8, n, what); }
inline Global<const int8_t> codes_of(const Buffer& b, int64_t n, const char* what) { return elements<const int8_t>(b, S8, n, what); }
inline Global<uint8_t> bytes_of(Buffer& b, int64_t n, const char* what) { return elements<uint8_t>(b, U8, n, what); }
inline Global<const uint8_t> bytes_of(const Buffer& b, int64_t n, const char* what) { return elements<const uint8_t>(b, U8, n, what); }
inline Global<int32_t> ints(Buffer& b, int64_t n, const char* what) { return elements<int32_t>(b, S32, n, what); }
inline Global<const int32_t> ints(const Buffer& b, int64_t n, const char* what) { return elements<const int32_t>(b, S32, n, what); }
inline Global<double> doubles(Buffer& b, int64_t n, const char* what) { return elements<double>(b, F64, n, what); }
inline Global<const double> doubles(const Buffer& b, int64_t n, const char* what) { return elements<const double>(b, F64, n, what); }

/// slot + 1 elements of a F64 buffer; the kernel uses the last.
inline Global<double> f64_slot(Buffer& b, int64_t slot, const char* what) {
  if (slot < 0) throw std::invalid_argument(std::string("[") + what + "] slot " + std::to_string(slot) + " is negative");
  return doubles(b, slot + 1, what);
}

}  // namespace ternion
