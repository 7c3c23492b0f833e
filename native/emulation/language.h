// The words of native/cuda/device/language.h for the CPU, with checks: every index of device and shared memory, and races on
// shared memory between barriers. Test code only.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>

#include "global_memory.h"
#include "grid.h"
#include "shared_memory.h"
#include "stream.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
#define __restrict__

#define threadIdx (::ternion::emulation::current().thread)
#define blockIdx (::ternion::emulation::current().block)
#define blockDim (::ternion::emulation::current().block_size)
#define gridDim (::ternion::emulation::current().grid_size)

namespace ternion {

using dim3 = emulation::Dim3;

template <class T>
using Shared = emulation::SharedArray<T>;

constexpr bool kSm90a = true;

#define TERNION_SHARED(type, name, n)   \
  static const char name##_key = 0;     \
  const ::ternion::emulation::SharedArray<type> name(&name##_key, n)
#define TERNION_DYNAMIC_SHARED(type, name) \
  const ::ternion::emulation::SharedArray<type> name(nullptr, ::ternion::emulation::dynamic_shared() / sizeof(type))

inline void __syncthreads() { emulation::block_barrier(); }
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  emulation::require_full(mask);
  const char nothing = 0;
  emulation::warp_gather(&nothing, 1);
}

/// The value of each of the 32 lanes, valid until this lane's next warp operation but one.
template <class T>
const T* warp_values(const T& mine) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= emulation::kLaneBytes);
  return static_cast<const T*>(emulation::warp_gather(&mine, sizeof(T)));
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source) {
  emulation::require_full(mask);
  return warp_values(value)[source & 31];
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits) {
  emulation::require_full(mask);
  return warp_values(value)[(emulation::lane() ^ bits) & 31];
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, int delta) {
  emulation::require_full(mask);
  const int source = emulation::lane() + delta;
  return warp_values(value)[source < 32 ? source : emulation::lane()];
}
inline unsigned __ballot_sync(unsigned mask, bool predicate) {
  emulation::require_full(mask);
  const bool* all = warp_values(predicate);
  unsigned bits = 0;
  for (int i = 0; i < 32; ++i) bits |= static_cast<unsigned>(all[i]) << i;
  return bits;
}

// Threads of the emulation take turns, so a plain read and write is atomic.
template <class T>
T atomicMax(T* at, T value) {
  const T old = *at;
  if (value > old) *at = value;
  return old;
}
template <class T>
T atomicAdd(T* at, T value) {
  const T old = *at;
  *at = old + value;
  return old;
}
template <class T>
T atomicCAS(T* at, T expected, T value) {
  const T old = *at;
  if (old == expected) *at = value;
  return old;
}

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }
inline float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }

/// Four signed products of bytes, added to c.
inline int __dp4a(int a, int b, int c) {
  for (int i = 0; i < 4; ++i) c += static_cast<int8_t>(a >> (8 * i)) * static_cast<int8_t>(b >> (8 * i));
  return c;
}

/// Where and how a kernel runs.
struct LaunchShape {
  const char* name;  ///< for errors
  dim3 grid, block;
  size_t dynamic_shared;
  void* stream;
};

/// Runs a kernel to its end, or notes it with its arguments; an empty grid runs nothing. Throws with the kernel's name.
template <class... P, class... A>
void launch(const LaunchShape& shape, void (*kernel)(P...), const A&... arguments) {
  auto* stream = static_cast<emulation::Stream*>(shape.stream);
  const bool planted = stream && stream->planted == shape.name;
  const auto run = [shape, kernel, planted, values = std::tuple<P...>(P(arguments)...)] {
    const auto body = [&] { std::apply(kernel, values); };
    emulation::run_grid({shape.name, shape.grid, shape.block, shape.dynamic_shared, planted},
                        [](const void* raw) { (*static_cast<const decltype(body)*>(raw))(); }, &body);
  };
  if (stream) stream->run(run);
  else run();
}

}  // namespace ternion
