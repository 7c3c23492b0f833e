// flags: -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -ffp-contract=off
// AVX-512 VNNI kernel: vpdpbusd (u8 weights x s8 activations, four products into an int32), sums kept over all of K.
//
// Tile: R rows x 64 columns (4 zmm); 6 rows keep 24 sums, 4 weights and 1 broadcast in the 32 registers. Tails use 2 and
// 1 rows. Rows outer in blocks of 192, panels inner; one panel of K = 3072 is 196 KiB, which the second-level cache holds
// (source: performance.md section 8). The sums start at minus the row sum.
//
// With TERNION_SIMDE defined the same code is built for any CPU by SIMDe (tests only), as emulated_avx512vnni.

#include "gemm_s8_internal.h"

#if defined(TERNION_SIMDE)
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#elif defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    defined(__AVX512VNNI__)
#include <immintrin.h>
#define TERNION_AVX512VNNI
#endif

#if defined(TERNION_SIMDE) || defined(TERNION_AVX512VNNI)

#include <string.h>

namespace ternion::s8 {
namespace {
namespace vnni {

constexpr int64_t kRows = 192;
constexpr int kVectors = 4;  // zmm of one row of a panel

/** sum += u.x in groups of four bytes. Assembly: with the intrinsic gcc 12 spills the sums (half the speed). */
inline __attribute__((always_inline)) void dot(__m512i& sum, __m512i u, __m512i x) {
#if defined(TERNION_SIMDE)
  sum = simde_mm512_dpbusd_epi32(sum, u, x);
#else
  __asm__("vpdpbusd %[x], %[u], %[sum]" : [sum] "+v"(sum) : [u] "v"(u), [x] "v"(x));
#endif
}

inline __attribute__((always_inline)) __m512 to_float(__m512i value) {
#if defined(TERNION_SIMDE)
  int32_t integers[16];  // SIMDe 0.7.4 lacks _mm512_cvtepi32_ps
  float floats[16];
  _mm512_storeu_si512(integers, value);
  for (int i = 0; i < 16; ++i) floats[i] = static_cast<float>(integers[i]);
  return _mm512_loadu_ps(floats);
#else
  // Not _mm512_cvtepi32_ps: gcc 12's header makes it a false -Wmaybe-uninitialized.
  return reinterpret_cast<__m512>(__builtin_convertvector(reinterpret_cast<__v16si>(value), __v16sf));
#endif
}

/** acc[r] += u.x over `steps` steps of 4 k; x may be read in whole steps. */
template <int R>
inline __attribute__((always_inline)) void accumulate(__m512i (&acc)[R][kVectors], const int8_t* x, int64_t x_stride,
                                                      const uint8_t* u, int64_t steps) {
  for (int64_t s = 0; s < steps; ++s) {
    __m512i weight[kVectors];
#pragma GCC unroll 8
    for (int c = 0; c < kVectors; ++c) weight[c] = _mm512_loadu_si512(u + (s * kVectors + c) * 64);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      int32_t word;
      memcpy(&word, x + r * x_stride + s * kStep, sizeof word);
      const __m512i value = _mm512_set1_epi32(word);
#pragma GCC unroll 8
      for (int c = 0; c < kVectors; ++c) dot(acc[r][c], weight[c], value);
    }
  }
}

/** Scales and bias of one panel, padded to 64 columns. */
struct PanelEpilogue {
  alignas(64) float scale[kPanelColumns];
  alignas(64) float bias[kPanelColumns];
};

void fill(PanelEpilogue& out, const Epilogue& e, int64_t n0, int64_t columns) {
  for (int64_t j = 0; j < kPanelColumns; ++j) {
    const int64_t n = n0 + (j < columns ? j : 0);
    out.scale[j] = e.w_scale[n * e.w_stride];
    out.bias[j] = e.bias != nullptr ? e.bias[n] : 0.0F;
  }
}

/** Writes R rows from row m on, `columns` of 64 from column n0 on. */
template <int R>
inline __attribute__((always_inline)) void write(const Problem& p, const __m512i (&acc)[R][kVectors], int64_t m,
                                                 int64_t n0, int64_t columns, const PanelEpilogue& e) {
  alignas(64) float float_tail[kPanelColumns];
  alignas(64) int32_t integer_tail[kPanelColumns];
  const bool whole = columns == kPanelColumns;
  const size_t bytes = static_cast<size_t>(columns) * 4;
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    const int64_t at = (m + r) * p.n + n0;
    if (p.acc != nullptr) {
      int32_t* to = whole ? p.acc + at : integer_tail;
#pragma GCC unroll 8
      for (int c = 0; c < kVectors; ++c) _mm512_storeu_si512(to + c * 16, acc[r][c]);
      if (!whole) memcpy(p.acc + at, integer_tail, bytes);
      continue;
    }
    float* to = whole ? p.y + at : float_tail;
    const __m512 step = _mm512_set1_ps(p.epilogue.x_step[(m + r) * p.epilogue.x_stride]);
#pragma GCC unroll 8
    for (int c = 0; c < kVectors; ++c) {
      const __m512 scale = _mm512_mul_ps(step, _mm512_loadu_ps(e.scale + c * 16));
      __m512 value = _mm512_mul_ps(to_float(acc[r][c]), scale);
#if !defined(TERNION_SIMDE)
      __asm__("" : "+v"(value));  // keeps the product rounded: no FMA whatever the flags
#endif
      if (p.epilogue.bias != nullptr) value = _mm512_add_ps(value, _mm512_loadu_ps(e.bias + c * 16));
      _mm512_storeu_ps(to + c * 16, value);
    }
    if (!whole) memcpy(p.y + at, float_tail, bytes);
  }
}

/** R rows from row m on, of the panel that starts at column n0. */
template <int R>
void tile(const Problem& p, int64_t m, int64_t n0, int64_t columns, const PanelEpilogue& e) {
  const uint8_t* u = p.panel + n0 * ((p.k + kStep - 1) / kStep) * kStep + p.k_begin * kPanelColumns;
  const int8_t* x = p.x + m * p.k + p.k_begin;
  __m512i acc[R][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int c = 0; c < kVectors; ++c) acc[r][c] = _mm512_set1_epi32(-p.sums[m + r]);
  }
  const int64_t length = p.k_end - p.k_begin;
  const int64_t whole = length / kStep;
  accumulate<R>(acc, x, p.k, u, whole);
  if (const int64_t rest = length % kStep; rest != 0) {  // a whole step would read past the row: pad a copy
    int8_t padded[R][kStep] = {};
    for (int r = 0; r < R; ++r) memcpy(padded[r], x + r * p.k + whole * kStep, static_cast<size_t>(rest));
    accumulate<R>(acc, padded[0], kStep, u + whole * kStep * kPanelColumns, 1);
  }
  write<R>(p, acc, m, n0, columns, e);
}

