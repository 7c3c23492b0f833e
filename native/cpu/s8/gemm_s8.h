// Exact integer GEMM of the quantised student's forward pass on the CPU.
//
//   y[m,n] = float(acc[m,n]) * (x_step[m] * w_scale[n]) + bias[n]
//   acc[m,n] = sum over k of x[m,k] * w[n,k]            (an exact int32)
//
// x is s8 in [-127, 127], row-major [M,K]; w holds codes -1, 0, +1 (binary: -1, +1), packed by pack_panel as
// u = w + 1. The kernels sum u*x and take the row sum off: acc = u.x - sum(x). The product of the two scales is
// rounded first, then the product with acc, then the sum with the bias; nothing is fused, so every ISA gives the
// same bytes (source: performance.md sections 8 and 10).
//
// Exactness: |acc| <= 127 K. float(acc) is exact while 127 K <= 2^24, that is K <= 132,104; the int32 sums
// themselves (|u.x| <= 254 K) while K <= 8,454,660. x = -128 is outside the contract (AVX2: int16 would overflow).
//
// Panel layout, the same for every ISA: [ceil(N/64)][ceil(K/4)][64 columns][4 k] bytes, padded with u = 1 (code 0).
// Pointers need no alignment; a panel on a 64-byte boundary is faster. Nothing here allocates, locks or throws
// (the first call reads the environment and may print one line); different blocks may be computed by different threads.
#pragma once

#include <cstdint>

namespace ternion::s8 {

inline constexpr int64_t kPanelColumns = 64;  // columns of one panel
inline constexpr int64_t kStep = 4;           // consecutive k held together

enum class Isa { portable, avx2, avx512vnni };

/** Scales and bias; see the formula above. */
struct Epilogue {
  const float* x_step;   // [1] or [M]
  int x_stride;          // 0: one step for the tensor, 1: one for each row
  const float* w_scale;  // [1] or [N]
  int w_stride;          // 0: one scale for the tensor, 1: one for each output column
  const float* bias;     // null or [N]
};

/** Bytes of the packed weights of an [n,k] matrix. */
int64_t panel_bytes(int64_t n, int64_t k);

/** Packs codes [n,k] (row-major, -1, 0 or +1; not checked) into panel. */
void pack_panel(uint8_t* panel, const int8_t* codes, int64_t n, int64_t k);

/** The same for output columns [n_begin, n_end): n_begin a multiple of 64, n_end a multiple of 64 or n. */
void pack_panel_columns(uint8_t* panel, const int8_t* codes, int64_t n, int64_t k, int64_t n_begin, int64_t n_end);

/** sums[i] = sum of row i of x [m,k]. */
void row_sums(int32_t* sums, const int8_t* x, int64_t m, int64_t k);

/** sums[i] = sum of x[i, k_begin..k_end), for gemm_s32 over a range of k. */
void row_sums_range(int32_t* sums, const int8_t* x, int64_t m, int64_t k, int64_t k_begin, int64_t k_end);

/**
 * Computes y[m_begin..m_end, n_begin..n_end) and writes nothing else. y [M,n], x [M,k], x_row_sums [M] and the
 * epilogue's arrays are those of the whole problem (row m is at y + m * n). n_begin is a multiple of 64; n_end any.
 */
void gemm(float* y, const int8_t* x, const int32_t* x_row_sums, const uint8_t* panel, int64_t m_begin, int64_t m_end,
          int64_t n, int64_t k, int64_t n_begin, int64_t n_end, const Epilogue& epilogue);

/**
 * The integers alone, over k in [k_begin, k_end): acc [M,n] is overwritten in the block. k_begin is a multiple of 4,
 * k_end a multiple of 4 or k; x_row_sums [M] must be the sums over the same range. For a scale per group of k, call it
 * once for each group.
 */
void gemm_s32(int32_t* acc, const int8_t* x, const int32_t* x_row_sums, const uint8_t* panel, int64_t m_begin,
              int64_t m_end, int64_t n, int64_t k, int64_t n_begin, int64_t n_end, int64_t k_begin, int64_t k_end);

/** True when this build holds the kernel and this CPU can run it. */
bool isa_available(Isa isa);

/** Makes isa the one in use and returns true, or changes nothing and returns false when it is not available. */
bool select_isa(Isa isa);

/**
 * "portable", "avx2" or "avx512vnni": the one in use. The first use picks the best available one, or the one that
 * the environment variable TERNION_ISA names; a name that is unknown or not available is reported on stderr and ignored.
 */
const char* isa_name();

}  // namespace ternion::s8
