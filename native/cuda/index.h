// Which element, row or warp a thread works on.
#pragma once
#include <cstdint>

#include "language.h"

namespace ternion {

/// Number of this thread in a grid of one-dimensional blocks: its element in launches by `each`.
__device__ __forceinline__ int64_t thread_index() { return int64_t{blockIdx.x} * blockDim.x + threadIdx.x; }

/// Number of this warp in the grid: its row in launches by `warp_each`. The same for all lanes, so that a whole warp
/// leaves a kernel together.
__device__ __forceinline__ int64_t warp_index() { return thread_index() / 32; }

/// This thread's lane, 0 .. 31.
__device__ __forceinline__ int lane_index() { return static_cast<int>(threadIdx.x % 32); }

}  // namespace ternion
