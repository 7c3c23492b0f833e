// flags: -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vpopcntdq -ffp-contract=off
// AVX-512 kernel: 16 rows of w to a vector, a word of x broadcast; and, count, add for 512 products.
//
// Tile: R rows x 64 columns (4 zmm); 4 rows keep 16 sums. One 64-column panel of k = 3072 is 24 KiB, which the first-level cache
// holds.

#include "gemm_b1_internal.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && defined(__AVX512VPOPCNTDQ__)

#include <immintrin.h>

namespace ternion::b1 {
namespace {

constexpr int kVectors = 4;
constexpr int64_t kPanel = kVectors * kRows;  // columns

/** What the 64 columns of a panel share; those beyond n repeat the first. */
struct Columns {
  alignas(64) int32_t ones[kPanel];
  alignas(64) float scale[kPanel];
  alignas(64) float bias[kPanel];
  const uint32_t* bits[kVectors];
  int64_t first, count;
};

void fill(Columns& out, const Problem& p, int64_t n0, int64_t count, int64_t steps) {
  const s8::Epilogue& e = p.epilogue;
  out.first = n0;
  out.count = count;
  for (int64_t j = 0; j < kPanel; ++j) {
    const int64_t n = n0 + (j < count ? j : 0);
    out.ones[j] = p.w.counts[n];
    out.scale[j] = e.w_scale[n * e.w_stride];
    out.bias[j] = e.bias != nullptr ? e.bias[n] : 0.0F;
  }
  for (int64_t c = 0; c < kVectors; ++c) out.bits[c] = p.w.bits + (n0 / kRows + (c * kRows < count ? c : 0)) * steps * kRows;
}

void write(const Problem& p, const int32_t* common, int64_t m, const Columns& columns) {
  const s8::Epilogue& e = p.epilogue;
  const int32_t offset = static_cast<int32_t>(p.k) - 2 * p.x.counts[m];
  const float step = e.x_step[m * e.x_stride];
  float* y = p.y + m * p.n + columns.first;
  for (int64_t j = 0; j < columns.count; ++j) {
    const int32_t dot = offset + 4 * common[j] - 2 * columns.ones[j];
    const float scaled = static_cast<float>(dot) * (step * columns.scale[j]);
    y[j] = e.bias != nullptr ? scaled + columns.bias[j] : scaled;
  }
}

template <int R>
void tile(const Problem& p, int64_t m, const Columns& columns, int64_t steps) {
  const uint32_t* x[R];
  for (int64_t r = 0; r < R; ++r) x[r] = p.x.bits + (m + r) / kRows * steps * kRows + (m + r) % kRows;
  __m512i acc[R][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int c = 0; c < kVectors; ++c) acc[r][c] = _mm512_setzero_si512();
  for (int64_t s = 0; s < steps * kRows; s += kRows) {
    __m512i w[kVectors];
#pragma GCC unroll 8
    for (int c = 0; c < kVectors; ++c) w[c] = _mm512_loadu_si512(columns.bits[c] + s);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const __m512i word = _mm512_set1_epi32(static_cast<int32_t>(x[r][s]));
#pragma GCC unroll 8
      for (int c = 0; c < kVectors; ++c) acc[r][c] = _mm512_add_epi32(acc[r][c], _mm512_popcnt_epi32(_mm512_and_si512(w[c], word)));
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    alignas(64) int32_t common[kPanel];
#pragma GCC unroll 8
    for (int c = 0; c < kVectors; ++c) _mm512_store_si512(common + c * kRows, acc[r][c]);
    write(p, common, m + r, columns);
  }
}

void compute_avx512(const Problem& p) {
  const int64_t steps = (p.k + kWord - 1) / kWord;
  Columns columns;
  for (int64_t n0 = p.n_begin; n0 < p.n_end; n0 += kPanel) {
    fill(columns, p, n0, p.n_end - n0 < kPanel ? p.n_end - n0 : kPanel, steps);
    int64_t m = p.m_begin;
    for (; m + 4 <= p.m_end; m += 4) tile<4>(p, m, columns, steps);
    for (; m < p.m_end; ++m) tile<1>(p, m, columns, steps);
  }
}

}  // namespace

Kernel kernel_avx512vpopcntdq() { return compute_avx512; }

}  // namespace ternion::b1

#else

namespace ternion::b1 {
Kernel kernel_avx512vpopcntdq() { return nullptr; }
}  // namespace ternion::b1

#endif
