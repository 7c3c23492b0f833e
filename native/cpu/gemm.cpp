// Dense products. float: oneDNN, single-threaded calls on blocks that depend on the shape alone, so that the result does
// not depend on the thread count. double: plain loops (the reference).
#include "cpu_backend.h"

#ifdef TERNION_DNNL
#include <dnnl.h>
#include <omp.h>
#endif

namespace ternion {
namespace TERNION_NS {
namespace {

struct Product {
  real* c;
  const real *a, *b, *bias;
  int64_t m, n, k;
  bool trans_a, trans_b, accumulate;
};

/// Rows [m0, m1) x columns [n0, n1) of c.
void block(const Product& p, int64_t m0, int64_t m1, int64_t n0, int64_t n1) {
  const int64_t lda = p.trans_a ? p.m : p.k, ldb = p.trans_b ? p.k : p.n;
  const real* a = p.a + (p.trans_a ? m0 : m0 * lda);
  const real* b = p.b + (p.trans_b ? n0 * ldb : n0);
  real* c = p.c + m0 * p.n + n0;
#ifdef TERNION_DNNL
  omp_set_num_threads(1);
  const dnnl_status_t status = dnnl_sgemm(p.trans_a ? 'T' : 'N', p.trans_b ? 'T' : 'N', m1 - m0, n1 - n0, p.k, 1.0f, a,
                                          lda, b, ldb, p.accumulate ? 1.0f : 0.0f, c, p.n);
  if (status != dnnl_success) throw std::runtime_error("[gemm] oneDNN status " + std::to_string(status));
#else
  for (int64_t i = 0; i < m1 - m0; ++i)
    for (int64_t j = 0; j < n1 - n0; ++j) {
      real sum = p.accumulate ? c[i * p.n + j] : 0;
      for (int64_t l = 0; l < p.k; ++l)
        sum += (p.trans_a ? a[l * lda + i] : a[i * lda + l]) * (p.trans_b ? b[j * ldb + l] : b[l * ldb + j]);
      c[i * p.n + j] = sum;
    }
#endif
  if (!p.bias) return;
  for (int64_t i = 0; i < m1 - m0; ++i)
    for (int64_t j = 0; j < n1 - n0; ++j) c[i * p.n + j] += p.bias[n0 + j];
}

}  // namespace

void CpuBackend::gemm(Buffer& c, const Buffer& a, const Buffer& b, const Buffer* bias, int64_t m, int64_t n, int64_t k,
                      bool trans_a, bool trans_b, bool accumulate) {
  const Product p{reals(c, m * n, "gemm c"), reals(a, m * k, "gemm a"), reals(b, k * n, "gemm b"),
                  bias ? reals(*bias, n, "gemm bias") : nullptr, m, n, k, trans_a, trans_b, accumulate};
  if (m == 0 || n == 0) return;
  const bool by_rows = m >= n;
  const int64_t side = by_rows ? m : n;
  const int64_t pieces = side >= 512 ? 4 : side >= 96 ? 2 : 1;
  const int64_t grain = ((side + pieces - 1) / pieces + 47) / 48 * 48;
  parallel(side, grain, [&](int64_t begin, int64_t end) {
    if (by_rows) block(p, begin, end, 0, n);
    else block(p, 0, m, begin, end);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
