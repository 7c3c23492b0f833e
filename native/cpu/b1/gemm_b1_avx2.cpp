// flags: -mavx2 -mfma -ffp-contract=off
// AVX2 kernel: 8 rows of w to a vector, a word of x broadcast; ones are counted by a table of 16 nibbles.
//
// A byte counts at most 8 a word, so counts of bytes are widened after 31 words at the latest.

#include "gemm_b1_internal.h"

#if defined(__AVX2__)

#include <immintrin.h>

namespace ternion::b1 {
namespace {

constexpr int kVectors = 4;
constexpr int64_t kLanes = 8;
constexpr int64_t kPanel = kVectors * kLanes;  // columns
constexpr int64_t kWordsOfBytes = 31;

/** Pointers to the words of the 4 vectors of a panel; those beyond n repeat the first. */
struct Columns {
  const uint32_t* bits[kVectors];
  int64_t first, count;
};

Columns columns_of(const Problem& p, int64_t n0, int64_t count, int64_t steps) {
  Columns out{{}, n0, count};
  for (int64_t c = 0; c < kVectors; ++c) {
    const int64_t n = n0 + (c * kLanes < count ? c * kLanes : 0);
    out.bits[c] = p.w.bits + n / kRows * steps * kRows + n % kRows;
  }
  return out;
}

void write(const Problem& p, const int32_t* common, int64_t m, const Columns& columns) {
  const s8::Epilogue& e = p.epilogue;
  const int32_t offset = static_cast<int32_t>(p.k) - 2 * p.x.counts[m];
  const float step = e.x_step[m * e.x_stride];
  for (int64_t j = 0; j < columns.count; ++j) {
    const int64_t n = columns.first + j;
    const int32_t dot = offset + 4 * common[j] - 2 * p.w.counts[n];
    const float scaled = static_cast<float>(dot) * (step * e.w_scale[n * e.w_stride]);
    p.y[m * p.n + n] = e.bias != nullptr ? scaled + e.bias[n] : scaled;
  }
}

template <int R>
void tile(const Problem& p, int64_t m, const Columns& columns, int64_t steps) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  // ones of a nibble, twice
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15), ones8 = _mm256_set1_epi8(1), ones16 = _mm256_set1_epi16(1);
  const uint32_t* x[R];
  for (int64_t r = 0; r < R; ++r) x[r] = p.x.bits + (m + r) / kRows * steps * kRows + (m + r) % kRows;
  alignas(32) int32_t common[R][kPanel] = {};
  for (int64_t s0 = 0; s0 < steps; s0 += kWordsOfBytes) {
    const int64_t s1 = steps - s0 < kWordsOfBytes ? steps : s0 + kWordsOfBytes;
    __m256i bytes[R][kVectors];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
      for (int c = 0; c < kVectors; ++c) bytes[r][c] = _mm256_setzero_si256();
    for (int64_t s = s0 * kRows; s < s1 * kRows; s += kRows) {
#pragma GCC unroll 8
      for (int c = 0; c < kVectors; ++c) {
        const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(columns.bits[c] + s));
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
          const __m256i both = _mm256_and_si256(w, _mm256_set1_epi32(static_cast<int32_t>(x[r][s])));
          const __m256i lower = _mm256_shuffle_epi8(table, _mm256_and_si256(both, low));
          const __m256i upper = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(both, 4), low));
          bytes[r][c] = _mm256_add_epi8(bytes[r][c], _mm256_add_epi8(lower, upper));
        }
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
      for (int c = 0; c < kVectors; ++c) {
        __m256i* const sums = reinterpret_cast<__m256i*>(common[r] + c * kLanes);
        const __m256i wide = _mm256_madd_epi16(_mm256_maddubs_epi16(bytes[r][c], ones8), ones16);
        _mm256_store_si256(sums, _mm256_add_epi32(_mm256_load_si256(sums), wide));
      }
  }
  for (int r = 0; r < R; ++r) write(p, common[r], m + r, columns);
}

void compute_avx2(const Problem& p) {
  const int64_t steps = (p.k + kWord - 1) / kWord;
  for (int64_t n0 = p.n_begin; n0 < p.n_end; n0 += kPanel) {
    const Columns columns = columns_of(p, n0, p.n_end - n0 < kPanel ? p.n_end - n0 : kPanel, steps);
    int64_t m = p.m_begin;
    for (; m + 2 <= p.m_end; m += 2) tile<2>(p, m, columns, steps);
    for (; m < p.m_end; ++m) tile<1>(p, m, columns, steps);
  }
}

}  // namespace

Kernel kernel_avx2() { return compute_avx2; }

}  // namespace ternion::b1

#else

namespace ternion::b1 {
Kernel kernel_avx2() { return nullptr; }
}  // namespace ternion::b1

#endif
