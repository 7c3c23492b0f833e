// The product of binary codes: ones in common, counted by the tensor cores, and from them the exact integer.
//
// For codes in {-1, 1} with bit 1 where 1: x w^T = k + 4 popc(x & w) - 2 popc(x) - 2 popc(w). AND is one instruction on compute
// capability 8.0 to 9.0, XOR is two on 9.0. Newer devices have neither: there the bits are expanded to codes first.
// [performance.md 4]
//
// A row of bits is Codes of 128 bits: bit l of word b is code 4 l + b. Bits beyond k are 0.
#include "gemm_s8.h"
#include "mma_b1.h"
#include "reduce.h"
#include "ternion/group_checks.h"
#include "tile_product.h"

namespace ternion {
namespace {

constexpr int kRowBits = 128;         // of a Codes
constexpr int kFirstWithoutBits = 100;  // compute capability, times 10

int64_t bit_codes(int64_t k) { return (k + kRowBits - 1) / kRowBits; }

/// The bits of a row and how many are set. One warp each.
__global__ void pack(Global<Codes> bits, Global<int32_t> counts, Global<const int8_t> codes, int64_t rows, int64_t k,
                     int64_t row_codes) {
  const int64_t r = warp_index();
  if (r >= rows) return;
  int32_t count = 0;
  for (int64_t at = 0; at < row_codes; ++at) {
    Codes packed;
    for (int b = 0; b < kCodes / 4; ++b) {
      const int64_t c = at * kRowBits + 4 * lane_index() + b;
      packed.word[b] = __ballot_sync(kAllLanes, c < k && codes[r * k + c] > 0);
      count += __popc(packed.word[b]);
    }
    if (lane_index() == 0) bits[r * row_codes + at] = packed;
  }
  if (lane_index() == 0) counts[r] = count;
}

/// codes[rows, padded] = -1 or 1 for each bit, and zeros beyond k.
__global__ void unpack(Global<int8_t> codes, Global<const uint32_t> bits, int64_t rows, int64_t k, int64_t padded_k,
                       int64_t row_words) {
  const int64_t i = thread_index();
  if (i >= rows * padded_k) return;
  const int64_t r = i / padded_k, c = i % padded_k;
  const uint32_t word = bits[r * row_words + c / kRowBits * 4 + c % 4];
  codes[i] = c < k ? static_cast<int8_t>((word >> (c % kRowBits / 4) & 1u) != 0 ? 1 : -1) : int8_t{0};
}

/// Ones in common to the integer product.
struct BitProduct {
  Global<const int32_t> x_ones, w_ones;
  int32_t k;

  static __device__ __forceinline__ void multiply(int32_t (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
    mma_b1_and(c, a, b);
  }
  __device__ __forceinline__ int32_t operator()(int32_t common, int64_t row, int64_t column) const {
    return k + 4 * common - 2 * (x_ones[row] + w_ones[column]);
  }
};

}  // namespace

int64_t CudaBackend::bits_bytes(int64_t rows, int64_t k) { return rows * bit_codes(k) * static_cast<int64_t>(sizeof(Codes)); }

void CudaBackend::pack_bits(Buffer& bits, Buffer& counts, const Buffer& codes, int64_t rows, int64_t k) {
  const Global<uint8_t> bp = bytes_of(bits, bits_bytes(rows, k), "pack_bits bits");
  const Global<int32_t> np = ints(counts, rows, "pack_bits counts");
  const Global<const int8_t> cp = codes_of(codes, rows * k, "pack_bits codes");
  const Global<Codes> to(reinterpret_cast<Codes*>(bp.pointer()), rows * bit_codes(k));
  launch(warp_each("pack_bits", rows), pack, to, np, cp, rows, k, bit_codes(k));
}

void CudaBackend::gemm_b1(Buffer& y, Buffer* gelu, const Buffer& x_bits, const Buffer& x_counts, const Buffer& x_step,
                          int64_t x_group, const Buffer& w_bits, const Buffer& w_counts, const Buffer& w_scale, int64_t w_group,
                          const Buffer* bias, int64_t m, int64_t n, int64_t k, Buffer* tops, int64_t slot) {
  check_groups_b1(x_group, w_group, m, n, k);
  const Global<float> yp = reals(y, m * n, "gemm_b1 y");
  const Global<const uint8_t> xp = bytes_of(x_bits, bits_bytes(m, k), "gemm_b1 x_bits");
  const Global<const uint8_t> wp = bytes_of(w_bits, bits_bytes(n, k), "gemm_b1 w_bits");
  const Global<const int32_t> x_ones = ints(x_counts, m, "gemm_b1 x_counts"), w_ones = ints(w_counts, n, "gemm_b1 w_counts");
  const bool x_per_row = x_group == k && m > 1, w_per_row = w_group == k && n > 1;
  const Epilogue epilogue{reals(x_step, x_per_row ? m : 1, "gemm_b1 x_step"), x_per_row ? 1 : 0,
                          reals(w_scale, w_per_row ? n : 1, "gemm_b1 w_scale"), w_per_row ? 1 : 0,
                          bias ? reals(*bias, n, "gemm_b1 bias") : Global<const float>(),
                          gelu ? reals(*gelu, m * n, "gemm_b1 gelu") : Global<float>(), top_of(tops, slot, "gemm_b1 tops")};
  if (compute_capability() < kFirstWithoutBits) {
    launch(shape("gemm_b1", product_tiles(m, n), kProductThreads), tile_product<BitProduct>, yp,
           words_of<Codes>(xp.pointer(), bits_bytes(m, k)), words_of<Codes>(wp.pointer(), bits_bytes(n, k)),
           BitProduct{x_ones, w_ones, static_cast<int32_t>(k)}, epilogue, m, n, bit_codes(k));
    return;
  }
  const int64_t row = padded(k), row_words = bit_codes(k) * 4;
  Scratch x_codes(*this, S8, m * row), w_codes(*this, S8, n * row);
  const Global<int8_t> xc = codes_of(*x_codes, m * row, "gemm_b1 codes of x"), wc = codes_of(*w_codes, n * row, "gemm_b1 codes of w");
  launch(each("gemm_b1", m * row), unpack, xc, words_of<uint32_t>(xp.pointer(), bits_bytes(m, k)), m, k, row, row_words);
  launch(each("gemm_b1", n * row), unpack, wc, words_of<uint32_t>(wp.pointer(), bits_bytes(n, k)), n, k, row, row_words);
  product_of_codes(*this, "gemm_b1", yp, words_of<Codes>(xc.pointer(), m * row), words_of<Codes>(wc.pointer(), n * row), epilogue,
                   m, n, row / kCodes);
}

}  // namespace ternion
