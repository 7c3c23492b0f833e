// Layer normalization over the last dimension. Ref: [LN]
#include "norm_row.h"
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
  parallel(rows, 8, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      normalize_row(yp + r * cols, mp[r], rp[r], xp + r * cols, gp, bp, cols, static_cast<real>(eps));
    top.raise(yp, begin * cols, end * cols);
  });
}

void CpuBackend::layer_norm_backward(Buffer& dx, Buffer& dgamma, Buffer& dbeta, const Buffer& dy, const Buffer& x,
                                     const Buffer& mean, const Buffer& rstd, const Buffer& gamma, int64_t rows,
                                     int64_t cols, bool accumulate) {
  real *dxp = reals(dx, rows * cols, "layer_norm dx"), *dgp = reals(dgamma, cols, "layer_norm dgamma"),
       *dbp = reals(dbeta, cols, "layer_norm dbeta");
  const real *dyp = reals(dy, rows * cols, "layer_norm dy"), *xp = reals(x, rows * cols, "layer_norm x"),
             *mp = reals(mean, rows, "layer_norm mean"), *rp = reals(rstd, rows, "layer_norm rstd"),
             *gp = reals(gamma, cols, "layer_norm gamma");
  NormParameterGradient parameters(rows, cols);
  parallel(rows, NormParameterGradient::kChunk, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const real *g = dyp + r * cols, *in = xp + r * cols;
      parameters.add_row(r, g, in, mp[r], rp[r]);
      norm_gradient_row(dxp + r * cols, g, in, mp[r], rp[r], gp, cols);
    }
  });
  parameters.write(dgp, dbp, accumulate);
}

}  // namespace TERNION_NS
}  // namespace ternion
