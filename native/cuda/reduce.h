// Reductions by one warp in the canonical order: lane l holds the elements l, l + 32, …, then a fixed tree. The bytes of
// native/cpu/reduce.h. [performance.md 10]
#pragma once
#include "index.h"
#include "language.h"

namespace ternion {

constexpr unsigned kAllLanes = 0xffffffffu;

/// Sum over the lanes by the fixed tree; every lane gets it.
template <class T>
__device__ __forceinline__ T warp_tree_sum(T value) {
  for (int width = 16; width > 0; width /= 2) value += __shfl_down_sync(kAllLanes, value, width);
  return __shfl_sync(kAllLanes, value, 0);
}

/// Sum of f(i) for i in [begin, end); every lane gets it.
template <class T, class F>
__device__ __forceinline__ T warp_sum(int64_t begin, int64_t end, F f) {
  T mine = 0;
  for (int64_t i = begin + lane_index(); i < end; i += 32) mine += f(i);
  return warp_tree_sum(mine);
}

/// Maximum of f(i) for i in [begin, end), at least `floor`; every lane gets it. Order-free.
template <class T, class F>
__device__ __forceinline__ T warp_max(int64_t begin, int64_t end, T floor, F f) {
  T mine = floor;
  for (int64_t i = begin + lane_index(); i < end; i += 32) {
    const T value = f(i);
    mine = value > mine ? value : mine;
  }
  for (int bits = 16; bits > 0; bits /= 2) {
    const T other = __shfl_xor_sync(kAllLanes, mine, bits);
    mine = other > mine ? other : mine;
  }
  return mine;
}

}  // namespace ternion