void compute(const Problem& p) {
  PanelEpilogue e;
  for (int64_t m0 = p.m_begin; m0 < p.m_end; m0 += kRows) {
    const int64_t m1 = p.m_end - m0 < kRows ? p.m_end : m0 + kRows;
    for (int64_t n0 = p.n_begin; n0 < p.n_end; n0 += kPanelColumns) {
      const int64_t columns = p.n_end - n0 < kPanelColumns ? p.n_end - n0 : kPanelColumns;
      if (p.y != nullptr) fill(e, p.epilogue, n0, columns);
      int64_t m = m0;
      for (; m + 6 <= m1; m += 6) tile<6>(p, m, n0, columns, e);
      for (; m + 2 <= m1; m += 2) tile<2>(p, m, n0, columns, e);
      for (; m < m1; ++m) tile<1>(p, m, n0, columns, e);
    }
  }
}

}  // namespace vnni
}  // namespace

#if defined(TERNION_SIMDE)
Kernel emulated_avx512vnni() { return vnni::compute; }
#else
Kernel kernel_avx512vnni() { return vnni::compute; }
#endif

}  // namespace ternion::s8

#else

namespace ternion::s8 {
Kernel kernel_avx512vnni() { return nullptr; }
}  // namespace ternion::s8

#endif
