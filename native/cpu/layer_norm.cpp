// Layer normalization over the last dimension. Ref: [LN]
#include <cmath>

#include "cpu_backend.h"
#include "reduce.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {

void CpuBackend::layer_norm_forward(Buffer& y, Buffer& mean, Buffer& rstd, const Buffer& x, const Buffer& gamma,
                                    const Buffer& beta, int64_t rows, int64_t cols, double eps, Buffer* tops,
                                    int64_t slot) {
  real *yp = reals(y, rows * cols, "layer_norm y"), *mp = reals(mean, rows, "layer_norm mean"),
       *rp = reals(rstd, rows, "layer_norm rstd");
  const real *xp = reals(x, rows * cols, "layer_norm x"), *gp = reals(gamma, cols, "layer_norm gamma"),
             *bp = reals(beta, cols, "layer_norm beta");
  const Top top(tops, slot, "layer_norm tops");
  const real e = static_cast<real>(eps), d = static_cast<real>(cols);
  parallel(rows, 8, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const real* in = xp + r * cols;
      real* out = yp + r * cols;
      const real m = strided_sum<real>(0, cols, [&](int64_t c) { return in[c]; }) / d;
      const real variance = strided_sum<real>(0, cols, [&](int64_t c) { return (in[c] - m) * (in[c] - m); }) / d;
      const real s = real(1) / std::sqrt(variance + e);
      for (int64_t c = 0; c < cols; ++c) out[c] = (in[c] - m) * s * gp[c] + bp[c];
      top.raise(out, 0, cols);
      mp[r] = m;
      rp[r] = s;
    }
  });
}

/// With xhat = (x - mean) rstd and g = dy gamma: dx = rstd (g - mean(g) - xhat mean(g xhat)).
void CpuBackend::layer_norm_backward(Buffer& dx, Buffer& dgamma, Buffer& dbeta, const Buffer& dy, const Buffer& x,
                                     const Buffer& mean, const Buffer& rstd, const Buffer& gamma, int64_t rows,
                                     int64_t cols, bool accumulate) {
  real *dxp = reals(dx, rows * cols, "layer_norm dx"), *dgp = reals(dgamma, cols, "layer_norm dgamma"),
       *dbp = reals(dbeta, cols, "layer_norm dbeta");
  const real *dyp = reals(dy, rows * cols, "layer_norm dy"), *xp = reals(x, rows * cols, "layer_norm x"),
             *mp = reals(mean, rows, "layer_norm mean"), *rp = reals(rstd, rows, "layer_norm rstd"),
             *gp = reals(gamma, cols, "layer_norm gamma");
  constexpr int64_t kChunk = 32;
  const int64_t chunks = (rows + kChunk - 1) / kChunk;
  std::vector<real> partial(static_cast<size_t>(chunks * cols * 2));
  const real d = static_cast<real>(cols);
  parallel(rows, kChunk, [&](int64_t begin, int64_t end) {
    real* part_gamma = partial.data() + begin / kChunk * cols * 2;
    real* part_beta = part_gamma + cols;
    for (int64_t r = begin; r < end; ++r) {
      const real *in = xp + r * cols, *g = dyp + r * cols;
      const real m = mp[r], s = rp[r];
      for (int64_t c = 0; c < cols; ++c) {
        part_gamma[c] += g[c] * ((in[c] - m) * s);
        part_beta[c] += g[c];
      }
      const real a = strided_sum<real>(0, cols, [&](int64_t c) { return g[c] * gp[c]; }) / d;
      const real b = strided_sum<real>(0, cols, [&](int64_t c) { return g[c] * gp[c] * ((in[c] - m) * s); }) / d;
      real* out = dxp + r * cols;
      for (int64_t c = 0; c < cols; ++c) out[c] = s * (g[c] * gp[c] - a - (in[c] - m) * s * b);
    }
  });
  if (!accumulate) {
    std::memset(dgp, 0, static_cast<size_t>(cols) * sizeof(real));
    std::memset(dbp, 0, static_cast<size_t>(cols) * sizeof(real));
  }
  for (int64_t i = 0; i < chunks; ++i)
    for (int64_t c = 0; c < cols; ++c) {
      dgp[c] += partial[i * cols * 2 + c];
      dbp[c] += partial[i * cols * 2 + cols + c];
    }
}

}  // namespace TERNION_NS
}  // namespace ternion
