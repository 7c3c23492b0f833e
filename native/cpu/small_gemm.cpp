// Compiled with -ffp-contract=fast: contraction changes nothing for integer operands and only rounding for others.
#include "cpu_backend.h"
#include "small_gemm.h"

namespace ternion {
namespace TERNION_NS {
namespace {

typedef real Vec __attribute__((vector_size(8 * sizeof(real)), aligned(sizeof(real))));

template <int M>
void tile(real* c, int64_t ldc, const real* a, int64_t lda, const real* b, int64_t ldb, int64_t k) {
  Vec acc[M][2] = {};
  for (int64_t l = 0; l < k; ++l) {
    const Vec b0 = *reinterpret_cast<const Vec*>(b + l * ldb), b1 = *reinterpret_cast<const Vec*>(b + l * ldb + 8);
    for (int i = 0; i < M; ++i) {
      acc[i][0] += a[i * lda + l] * b0;
      acc[i][1] += a[i * lda + l] * b1;
    }
  }
  for (int i = 0; i < M; ++i) {
    *reinterpret_cast<Vec*>(c + i * ldc) = acc[i][0];
    *reinterpret_cast<Vec*>(c + i * ldc + 8) = acc[i][1];
  }
}

}  // namespace

void small_gemm(real* c, int64_t ldc, const real* a, int64_t lda, const real* b, int64_t ldb, int64_t m, int64_t n, int64_t k) {
  for (int64_t j = 0; j < n; j += kTileCols) {
    int64_t i = 0;
    for (; i + 4 <= m; i += 4) tile<4>(c + i * ldc + j, ldc, a + i * lda, lda, b + j, ldb, k);
    for (; i < m; ++i) tile<1>(c + i * ldc + j, ldc, a + i * lda, lda, b + j, ldb, k);
  }
}

}  // namespace TERNION_NS
}  // namespace ternion
