// Layer normalization over the last dimension. Ref: [LN]
#include "norm_rows.h"

namespace ternion {
namespace {

/// One warp for each row.
__global__ void normalize(Global<float> y, Global<float> mean, Global<float> rstd, Global<const float> x, Global<const float> gamma,
                          Global<const float> beta, int64_t rows, int64_t cols, float eps, Global<uint32_t> top) {
  const int64_t r = warp_index();
  raise_top(top, 0, r < rows ? normalize_row(y, mean, rstd, x, gamma, beta, r, cols, eps) : 0);
}

/// One block for each chunk of rows. dx may be dy: the columns are summed before, and a lane reads an element of a row for
/// the last time when it writes it.
__global__ void __launch_bounds__(kNormThreads) gradient(Global<float> dx, Global<float> partial, NormGradient n) {
  norm_parameter_sums(partial, n);
  __syncthreads();
  const int64_t r = norm_chunk_row();
  if (r >= n.rows) return;
  const NormGradientRow row(n, r);
  for (int64_t c = lane_index(); c < n.cols; c += 32) dx[row.row + c] = row.at(c);
}

__global__ void add_parameter_sums(Global<float> dgamma, Global<float> dbeta, Global<const float> partial, int64_t chunks,
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

}  // namespace

void add_norm_parameter_sums(CudaBackend& backend, const char* name, Global<float> dgamma, Global<float> dbeta,
                             Global<const float> partial, int64_t chunks, int64_t cols, bool accumulate) {
  launch(backend.each(name, cols), add_parameter_sums, dgamma, dbeta, partial, chunks, cols, accumulate);
}

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

void CudaBackend::layer_norm_backward(Buffer& dx, Buffer& dgamma, Buffer& dbeta, const Buffer& dy, const Buffer& x,
                                      const Buffer& mean, const Buffer& rstd, const Buffer& gamma, int64_t rows,
                                      int64_t cols, bool accumulate) {
  const auto dxp = reals(dx, rows * cols, "layer_norm dx"), dgp = reals(dgamma, cols, "layer_norm dgamma"),
             dbp = reals(dbeta, cols, "layer_norm dbeta");
  const NormGradient n{reals(dy, rows * cols, "layer_norm dy"), reals(x, rows * cols, "layer_norm x"),
                       reals(mean, rows, "layer_norm mean"), reals(rstd, rows, "layer_norm rstd"),
                       reals(gamma, cols, "layer_norm gamma"), rows, cols};
  const int64_t chunks = norm_chunks(rows);
  const Scratch partial(*this, REAL, chunks * 2 * cols);
  const auto pp = reals(*partial, chunks * 2 * cols, "layer_norm partial");
  launch(shape("layer_norm_backward", chunks, kNormThreads), gradient, dxp, pp, n);
  add_norm_parameter_sums(*this, "layer_norm_backward", dgp, dbp, pp, chunks, cols, accumulate);
}

}  // namespace ternion
