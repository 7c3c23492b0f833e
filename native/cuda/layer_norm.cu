// Layer normalization over the last dimension. Ref: [LN]
#include <cmath>

#include "columns.h"
#include "cuda_backend.h"
#include "index.h"
#include "reduce.h"
#include "tops.h"

namespace ternion {
namespace {

constexpr int64_t kChunk = 32;  ///< rows of a partial sum of dgamma and dbeta

/// Row r by one warp. Returns the largest magnitude bits among those that this lane wrote.
__device__ __forceinline__ uint32_t normalize_row(Global<float> y, Global<float> mean, Global<float> rstd, Global<const float> x,
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

__global__ void normalize(Global<float> y, Global<float> mean, Global<float> rstd, Global<const float> x, Global<const float> gamma,
                          Global<const float> beta, int64_t rows, int64_t cols, float eps, Global<uint32_t> top) {
  const int64_t r = warp_index();
  raise_top(top, 0, r < rows ? normalize_row(y, mean, rstd, x, gamma, beta, r, cols, eps) : 0);
}

/// partial[chunk, 2, cols] = sums of dy xhat and of dy over the rows of a chunk.
__global__ void parameter_grad_of_chunks(Global<float> partial, Global<const float> dy, Global<const float> x,
                                         Global<const float> mean, Global<const float> rstd, int64_t rows, int64_t cols) {
  const ColumnOfChunk at = column_of_chunk(cols);
  if (at.column >= cols) return;
  const int64_t begin = at.chunk * kChunk, end = begin + kChunk < rows ? begin + kChunk : rows;
  float gamma = 0, beta = 0;
  for (int64_t r = begin; r < end; ++r) {
    const float g = dy[r * cols + at.column];
    gamma += g * ((x[r * cols + at.column] - mean[r]) * rstd[r]);
    beta += g;
  }
  partial[at.chunk * 2 * cols + at.column] = gamma;
  partial[at.chunk * 2 * cols + cols + at.column] = beta;
}

/// dgamma, dbeta (+)= the sums of chunks, chunk after chunk.
__global__ void add_parameter_grad(Global<float> dgamma, Global<float> dbeta, Global<const float> partial, int64_t chunks,
                                   int64_t cols, bool accumulate) {
  const int64_t c = thread_index();
  if (c >= cols) return;
  float gamma = accumulate ? dgamma[c] : 0.0f, beta = accumulate ? dbeta[c] : 0.0f;
  for (int64_t i = 0; i < chunks; ++i) {
    gamma += partial[i * 2 * cols + c];
    beta += partial[i * 2 * cols + cols + c];
  }
  dgamma[c] = gamma;
  dbeta[c] = beta;
}

/// One warp for each row. Lane l reads and writes the elements l, l + 32, … only, so dx may be dy.
__global__ void input_grad(Global<float> dx, Global<const float> dy, Global<const float> x, Global<const float> mean,
                           Global<const float> rstd, Global<const float> gamma, int64_t rows, int64_t cols) {
  const int64_t r = warp_index();
  if (r >= rows) return;
  const int64_t row = r * cols;
  const float d = static_cast<float>(cols), m = mean[r], s = rstd[r];
  const float a = warp_sum<float>(0, cols, [&](int64_t c) { return dy[row + c] * gamma[c]; }) / d;
  const float b = warp_sum<float>(0, cols, [&](int64_t c) { return dy[row + c] * gamma[c] * ((x[row + c] - m) * s); }) / d;
  for (int64_t c = lane_index(); c < cols; c += 32)
    dx[row + c] = s * (dy[row + c] * gamma[c] - a - (x[row + c] - m) * s * b);
}

}  // namespace

void CudaBackend::layer_norm_forward(Buffer& y, Buffer& mean, Buffer& rstd, const Buffer& x, const Buffer& gamma,
                                     const Buffer& beta, int64_t rows, int64_t cols, double eps, Buffer* tops,
                                     int64_t slot) {
  const auto yp = reals(y, rows * cols, "layer_norm y"), mp = reals(mean, rows, "layer_norm mean"),
             rp = reals(rstd, rows, "layer_norm rstd");
  const auto xp = reals(x, rows * cols, "layer_norm x"), gp = reals(gamma, cols, "layer_norm gamma"),
             bp = reals(beta, cols, "layer_norm beta");
  launch(warp_each("layer_norm_forward", rows), normalize, yp, mp, rp, xp, gp, bp, rows, cols, static_cast<float>(eps),
         top_of(tops, slot, "layer_norm tops"));
}

/// With xhat = (x - mean) rstd and g = dy gamma: dx = rstd (g - mean(g) - xhat mean(g xhat)).
void CudaBackend::layer_norm_backward(Buffer& dx, Buffer& dgamma, Buffer& dbeta, const Buffer& dy, const Buffer& x,
                                      const Buffer& mean, const Buffer& rstd, const Buffer& gamma, int64_t rows,
                                      int64_t cols, bool accumulate) {
  const auto dxp = reals(dx, rows * cols, "layer_norm dx"), dgp = reals(dgamma, cols, "layer_norm dgamma"),
             dbp = reals(dbeta, cols, "layer_norm dbeta");
  const auto dyp = reals(dy, rows * cols, "layer_norm dy"), xp = reals(x, rows * cols, "layer_norm x"),
             mp = reals(mean, rows, "layer_norm mean"), rp = reals(rstd, rows, "layer_norm rstd"),
             gp = reals(gamma, cols, "layer_norm gamma");
  const int64_t chunks = (rows + kChunk - 1) / kChunk;
  const Scratch partial(*this, REAL, chunks * 2 * cols);
  const auto pp = reals(*partial, chunks * 2 * cols, "layer_norm partial");
  // Before dx, which may be dy.
  launch(each_column(*this, "layer_norm_backward", chunks, cols), parameter_grad_of_chunks, pp, dyp, xp, mp, rp, rows, cols);
  launch(each("layer_norm_backward", cols), add_parameter_grad, dgp, dbp, pp, chunks, cols, accumulate);
  launch(warp_each("layer_norm_backward", rows), input_grad, dxp, dyp, xp, mp, rp, gp, rows, cols);
}

}  // namespace ternion
