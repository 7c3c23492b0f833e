// flags: -mavx2 -mfma -ffp-contract=off
// AVX2 kernel: vpmaddubsw into int16 accumulators, widened every 64 steps of 4 k.
//
// A pair of products is at most 2 * 2 * 127 = 508, so 64 of them (32,512) fit int16 (source: performance.md section 7).
// Tile: R rows x C vectors of 8 columns; 6 x 2 keeps 12 accumulators, 2 weights, 1 broadcast and 1 product in the 16
// registers, and issues 8 loads for 24 vector operations. One block of 64 steps of a panel is 16 KiB, which stays in
// the first-level cache while up to kRows rows pass over it; their int32 sums wait in a scratch of [kRows][64].

#include "gemm_s8_internal.h"

#if defined(__AVX2__)

#include <immintrin.h>
#include <string.h>

namespace ternion::s8 {
namespace {

constexpr int64_t kMaxSteps = 64;                    // int16 additions between two widenings
constexpr int64_t kRows = 192;                       // rows that share a pass over a panel
constexpr int64_t kTileRows = 6;                     // rows of the largest tile
constexpr int64_t kStepBytes = kPanelColumns * kStep;  // bytes of one step of a panel

__m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }

// The inner loop of a tile of R rows x 16 columns is assembly: gcc 12 hoists the products of all rows and spills the
// sums, which costs more than half of the speed, and recomputes the rows' addresses in every step. Both products
// before both sums is the fastest order measured on Zen 3. Rows 0-2 are at x, rows 3-5 at y = x + 3 rows.
#define TERNION_ROW(sum0, sum1, k, address)                  \
  "vpbroadcastd " #k "(" address "), %%ymm14\n\t"            \
  "vpmaddubsw %%ymm14, %%ymm12, %%ymm15\n\t"                 \
  "vpmaddubsw %%ymm14, %%ymm13, %%ymm14\n\t"                 \
  "vpaddw %%ymm15, %[" #sum0 "], %[" #sum0 "]\n\t"           \
  "vpaddw %%ymm14, %[" #sum1 "], %[" #sum1 "]\n\t"
#define TERNION_WEIGHTS(offset) "vmovdqu " #offset "(%[u]), %%ymm12\n\tvmovdqu 32+" #offset "(%[u]), %%ymm13\n\t"
#define TERNION_ROWS3(k)                                                                             \
  TERNION_ROW(a0, b0, k, "%[x]") TERNION_ROW(a1, b1, k, "%[x],%[stride]") TERNION_ROW(a2, b2, k, "%[x],%[stride],2")
#define TERNION_ROWS4(k) TERNION_ROWS3(k) TERNION_ROW(a3, b3, k, "%[y]")
#define TERNION_ROWS5(k) TERNION_ROWS4(k) TERNION_ROW(a4, b4, k, "%[y],%[stride]")
#define TERNION_ROWS6(k) TERNION_ROWS5(k) TERNION_ROW(a5, b5, k, "%[y],%[stride],2")
#define TERNION_ZERO(sum) "vpxor %[" #sum "], %[" #sum "], %[" #sum "]\n\t"
#define TERNION_ZERO3 TERNION_ZERO(a0) TERNION_ZERO(b0) TERNION_ZERO(a1) TERNION_ZERO(b1) TERNION_ZERO(a2) TERNION_ZERO(b2)
#define TERNION_ZERO4 TERNION_ZERO3 TERNION_ZERO(a3) TERNION_ZERO(b3)
#define TERNION_ZERO5 TERNION_ZERO4 TERNION_ZERO(a4) TERNION_ZERO(b4)
#define TERNION_ZERO6 TERNION_ZERO5 TERNION_ZERO(a5) TERNION_ZERO(b5)
#define TERNION_SUM(r) [a##r] "=&x"(acc[r][0]), [b##r] "=&x"(acc[r][1])
#define TERNION_SUMS3 TERNION_SUM(0), TERNION_SUM(1), TERNION_SUM(2)
#define TERNION_SUMS4 TERNION_SUMS3, TERNION_SUM(3)
#define TERNION_SUMS5 TERNION_SUMS4, TERNION_SUM(4)
#define TERNION_SUMS6 TERNION_SUMS5, TERNION_SUM(5)
// Two steps a turn, then the odd one.
#define TERNION_LOOP(rows)                                                                                          \
  "cmp $2, %[steps]\n\tjl 2f\n\t.p2align 5\n1:\n\t" TERNION_WEIGHTS(0) rows(0) TERNION_WEIGHTS(256) rows(4)          \
  "add $512, %[u]\n\tadd $8, %[x]\n\tadd $8, %[y]\n\tsub $2, %[steps]\n\tcmp $2, %[steps]\n\tjge 1b\n"               \
  "2:\n\ttest %[steps], %[steps]\n\tjle 3f\n\t" TERNION_WEIGHTS(0) rows(0) "3:\n\t"
#define TERNION_POINTERS [x] "+r"(x), [y] "+r"(y), [u] "+r"(u), [steps] "+r"(steps)
#define TERNION_TILE(R)                                                                            \
  __asm__ volatile(TERNION_ZERO##R TERNION_LOOP(TERNION_ROWS##R) : TERNION_SUMS##R, TERNION_POINTERS : [stride] "r"(x_stride)     \
                   : "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory")

/** acc[r][c] = u.x in pairs of int16, over `steps` <= 64 steps of 4 k; any shape that fits the registers. */
template <int R, int C>
inline __attribute__((always_inline)) void multiply(__m256i (&acc)[R][C], const int8_t* x, int64_t x_stride,
                                                    const uint8_t* u, int64_t steps) {
  if constexpr (C == 2) {
    const int8_t* y = x + 3 * x_stride;
    static_assert(R >= 3 && R <= 6);
    if constexpr (R == 3) {
      TERNION_TILE(3);
    } else if constexpr (R == 4) {
      TERNION_TILE(4);
    } else if constexpr (R == 5) {
      TERNION_TILE(5);
    } else {
      TERNION_TILE(6);
    }
  } else {
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
      for (int c = 0; c < C; ++c) acc[r][c] = _mm256_setzero_si256();
    }
    for (int64_t s = 0; s < steps; ++s) {
      __m256i value[R];
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        int32_t word;
        memcpy(&word, x + r * x_stride + s * kStep, sizeof word);
        value[r] = _mm256_set1_epi32(word);
      }
#pragma GCC unroll 8
      for (int c = 0; c < C; ++c) {
        const __m256i weight = load(u + s * kStepBytes + c * 32);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) acc[r][c] = _mm256_add_epi16(acc[r][c], _mm256_maddubs_epi16(weight, value[r]));
      }
    }
  }
}

