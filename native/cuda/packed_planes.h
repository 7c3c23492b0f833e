// Bit planes of the weights, in the order in which the lanes of a warp multiply them.
//
// A tile is 16 rows of w, a step 128 of k: [tiles][steps][32 lanes]. Lane l = 4 group + t of a step holds k = 32 t .. 32 t + 31
// of the rows `group` and `group` + 8, one bit a code: the plus plane has the ones, the minus plane the minus ones. Binary
// weights have no zeros and no minus plane. Code 4 i + b of the 32 is bit 8 b + i of a word, so that one shift and one mask
// give four codes, each in a byte of its own. Outside the matrix bits are 0.
#pragma once
#include <cstdint>

#include "codes.h"
#include "index.h"

namespace ternion {

constexpr int kPlaneRows = 16;   ///< rows of w in a tile
constexpr int kPlaneStep = 128;  ///< of k, in a step
constexpr int kLaneCodes = 32;   ///< codes in a word
constexpr uint32_t kLowBits = 0x01010101u;

/// What a lane holds of a step: [0] row `group`, [1] row `group` + 8.
template <bool kBinary>
struct Planes;
template <>
struct alignas(16) Planes<false> {
  uint32_t plus[2], minus[2];
};
template <>
struct alignas(8) Planes<true> {
  uint32_t plus[2];
};

inline int64_t plane_tiles(int64_t n) { return (n + kPlaneRows - 1) / kPlaneRows; }
inline int64_t plane_steps(int64_t k) { return (k + kPlaneStep - 1) / kPlaneStep; }
inline int64_t plane_count(int64_t n, int64_t k) { return plane_tiles(n) * plane_steps(k) * 32; }
inline int64_t plane_bytes(int64_t n, int64_t k, bool binary) {
  return plane_count(n, k) * static_cast<int64_t>(binary ? sizeof(Planes<true>) : sizeof(Planes<false>));
}

/// Codes 4 i .. 4 i + 3 as signed bytes: 1 where plus, 255 where minus, no carry between bytes.
__device__ __forceinline__ uint32_t expanded(const Planes<false>& planes, int row, int i) {
  return (planes.minus[row] >> i & kLowBits) * 255u + (planes.plus[row] >> i & kLowBits);
}
/// The same of binary codes: 1 where plus, else 1 + 254.
__device__ __forceinline__ uint32_t expanded(const Planes<true>& planes, int row, int i) {
  return (~planes.plus[row] >> i & kLowBits) * 254u + kLowBits;
}

/// Sets the bits of codes 4 i .. 4 i + 3, given as four signed bytes in {-1, 0, 1}.
__device__ __forceinline__ void put(Planes<false>& planes, int row, int i, uint32_t codes) {
  const uint32_t negative = codes >> 7 & kLowBits;
  planes.plus[row] |= (codes & ~negative & kLowBits) << i;
  planes.minus[row] |= negative << i;
}
__device__ __forceinline__ void put(Planes<true>& planes, int row, int i, uint32_t codes) {
  planes.plus[row] |= (codes & ~(codes >> 7) & kLowBits) << i;
}

/// Codes[n,k] as the quantizers write them: rows of k bytes, read 16 at a time where k is a multiple of 16.
struct CodeRows {
  Global<const int8_t> codes;
  Global<const Codes> whole;  ///< the same memory, or nothing
  int64_t n, k;

  /// Codes c .. c + 3 of row r; zeros beyond k.
  __device__ __forceinline__ uint32_t word(int64_t r, int64_t c) const {
    uint32_t found = 0;
    for (int i = 0; i < 4 && c + i < k; ++i) found |= static_cast<uint32_t>(static_cast<uint8_t>(codes[r * k + c + i])) << 8 * i;
    return found;
  }

  /// Codes `at` of row r; zeros beyond k.
  __device__ __forceinline__ Codes at(int64_t r, int64_t at) const {
    if (whole) return whole[r * (k / kCodes) + at];
    const int64_t begin = at * kCodes;
    return {{word(r, begin), word(r, begin + 4), word(r, begin + 8), word(r, begin + 12)}};
  }
};

/// A weight matrix packed: its codes in rows of Codes, and their planes.
template <bool kBinary>
struct Panel {
  Global<Codes> codes;
  Global<Planes<kBinary>> planes;
  int64_t row_codes, steps;
};

/// Copies what a lane holds of row r of w, from Codes `at` on, and sets its bits in the planes.
template <int kRow, bool kBinary>
__device__ __forceinline__ void pack_row(Planes<kBinary>& planes, const Panel<kBinary>& panel, const CodeRows& w, int64_t r,
                                         int64_t at) {
  for (int part = 0; part < kLaneCodes / kCodes; ++part) {
    if (r >= w.n || at + part >= panel.row_codes) return;
    const Codes codes = w.at(r, at + part);
    panel.codes[r * panel.row_codes + at + part] = codes;
    for (int j = 0; j < kCodes / 4; ++j) put(planes, kRow, part * kCodes / 4 + j, codes.word[j]);
  }
}

/// Writes element `i` of the planes, and the codes that it holds.
template <bool kBinary>
__device__ __forceinline__ void pack_element(const Panel<kBinary>& panel, const CodeRows& w, int64_t i) {
  const int64_t tile = i / 32 / panel.steps, step = i / 32 % panel.steps;
  const int64_t r = tile * kPlaneRows + i % 32 / 4, at = (step * kPlaneStep + i % 4 * kLaneCodes) / kCodes;
  Planes<kBinary> planes = {};
  pack_row<0>(planes, panel, w, r, at);
  pack_row<1>(planes, panel, w, r + 8, at);
  panel.planes[i] = planes;
}

}  // namespace ternion
