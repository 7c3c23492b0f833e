// The largest magnitude of a result, kept by the kernel that makes it for the quantizer that reads it next.
#pragma once
#include "cuda_backend.h"
#include "reduce.h"
#include "ternion/math.h"

namespace ternion {

/// Element `slot` of `tops`, or nothing.
inline Global<uint32_t> top_of(const Buffer* tops, int64_t slot, const char* what) {
  if (!tops) return {};
  if (slot < 0) throw std::invalid_argument(std::string("[") + what + "] slot " + std::to_string(slot) + " is negative");
  return {elements<uint32_t>(*tops, S32, slot + 1, what).pointer() + slot, 1};
}

/// Bits of |x|: they order like the magnitudes, with NaN above infinity.
__device__ __forceinline__ uint32_t magnitude_bits(float x) { return float_bits(x) & 0x7fffffffu; }

__device__ __forceinline__ uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

/// Raises tops[i] to the largest `mine` of a block. Called by all its threads, up to 32 warps; nothing without `tops`.
__device__ __forceinline__ void raise_top(Global<uint32_t> tops, int64_t i, uint32_t mine) {
  if (!tops) return;
  TERNION_SHARED(uint32_t, of_warp, 32);
  for (int bits = 16; bits > 0; bits /= 2) mine = larger(mine, __shfl_xor_sync(kAllLanes, mine, bits));
  if (lane_index() == 0) of_warp[threadIdx.x / 32] = mine;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int warp = 1; warp < static_cast<int>(blockDim.x / 32); ++warp) mine = larger(mine, of_warp[warp]);
  atomicMax(&tops[i], mine);
}

}  // namespace ternion
