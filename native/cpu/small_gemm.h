// Register-blocked products of attention size, for one (batch, head) block held in cache.
#pragma once
#include <cstdint>

namespace ternion {
namespace TERNION_NS {

constexpr int kTileCols = 16;  ///< Columns of b are padded to a multiple of this.

/// Columns rounded up to the tile.
inline int64_t padded(int64_t n) { return (n + kTileCols - 1) / kTileCols * kTileCols; }

/// c[m, padded(n)] = a[m, k] b[k, padded(n)]; lda, ldb, ldc are row strides. Exact when all values are integers and all
/// sums stay below 2^24 (codes); otherwise rounded with fused multiply-adds where the machine has them.
void small_gemm(real* c, int64_t ldc, const real* a, int64_t lda, const real* b, int64_t ldb, int64_t m, int64_t n, int64_t k);

/// c += a^T b with a stored [k, m]: goes on with the sums in c, so that a product cut along k gives the bytes of the whole.
void small_gemm_add_transposed(real* c, int64_t ldc, const real* a, int64_t lda, const real* b, int64_t ldb, int64_t m, int64_t n, int64_t k);

}  // namespace TERNION_NS
}  // namespace ternion
