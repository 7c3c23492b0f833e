// The CPU backend. These sources are compiled once per instruction set with real = float and once with real = double;
// TERNION_NS names the copy. Every copy gives the same bytes in everything but the dense f32 products.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "ternion/backend.h"
#include "ternion/memory_pool.h"
#include "ternion/readbacks.h"
#include "ternion/thread_pool.h"

namespace ternion {
namespace TERNION_NS {

using real = TERNION_REAL;

/// The system's memory, aligned for vectors.
class HostMemory final : public MemorySource {
 public:
  static constexpr int64_t kAlignment = 64;
  void* allocate(size_t bytes) override;
  void free(void* memory) override;
  void reuse(void* memory, size_t bytes) override;
};

class CpuBackend final : public Backend {
 public:
  CpuBackend(std::string isa, int threads);

#include "ternion_overrides.inc"

  /// Runs body(begin, end) over [0, n) in chunks of `grain`.
  template <class F>
  void parallel(int64_t n, int64_t grain, F&& body);

  /// f64 sum over chunks of kSumChunk elements, in chunk order; body(begin, end) gives a chunk's sum. [performance.md 10]
  template <class F>
  double chunked_sum(int64_t n, F&& body);

 private:
  std::string description_;
  ThreadPool pool_;
  HostMemory host_;
  MemoryPool memory_;
  Readbacks readbacks_;
};

/// A buffer of the backend for the length of one call.
class Scratch {
 public:
  Scratch(CpuBackend& backend, DType dtype, int64_t count) : backend_(backend), buffer_(backend.new_buffer(dtype, count)) {}
  ~Scratch() { backend_.release(buffer_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Buffer& operator*() const { return *buffer_; }

 private:
  CpuBackend& backend_;
  Buffer* buffer_;
};

/// Pointer to at least n elements of `dtype`, or an error that names operation and argument.
inline void* checked(const Buffer& buffer, DType dtype, int64_t n, const char* what) {
  static const char* const names[] = {"REAL", "S8", "U8", "S32", "F64"};
  if (buffer.dtype() != dtype || buffer.count() < n || n < 0)
    throw std::invalid_argument(std::string("[") + what + "] wanted " + std::to_string(n) + " elements of " +
                                names[dtype] + ", got " + std::to_string(buffer.count()) + " of " +
                                names[buffer.dtype()] + ": pass a buffer of that type and size");
  if (dtype == REAL && buffer.bytes() != buffer.count() * static_cast<int64_t>(sizeof(real)))
    throw std::invalid_argument(std::string("[") + what + "] the buffer belongs to another device: pass one of this device");
  return buffer.data();
}
inline real* reals(const Buffer& b, int64_t n, const char* what) { return static_cast<real*>(checked(b, REAL, n, what)); }
inline int8_t* codes_of(const Buffer& b, int64_t n, const char* what) {
  return static_cast<int8_t*>(checked(b, S8, n, what));
}
inline uint8_t* bytes_of(const Buffer& b, int64_t n, const char* what) {
  return static_cast<uint8_t*>(checked(b, U8, n, what));
}
inline int32_t* ints(const Buffer& b, int64_t n, const char* what) {
  return static_cast<int32_t*>(checked(b, S32, n, what));
}
inline double* doubles(const Buffer& b, int64_t n, const char* what) {
  return static_cast<double*>(checked(b, F64, n, what));
}

/// Element `slot` of a F64 buffer.
inline double& f64_slot(const Buffer& b, int64_t slot, const char* what) {
  if (slot < 0) throw std::invalid_argument(std::string("[") + what + "] slot " + std::to_string(slot) + " is negative");
  return doubles(b, slot + 1, what)[slot];
}

template <class F>
void CpuBackend::parallel(int64_t n, int64_t grain, F&& body) {
  struct Context {
    int64_t n, grain;
    F* body;
  } context{n, grain, &body};
  pool_.run((n + grain - 1) / grain,
            [](void* raw, int64_t chunk) {
              auto* c = static_cast<Context*>(raw);
              const int64_t begin = chunk * c->grain;
              (*c->body)(begin, begin + c->grain < c->n ? begin + c->grain : c->n);
            },
            &context);
}

template <class F>
double CpuBackend::chunked_sum(int64_t n, F&& body) {
  std::vector<double> partial(static_cast<size_t>((n + kSumChunk - 1) / kSumChunk));
  parallel(n, kSumChunk, [&](int64_t begin, int64_t end) { partial[begin / kSumChunk] = body(begin, end); });
  double total = 0;
  for (double value : partial) total += value;
  return total;
}

}  // namespace TERNION_NS
}  // namespace ternion
