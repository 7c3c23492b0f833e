// The integer product of two matrices of Codes by tiles of 64 x 64: of s8 codes (gemm_s8.cu) and of bits (gemm_b1.cu).
#pragma once
#include "codes.h"
#include "index.h"
#include "product_epilogue.h"

namespace ternion {

constexpr int kProductTile = 64;      ///< rows and columns of y that a block of 4 warps computes, 32 x 32 each warp
constexpr int kProductStep = 4;       ///< Codes of a row that are in shared memory at a time: 64 bytes of k
constexpr int kProductThreads = 128;
constexpr int kProductLoads = kProductTile * kProductStep / kProductThreads;  ///< Codes of each operand that a thread loads a step

/// What this thread loads for a step: Codes first .. first + 3 of 64 rows from `row0` on; zeros outside the matrix.
struct LoadedCodes {
  Codes codes[kProductLoads];
};
__device__ __forceinline__ LoadedCodes load_codes(Global<const Codes> matrix, int64_t row0, int64_t rows, int64_t first,
                                                  int64_t row_codes) {
  LoadedCodes loaded;
  for (int j = 0; j < kProductLoads; ++j) {
    const int slot = static_cast<int>(threadIdx.x) + j * kProductThreads;
    const int64_t row = row0 + slot / kProductStep, at = first + slot % kProductStep;
    loaded.codes[j] = row < rows && at < row_codes ? matrix[row * row_codes + at] : Codes{};
  }
  return loaded;
}

__device__ __forceinline__ void store_codes(Shared<Codes> tile, const LoadedCodes& loaded) {
  for (int j = 0; j < kProductLoads; ++j) tile[static_cast<int>(threadIdx.x) + j * kProductThreads] = loaded.codes[j];
}

/// y[m,n] from Kind: multiply(c, a, b) is the tensor-core product of 16 x 8, (*this)(sum, row, column) the integer that its sum
/// stands for. One block for each tile.
template <class Kind>
__global__ void __launch_bounds__(kProductThreads)
    tile_product(Global<float> y, Global<const Codes> x, Global<const Codes> w, Kind kind, Epilogue epilogue, int64_t m, int64_t n,
                 int64_t row_codes) {
  // [2][64 rows][4]: a quarter of a warp reads two rows, 128 bytes in one piece, so no two lanes meet in a bank.
  constexpr int kHalf = kProductTile * kProductStep;
  TERNION_SHARED(Codes, x_tile, 2 * kHalf);
  TERNION_SHARED(Codes, w_tile, 2 * kHalf);
  const int64_t tiles = (n + kProductTile - 1) / kProductTile;
  const int64_t row0 = blockIdx.x / tiles * kProductTile, column0 = blockIdx.x % tiles * kProductTile;
  const int warp = static_cast<int>(threadIdx.x) / 32, group = lane_index() / 4, t = lane_index() % 4;
  const int row = warp / 2 * 32 + group, column = warp % 2 * 32 + group;  // first of this lane's rows of the tiles
  int32_t sums[2][4][4] = {};

  if (row_codes > 0) {
    store_codes(x_tile, load_codes(x, row0, m, 0, row_codes));
    store_codes(w_tile, load_codes(w, column0, n, 0, row_codes));
  }
  __syncthreads();
  int half = 0;
  for (int64_t first = 0; first < row_codes; first += kProductStep, half = kHalf - half) {
    const bool more = first + kProductStep < row_codes;
    LoadedCodes next_x, next_w;
    if (more) {
      next_x = load_codes(x, row0, m, first + kProductStep, row_codes);
      next_w = load_codes(w, column0, n, first + kProductStep, row_codes);
    }
    // The order of k within a step is free, as long as both operands have the same: lane t takes words 0 .. 3 of Codes t,
    // words 0 and 1 for one product and 2 and 3 for the other.
    Codes xs[4], ws[4];
    for (int i = 0; i < 4; ++i) xs[i] = x_tile[half + (row + 8 * i) * kProductStep + t];
    for (int j = 0; j < 4; ++j) ws[j] = w_tile[half + (column + 8 * j) * kProductStep + t];
    for (int word = 0; word < 4; word += 2)
      for (int i = 0; i < 2; ++i) {
        const Codes &upper = xs[2 * i], &lower = xs[2 * i + 1];
        const uint32_t a[4] = {upper.word[word], lower.word[word], upper.word[word + 1], lower.word[word + 1]};
        for (int j = 0; j < 4; ++j) {
          const uint32_t b[2] = {ws[j].word[word], ws[j].word[word + 1]};
          Kind::multiply(sums[i][j], a, b);
        }
      }
    if (more) {
      store_codes(x_tile + (kHalf - half), next_x);
      store_codes(w_tile + (kHalf - half), next_w);
    }
    __syncthreads();
  }

  float steps[4];
  for (int i = 0; i < 4; ++i) {
    const int64_t r = row0 + row + 8 * i;
    steps[i] = r < m ? epilogue.step(r) : 0.0f;
  }
  uint32_t top = 0;
  for (int j = 0; j < 8; ++j) {
    const int64_t c = column0 + warp % 2 * 32 + 8 * (j / 2) + 2 * t + j % 2;
    if (c >= n) continue;
    const float scale = epilogue.scale(c), shift = epilogue.shift(c);
    for (int i = 0; i < 4; ++i) {
      const int64_t r = row0 + row + 8 * i;
      if (r >= m) continue;
      const int32_t sum = kind(sums[i / 2][j / 2][i % 2 * 2 + j % 2], r, c);
      const float value = epilogue.value(sum, steps[i], scale, shift);
      y[r * n + c] = value;
      top = larger(top, magnitude_bits(value));
    }
  }
  if (epilogue.gelu) top = epilogue.activate<kProductTile, kProductTile, kProductThreads>(y, row0, column0, m, n);
  raise_top(epilogue.top, 0, top);
}

inline int64_t product_tiles(int64_t m, int64_t n) {
  return (m + kProductTile - 1) / kProductTile * ((n + kProductTile - 1) / kProductTile);
}

}  // namespace ternion
