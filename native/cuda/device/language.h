// What kernels are written in, on a device: CUDA, plus three words that the emulation can check.
// native/emulation/language.h has the same names for the CPU; include paths choose.
//
//   Global<T>                        device memory; index it as an array
//   TERNION_SHARED(T, name, n)       shared memory of a block, contents undefined at first
//   TERNION_DYNAMIC_SHARED(T, name)  the same, of the size given at the launch
//   Shared<T>                        a function's parameter that is shared memory
//   kSm90a                           whether this is code for compute capability 9.0 with its own instructions (sm_90a)
#pragma once
#include <cuda_runtime.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace ternion {

/// `n` elements of device memory. The emulation checks every index; a device does not.
template <class T>
class Global {
 public:
  Global() = default;
  Global(T* memory, int64_t) : memory_(memory) {}
  template <class U, class = std::enable_if_t<std::is_same_v<const U, T>>>
  Global(const Global<U>& other) : memory_(other.pointer()) {}
  __host__ __device__ T* pointer() const { return memory_; }
  __host__ __device__ explicit operator bool() const { return memory_ != nullptr; }
  __device__ T& operator[](int64_t i) const { return memory_[i]; }

 private:
  T* memory_ = nullptr;
};

template <class T>
using Shared = T*;

#define TERNION_SHARED(type, name, n) __shared__ type name[n]
#define TERNION_DYNAMIC_SHARED(type, name)                                   \
  extern __shared__ __align__(16) unsigned char ternion_dynamic_shared[];    \
  type* const name = reinterpret_cast<type*>(ternion_dynamic_shared)

// TERNION_SM90A(statement): the statement where kSm90a, else nothing; for the wrappers of instructions that other targets lack.
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
constexpr bool kSm90a = true;
#define TERNION_SM90A(...) __VA_ARGS__
#else
constexpr bool kSm90a = false;
#define TERNION_SM90A(...)
#endif

/// Where and how a kernel runs.
struct LaunchShape {
  const char* name;  ///< for errors
  dim3 grid, block;
  size_t dynamic_shared;
  void* stream;
};

/// Kernels started since the device was last known to be well: when an error shows, one of them made it.
inline std::vector<const char*>& started_kernels() {
  static thread_local std::vector<const char*> names;
  return names;
}

/// Starts a kernel; an empty grid starts nothing. Throws with the kernel's name.
template <class... P, class... A>
void launch(const LaunchShape& shape, void (*kernel)(P...), const A&... arguments) {
  if (shape.grid.x == 0 || shape.grid.y == 0 || shape.grid.z == 0) return;
  kernel<<<shape.grid, shape.block, shape.dynamic_shared, static_cast<cudaStream_t>(shape.stream)>>>(P(arguments)...);
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) throw std::runtime_error(std::string("[") + shape.name + "] " + cudaGetErrorString(error));
  if (started_kernels().size() < 4096) started_kernels().push_back(shape.name);
}

}  // namespace ternion
