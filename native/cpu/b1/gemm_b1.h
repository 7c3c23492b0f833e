// Exact product of binary codes on the CPU, by the bits that two rows have in common.
//
//   y[m,n] = float(dot[m,n]) * (x_step[m] * w_scale[n]) + bias[n]
//   dot[m,n] = k + 4 popc(x[m] & w[n]) - 2 popc(x[m]) - 2 popc(w[n])
//
// Codes are -1 and 1, their bits 0 and 1; popc counts ones. AND, as on a GPU, where XOR costs twice as much; with the counts of
// rows known it is the same algebra. Rounding as in s8/gemm_s8.h, so the bytes are those of the product of the same codes.
//
// Layout of both operands: [ceil(rows/16)][ceil(k/32)][16 rows] words of 32 bits, padded with zeros: a vector holds the same 32 of
// k for 16 rows of w, a word of x is broadcast to it: 512 products in three instructions of AVX-512.
// Nothing here allocates, locks or throws; different blocks may be computed by different threads.
#pragma once

#include <cstdint>

#include "../s8/gemm_s8.h"

namespace ternion::b1 {

inline constexpr int64_t kRows = 16;  // rows held together
inline constexpr int64_t kWord = 32;  // consecutive k of a row in a word

enum class Isa { portable, avx2, avx512vpopcntdq };

/** Words of the packed bits of a [rows,k] matrix. */
int64_t words(int64_t rows, int64_t k);

/** Packs rows [row_begin, row_end) of codes [rows,k], -1 or 1; row_begin a multiple of 16, row_end too or rows. */
void pack_rows(uint32_t* bits, int32_t* counts, const int8_t* codes, int64_t rows, int64_t k, int64_t row_begin, int64_t row_end);

/** A matrix of bits and the number of ones of each of its rows. */
struct Matrix {
  const uint32_t* bits;
  const int32_t* counts;
};

/**
 * Computes y[m_begin..m_end, n_begin..n_end) and writes nothing else. Operands, y [M,n] and the epilogue's arrays are those of
 * the whole problem. n_begin is a multiple of 64; n_end any.
 */
void gemm(float* y, const Matrix& x, const Matrix& w, int64_t m_begin, int64_t m_end, int64_t n, int64_t k, int64_t n_begin,
          int64_t n_end, const s8::Epilogue& epilogue);

/** The exact dot product of row i of x and row j of w. */
int32_t dot(const Matrix& x, const Matrix& w, int64_t i, int64_t j, int64_t k);

/** True when this build holds the kernel and this CPU can run it. */
bool isa_available(Isa isa);

/** "portable", "avx2" or "avx512vpopcntdq": the best one of this CPU, none better than TERNION_ISA names. */
const char* isa_name();

}  // namespace ternion::b1
