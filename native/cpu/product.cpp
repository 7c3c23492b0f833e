// Dense products of reals. float: oneDNN, single-threaded calls on blocks that depend on the shape alone, so that the result does
// not depend on the thread count. double: plain loops (the reference).
#include "product.h"

#ifdef TERNION_DNNL
#include <dnnl.h>
#include <omp.h>
#endif

namespace ternion {
namespace TERNION_NS {
namespace {

void block(const Product<real>& p, const Part& at) {
  const int64_t lda = p.lda(), ldb = p.ldb();
  const real* a = p.a + (p.trans_a ? at.m0 : at.m0 * lda);
  const real* b = p.b + (p.trans_b ? at.n0 * ldb : at.n0);
  real* c = p.c + at.m0 * p.n + at.n0;
#ifdef TERNION_DNNL
  omp_set_num_threads(1);
  const dnnl_status_t status = dnnl_sgemm(p.trans_a ? 'T' : 'N', p.trans_b ? 'T' : 'N', at.rows(), at.cols(), p.k, p.factor, a,
                                          lda, b, ldb, p.accumulate ? 1.0f : 0.0f, c, p.n);
  if (status != dnnl_success) throw std::runtime_error("[gemm] oneDNN status " + std::to_string(status));
#else
  for (int64_t i = 0; i < at.rows(); ++i)
    for (int64_t j = 0; j < at.cols(); ++j) {
      real sum = p.accumulate ? c[i * p.n + j] : 0;
      for (int64_t l = 0; l < p.k; ++l)
        sum += p.factor * ((p.trans_a ? a[l * lda + i] : a[i * lda + l]) * (p.trans_b ? b[j * ldb + l] : b[l * ldb + j]));
      c[i * p.n + j] = sum;
    }
#endif
}

}  // namespace

void multiply(CpuBackend& backend, const Product<real>& p) {
  if (p.m == 0 || p.n == 0) return;
  for_parts(backend, p.m, p.n, [&](const Part& at) {
    block(p, at);
    add_bias(p, at);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
