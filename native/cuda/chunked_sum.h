// Sums of fixed order beyond a row. A tensor: chunks of 16384 elements, each by one warp in float, then the chunk sums in
// double one after the other; the bytes of CpuBackend::chunked_sum. [performance.md 10]
#pragma once
#include "cuda_backend.h"
#include "reduce.h"

namespace ternion {

/// f(0) + f(1) + … + f(n - 1) added in this order, by a whole warp: the bytes of a plain loop. The lanes evaluate 32
/// elements at a time, then every lane adds all of them.
template <class T, class F>
__device__ __forceinline__ T ordered_sum(int64_t n, F f) {
  T total = 0;
  for (int64_t begin = 0; begin < n; begin += 32) {
    const int64_t i = begin + lane_index();
    const T mine = i < n ? f(i) : T(0);
    const int count = static_cast<int>(n - begin < 32 ? n - begin : 32);
    for (int lane = 0; lane < count; ++lane) total += __shfl_sync(kAllLanes, mine, lane);
  }
  return total;
}

/// Sum of f(i) over the elements of a chunk of [0, n), by a whole warp in the order of warp_sum. A lane fetches `kAhead`
/// elements before it adds them: few warps have to keep the memory busy.
template <class F>
__device__ __forceinline__ double chunk_sum(int64_t chunk, int64_t n, F f) {
  constexpr int kAhead = 16;
  const int64_t begin = chunk * kSumChunk, end = n - begin < kSumChunk ? n : begin + kSumChunk;
  float sum = 0;
  int64_t i = begin + lane_index();
  for (; i + 32 * (kAhead - 1) < end; i += 32 * kAhead) {
    float ahead[kAhead];
    for (int k = 0; k < kAhead; ++k) ahead[k] = f(i + 32 * k);
    for (int k = 0; k < kAhead; ++k) sum += ahead[k];
  }
  for (; i < end; i += 32) sum += f(i);
  return static_cast<double>(warp_tree_sum(sum));
}

/// Chunks of a tensor of n elements; a kernel of chunk sums has one block of one warp for each.
inline int64_t sum_chunks(int64_t n) { return (n + kSumChunk - 1) / kSumChunk; }

/// out[slot] = (values[0] + … + values[n - 1]) / denominator, added in this order. `out` may be the memory of `values`.
void write_sum(CudaBackend& backend, const char* name, Global<double> out, int64_t slot, Global<const double> values, int64_t n,
               double denominator);

}  // namespace ternion
