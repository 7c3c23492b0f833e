// Compiled with -ffp-contract=fast: contraction changes nothing for integer operands and only rounding for others.
#include "cpu_backend.h"
#include "small_gemm.h"

namespace ternion {
namespace TERNION_NS {
namespace {

// Rows and vectors of a tile: 8 sums in flight, as many as two units of latency 4 can take.
#ifdef __AVX512F__
constexpr int kVector = 16, kRows = 8;
#else
constexpr int kVector = 8, kRows = 4;
#endif
constexpr int kVectors = kTileCols / kVector;
typedef real Vec __attribute__((vector_size(kVector * sizeof(real)), aligned(sizeof(real))));

/// M rows of c; element (i, l) of a lies at i * row + l * column. `Add`: the sums start from c.
template <int M, bool Add>
void tile(real* c, int64_t ldc, const real* a, int64_t row, int64_t column, const real* b, int64_t ldb, int64_t k) {
  Vec acc[M][kVectors];
#pragma GCC unroll 8
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) acc[i][j] = Add ? *reinterpret_cast<const Vec*>(c + i * ldc + j * kVector) : Vec{};
  for (int64_t l = 0; l < k; ++l) {
    Vec right[kVectors];
    for (int j = 0; j < kVectors; ++j) right[j] = *reinterpret_cast<const Vec*>(b + l * ldb + j * kVector);
#pragma GCC unroll 8
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) acc[i][j] += a[i * row + l * column] * right[j];
  }
#pragma GCC unroll 8
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) *reinterpret_cast<Vec*>(c + i * ldc + j * kVector) = acc[i][j];
}

/// All of c; strides of a as in `tile`.
template <bool Add>
void product(real* c, int64_t ldc, const real* a, int64_t row, int64_t column, const real* b, int64_t ldb, int64_t m, int64_t n,
             int64_t k) {
  for (int64_t j = 0; j < n; j += kTileCols) {
    int64_t i = 0;
    for (; i + kRows <= m; i += kRows) tile<kRows, Add>(c + i * ldc + j, ldc, a + i * row, row, column, b + j, ldb, k);
    for (; i < m; ++i) tile<1, Add>(c + i * ldc + j, ldc, a + i * row, row, column, b + j, ldb, k);
  }
}

}  // namespace

void small_gemm(real* c, int64_t ldc, const real* a, int64_t lda, const real* b, int64_t ldb, int64_t m, int64_t n, int64_t k) {
  product<false>(c, ldc, a, lda, 1, b, ldb, m, n, k);
}

void small_gemm_add_transposed(real* c, int64_t ldc, const real* a, int64_t lda, const real* b, int64_t ldb, int64_t m, int64_t n,
                               int64_t k) {
  product<true>(c, ldc, a, 1, lda, b, ldb, m, n, k);
}

}  // namespace TERNION_NS
}  // namespace ternion
