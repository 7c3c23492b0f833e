// Layer normalization of rows and its gradient, for the kernels that do it with other things. Ref: [LN]
#pragma once
#include <cmath>

#include "cuda_backend.h"
#include "index.h"
#include "reduce.h"
#include "tops.h"

namespace ternion {

constexpr int64_t kNormChunk = 32;   ///< rows of a partial sum of the gradients of gain and bias
constexpr int kNormThreads = 1024;   ///< of a block that makes the gradient of such a chunk

/// Row r by one warp. Returns the largest magnitude bits among those that this lane wrote.
template <class Float>
__device__ __forceinline__ uint32_t normalize_row(Global<float> y, Global<float> mean, Global<float> rstd, Global<Float> x,
                                                  Global<const float> gamma, Global<const float> beta, int64_t r, int64_t cols,
                                                  float eps) {
  const int64_t row = r * cols;
  const float d = static_cast<float>(cols);
  const float m = warp_sum<float>(0, cols, [&](int64_t c) { return x[row + c]; }) / d;
  const float variance = warp_sum<float>(0, cols, [&](int64_t c) { return (x[row + c] - m) * (x[row + c] - m); }) / d;
  const float s = 1.0f / std::sqrt(variance + eps);
  uint32_t mine = 0;
  for (int64_t c = lane_index(); c < cols; c += 32) {
    const float value = (x[row + c] - m) * s * gamma[c] + beta[c];
    y[row + c] = value;
    mine = larger(mine, magnitude_bits(value));
  }
  if (lane_index() == 0) {
    mean[r] = m;
    rstd[r] = s;
  }
  return mine;
}

/// What the gradient of a layer norm is made from.
struct NormGradient {
  Global<const float> dy, x, mean, rstd, gamma;
  int64_t rows, cols;
};

/// The gradient of x in row r: its element c by any lane, after `means`. With xhat = (x - m) s and g = dy gamma:
/// s (g - mean(g) - xhat mean(g xhat)).
struct NormGradientRow {
  NormGradient all;
  int64_t row;
  float m, s, a, b;

  __device__ NormGradientRow(const NormGradient& n, int64_t r) : all(n), row(r * n.cols), m(n.mean[r]), s(n.rstd[r]) {
    const float d = static_cast<float>(n.cols);
    float mine_a = 0, mine_b = 0;
    for (int64_t c = lane_index(); c < n.cols; c += 32) {
      const float g = n.dy[row + c] * n.gamma[c];
      mine_a += g;
      mine_b += g * ((n.x[row + c] - m) * s);
    }
    a = warp_tree_sum(mine_a) / d;
    b = warp_tree_sum(mine_b) / d;
  }

  __device__ float at(int64_t c) const { return s * (all.dy[row + c] * all.gamma[c] - a - (all.x[row + c] - m) * s * b); }
};

/// Sums of dy xhat and of dy over the rows of this block's chunk, to partial[chunk, 2, cols]: a column a thread.
__device__ __forceinline__ void norm_parameter_sums(Global<float> partial, const NormGradient& n) {
  const int64_t chunk = blockIdx.x, begin = chunk * kNormChunk, end = begin + kNormChunk < n.rows ? begin + kNormChunk : n.rows;
  for (int64_t c = threadIdx.x; c < n.cols; c += kNormThreads) {
    float gamma = 0, beta = 0;
    for (int64_t r = begin; r < end; ++r) {
      const float g = n.dy[r * n.cols + c];
      gamma += g * ((n.x[r * n.cols + c] - n.mean[r]) * n.rstd[r]);
      beta += g;
    }
    partial[chunk * 2 * n.cols + c] = gamma;
    partial[chunk * 2 * n.cols + n.cols + c] = beta;
  }
}

/// The row of this warp in its block's chunk; may lie beyond the last.
__device__ __forceinline__ int64_t norm_chunk_row() { return blockIdx.x * kNormChunk + threadIdx.x / 32; }

inline int64_t norm_chunks(int64_t rows) { return (rows + kNormChunk - 1) / kNormChunk; }

/// dgamma, dbeta (+)= the sums of chunks, chunk after chunk.
void add_norm_parameter_sums(CudaBackend& backend, const char* name, Global<float> dgamma, Global<float> dbeta,
                             Global<const float> partial, int64_t chunks, int64_t cols, bool accumulate);

}  // namespace ternion