/** sums[r][0..8C) += u.x over `steps` <= 64 steps; u and sums start at the tile's first column. */
template <int R, int C>
void tile(const int8_t* x, int64_t x_stride, const uint8_t* u, int64_t steps, int32_t* sums) {
  __m256i acc[R][C];
  multiply<R, C>(acc, x, x_stride, u, steps);
  const __m256i ones = _mm256_set1_epi16(1);
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) {
      __m256i* to = reinterpret_cast<__m256i*>(sums + r * kPanelColumns + c * 8);
      _mm256_store_si256(to, _mm256_add_epi32(_mm256_madd_epi16(acc[r][c], ones), _mm256_load_si256(to)));
    }
  }
}

/** All 64 columns (or those before `columns`, rounded up to a tile) of R rows. */
template <int R, int C>
void strips(const int8_t* x, int64_t x_stride, const uint8_t* u, int64_t steps, int32_t* sums,
            int64_t columns) {
  for (int64_t j = 0; j < columns; j += 8 * C) tile<R, C>(x, x_stride, u + j * kStep, steps, sums + j);
}

void rows_of_tile(int64_t rows, const int8_t* x, int64_t x_stride, const uint8_t* u, int64_t steps, int32_t* sums,
                  int64_t columns) {
  switch (rows) {
    case 1: return strips<1, 8>(x, x_stride, u, steps, sums, columns);
    case 2: return strips<2, 4>(x, x_stride, u, steps, sums, columns);
    case 3: return strips<3, 2>(x, x_stride, u, steps, sums, columns);
    case 4: return strips<4, 2>(x, x_stride, u, steps, sums, columns);
    case 5: return strips<5, 2>(x, x_stride, u, steps, sums, columns);
    default: return strips<6, 2>(x, x_stride, u, steps, sums, columns);
  }
}

/** Scales and bias of one panel, padded to 64 columns. */
struct PanelEpilogue {
  alignas(32) float scale[kPanelColumns];
  alignas(32) float bias[kPanelColumns];
  bool has_bias;
};

void fill(PanelEpilogue& out, const Epilogue& e, int64_t n0, int64_t columns) {
  out.has_bias = e.bias != nullptr;
  for (int64_t j = 0; j < kPanelColumns; ++j) {
    const int64_t n = n0 + (j < columns ? j : 0);
    out.scale[j] = e.w_scale[n * e.w_stride];
    out.bias[j] = out.has_bias ? e.bias[n] : 0.0F;
  }
}

