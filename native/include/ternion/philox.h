// Philox4x32-10, the counter-based generator of [PHILOX] (Salmon, Moraes, Dror, Shaw: "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011), and the words Ternion derives from it. Integer
// operations only: the CPU and the CUDA backend give the same words by construction.
//
// A block is the function of one key (2 words) and one counter (4 words); it yields 4 words.
//
// Dropout words. The random word of element i at (seed, step, site) is
//   word (i mod 4) of the block with
//     key     = { low 32 bits of seed, high 32 bits of seed }
//     counter = { low 32 bits of i / 4, high 32 bits of i / 4, step, site }.
// It depends on nothing else: not on threads, tiles, batch order or backend.
#ifndef TERNION_PHILOX_H
#define TERNION_PHILOX_H

#include <cstddef>
#include <cstdint>

#if defined(__AVX2__) && !defined(__CUDACC__)
#include <immintrin.h>
#endif

#ifndef TERNION_FN
#ifdef __CUDACC__
#define TERNION_FN static __host__ __device__ __forceinline__
#else
#define TERNION_FN static inline __attribute__((always_inline))
#endif
#endif

namespace ternion {

// The four words of one block.
struct PhiloxBlock {
  std::uint32_t w[4];
};

// Multipliers and key increments of the paper; the increments are the fractions of the golden
// ratio and of the square root of 3.
constexpr std::uint32_t kPhiloxM0 = 0xd2511f53u;
constexpr std::uint32_t kPhiloxM1 = 0xcd9e8d57u;
constexpr std::uint32_t kPhiloxW0 = 0x9e3779b9u;
constexpr std::uint32_t kPhiloxW1 = 0xbb67ae85u;
constexpr int kPhiloxRounds = 10;

// One block: ten rounds, the key bumped between them.
TERNION_FN PhiloxBlock philox4x32(std::uint32_t key0, std::uint32_t key1, std::uint32_t c0,
                                  std::uint32_t c1, std::uint32_t c2, std::uint32_t c3) {
#if defined(__CUDA_ARCH__)
#pragma unroll
#elif !defined(__CUDACC__)
#pragma GCC unroll 10
#endif
  for (int r = 0; r < kPhiloxRounds; ++r) {
    const std::uint64_t p0 = static_cast<std::uint64_t>(kPhiloxM0) * c0;
    const std::uint64_t p1 = static_cast<std::uint64_t>(kPhiloxM1) * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ key0;
    c1 = static_cast<std::uint32_t>(p1);
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ key1;
    c3 = static_cast<std::uint32_t>(p0);
    key0 += kPhiloxW0;
    key1 += kPhiloxW1;
  }
  return PhiloxBlock{{c0, c1, c2, c3}};
}

// The block that holds the words of elements 4 * block to 4 * block + 3.
TERNION_FN PhiloxBlock dropout_block(std::uint64_t seed, std::uint32_t step, std::uint32_t site,
                                     std::uint64_t block) {
  return philox4x32(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                    static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
                    step, site);
}

// The word of one element.
TERNION_FN std::uint32_t dropout_word(std::uint64_t seed, std::uint32_t step, std::uint32_t site,
                                      std::uint64_t element) {
  const PhiloxBlock b = dropout_block(seed, step, site, element >> 2);
  const std::uint32_t lo = (element & 1) ? b.w[1] : b.w[0];
  const std::uint32_t hi = (element & 1) ? b.w[3] : b.w[2];
  return (element & 2) ? hi : lo;
}

// Whether the element is kept: its word is at least the threshold. Threshold t drops with
// probability t / 2^32 exactly; 0 keeps everything.
TERNION_FN bool dropout_keep(std::uint64_t seed, std::uint32_t step, std::uint32_t site,
                             std::uint64_t element, std::uint32_t threshold) {
  return dropout_word(seed, step, site, element) >= threshold;
}

// The threshold of drop probability p: p * 2^32 rounded to nearest, clamped to the word range (so
// p = 1 still keeps one word in 2^32; a NaN keeps everything). Computed once, on the host.
TERNION_FN std::uint32_t dropout_threshold(double p) {
  const double scaled = p * 4294967296.0 + 0.5;  // the product is exact
  return scaled >= 4294967295.0 ? 0xffffffffu
         : scaled >= 1.0        ? static_cast<std::uint32_t>(scaled)
                                : 0u;
}

// A word as a float in [0, 1), a multiple of 2^-24; exact.
TERNION_FN float uniform01(std::uint32_t word) {
  return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24f;
}

#if defined(__AVX2__) && !defined(__CUDACC__)
// Four consecutive blocks, one per 64-bit lane. The low half of a lane is the word; the high half
// is left over from the products and never read.
TERNION_FN void dropout_blocks4(std::uint64_t seed, std::uint32_t step, std::uint32_t site,
                                std::uint64_t first, std::uint32_t* out) {
  const __m256i m0 = _mm256_set1_epi64x(kPhiloxM0), m1 = _mm256_set1_epi64x(kPhiloxM1);
  __m256i a = _mm256_add_epi64(_mm256_set1_epi64x(static_cast<long long>(first)),
                               _mm256_set_epi64x(3, 2, 1, 0));
  __m256i b = _mm256_srli_epi64(a, 32);
  __m256i c = _mm256_set1_epi64x(step);
  __m256i d = _mm256_set1_epi64x(site);
  std::uint32_t key0 = static_cast<std::uint32_t>(seed);
  std::uint32_t key1 = static_cast<std::uint32_t>(seed >> 32);
#pragma GCC unroll 10
  for (int r = 0; r < kPhiloxRounds; ++r) {
    const __m256i p0 = _mm256_mul_epu32(a, m0);
    const __m256i p1 = _mm256_mul_epu32(c, m1);
    a = _mm256_xor_si256(_mm256_srli_epi64(p1, 32),
                         _mm256_xor_si256(b, _mm256_set1_epi64x(key0)));
    c = _mm256_xor_si256(_mm256_srli_epi64(p0, 32),
                         _mm256_xor_si256(d, _mm256_set1_epi64x(key1)));
    b = p1;
    d = p0;
    key0 += kPhiloxW0;
    key1 += kPhiloxW1;
  }
  const __m256i ab = _mm256_blend_epi32(a, _mm256_slli_epi64(b, 32), 0xaa);
  const __m256i cd = _mm256_blend_epi32(c, _mm256_slli_epi64(d, 32), 0xaa);
  const __m256i even = _mm256_unpacklo_epi64(ab, cd);  // blocks 0 and 2
  const __m256i odd = _mm256_unpackhi_epi64(ab, cd);   // blocks 1 and 3
  __m256i* to = reinterpret_cast<__m256i*>(out);
  _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
  _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
}
#endif

// The words of elements 4 * first to 4 * (first + n) - 1, in element order, to out[0 .. 4n). The
// plain loop vectorises too; the AVX2 form spares the shuffles of a 32-bit widening product.
TERNION_FN void dropout_words(std::uint64_t seed, std::uint32_t step, std::uint32_t site,
                              std::uint64_t first, std::size_t n, std::uint32_t* out) {
  std::size_t i = 0;
#if defined(__AVX2__) && !defined(__CUDACC__)
  for (; i + 4 <= n; i += 4) dropout_blocks4(seed, step, site, first + i, out + 4 * i);
#endif
  for (; i < n; ++i) {
    const PhiloxBlock b = dropout_block(seed, step, site, first + i);
    out[4 * i + 0] = b.w[0];
    out[4 * i + 1] = b.w[1];
    out[4 * i + 2] = b.w[2];
    out[4 * i + 3] = b.w[3];
  }
}

}  // namespace ternion

#endif  // TERNION_PHILOX_H