/** y[0..columns) of one row from its finished sums. */
void write_floats(float* y, const int32_t* sums, float step, const PanelEpilogue& e, int64_t columns) {
  alignas(32) float tail[kPanelColumns];
  float* out = columns == kPanelColumns ? y : tail;
  const __m256 steps = _mm256_set1_ps(step);
  for (int64_t j = 0; j < columns; j += 8) {
    const __m256i acc = load(sums + j);
    const __m256 scale = _mm256_mul_ps(steps, _mm256_load_ps(e.scale + j));
    __m256 value = _mm256_mul_ps(_mm256_cvtepi32_ps(acc), scale);
    __asm__("" : "+x"(value));  // keeps the product rounded: no FMA whatever the flags
    if (e.has_bias) value = _mm256_add_ps(value, _mm256_load_ps(e.bias + j));
    _mm256_storeu_ps(out + j, value);
  }
  if (out == tail) memcpy(y, tail, static_cast<size_t>(columns) * sizeof(float));
}

/** The 64 sums of one row start at minus its row sum: acc = u.x - sum(x). */
void start(int32_t* sums, int32_t row_sum) {
  const __m256i value = _mm256_set1_epi32(-row_sum);
  for (int64_t j = 0; j < kPanelColumns; j += 8) _mm256_store_si256(reinterpret_cast<__m256i*>(sums + j), value);
}

/** Rows [m0, m1), at most kRows, of the panel that starts at column n0. */
void panel_rows(const Problem& p, int64_t m0, int64_t m1, int64_t n0, int64_t columns, int32_t* scratch,
                const PanelEpilogue& e) {
  const uint8_t* panel = p.panel + n0 * ((p.k + kStep - 1) / kStep) * kStep;
  const int64_t tiles = (m1 - m0 + kTileRows - 1) / kTileRows;
  int64_t k0 = p.k_begin;
  do {
    const int64_t k1 = p.k_end - k0 < kMaxSteps * kStep ? p.k_end : k0 + kMaxSteps * kStep;
    const int64_t steps = (k1 - k0 + kStep - 1) / kStep;
    const uint8_t* u = panel + k0 * kPanelColumns;
    for (int64_t t = 0; t < tiles; ++t) {
      const int64_t row = m0 + (m1 - m0) * t / tiles;
      const int64_t rows = m0 + (m1 - m0) * (t + 1) / tiles - row;
      const int8_t* x = p.x + row * p.k + k0;
      int32_t* sums = scratch + (row - m0) * kPanelColumns;
      if (k0 == p.k_begin) {
        for (int64_t r = 0; r < rows; ++r) start(sums + r * kPanelColumns, p.sums[row + r]);
      }
      int64_t stride = p.k;
      alignas(32) int8_t padded[kTileRows][kMaxSteps * kStep];
      if ((k1 - k0) % kStep != 0) {  // the last step reads past the row: use a copy padded with zeros
        for (int64_t r = 0; r < rows; ++r) {
          memcpy(padded[r], x + r * stride, static_cast<size_t>(k1 - k0));
          memset(padded[r] + (k1 - k0), 0, static_cast<size_t>(steps * kStep - (k1 - k0)));
        }
        x = padded[0];
        stride = kMaxSteps * kStep;
      }
      rows_of_tile(rows, x, stride, u, steps, sums, columns);
      if (k1 < p.k_end) continue;
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t m = row + r;
        const int32_t* from = sums + r * kPanelColumns;
        if (p.acc != nullptr) {
          memcpy(p.acc + m * p.n + n0, from, static_cast<size_t>(columns) * sizeof(int32_t));
        } else {
          write_floats(p.y + m * p.n + n0, from, p.epilogue.x_step[m * p.epilogue.x_stride], e, columns);
        }
      }
    }
    k0 = k1;
  } while (k0 < p.k_end);
}

void compute_avx2(const Problem& p) {
  alignas(64) int32_t scratch[kRows * kPanelColumns];
  PanelEpilogue e;
  for (int64_t m0 = p.m_begin; m0 < p.m_end; m0 += kRows) {
    const int64_t m1 = p.m_end - m0 < kRows ? p.m_end : m0 + kRows;
    for (int64_t n0 = p.n_begin; n0 < p.n_end; n0 += kPanelColumns) {
      const int64_t columns = p.n_end - n0 < kPanelColumns ? p.n_end - n0 : kPanelColumns;
      if (p.y != nullptr) fill(e, p.epilogue, n0, columns);
      panel_rows(p, m0, m1, n0, columns, scratch, e);
    }
  }
}

}  // namespace

Kernel kernel_avx2() { return compute_avx2; }

}  // namespace ternion::s8

#else

namespace ternion::s8 {
Kernel kernel_avx2() { return nullptr; }
}  // namespace ternion::s8

#endif
