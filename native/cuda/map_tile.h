// Attention maps made from their operands, a tile of 32 queries x 32 keys at a time: no map in device memory.
//
// A thread block has 4 warps. In products a thread owns rows y + 8 i and columns x + 16 j of a tile; between products warp w
// owns rows 8 w .. 8 w + 7, its lane l the column l: sums over keys then run in the order of warp_sum.
#pragma once
#include <cmath>

#include "attention_product.h"
#include "mma_s8.h"
#include "nan.h"
#include "reduce.h"

namespace ternion {

constexpr int kMapThreads = 128;
constexpr int kMapWarps = kMapThreads / 32;
constexpr int kRowsEach = kTile / kMapWarps;  ///< rows of a warp
constexpr int kColumnsX = 16;                 ///< threads along a row in products
constexpr int kRowsY = kMapThreads / kColumnsX;
constexpr int kOwnRows = kTile / kRowsY, kOwnColumns = kTile / kColumnsX;  ///< of a thread in products: 4 x 2
constexpr int kWords = 16;                    ///< words of codes of a row that are in shared memory at a time
constexpr int kWordPitch = kWords + 4;        ///< the 8 rows of a fragment meet different banks
constexpr int kOut = 2;                       ///< tiles of columns that a thread block computes of a result [tokens, dim]

/// Thread blocks along the columns of a head.
inline int64_t column_parts(const Blocks& all) { return (all.dim + kOut * kTile - 1) / (kOut * kTile); }

/// An S8 or REAL operand whose codes can also be read four at a time: where head_dim is a multiple of 4.
struct TokenOperand {
  Operand data;
  Global<const uint32_t> words;

  TokenOperand(const Buffer& buffer, const Buffer* step, const Blocks& all, const char* what)
      : data(buffer, step, all.rows * all.width, what) {
    if (data.codes && all.dim % 4 == 0)
      words = Global<const uint32_t>(static_cast<const uint32_t*>(buffer.data()), all.rows * all.width / 4);
  }

  /// Codes at .. at + count as the low bytes of a word; count up to 4, zeros above.
  __device__ uint32_t word(int64_t at, int64_t count) const {
    if (words) return count > 0 ? words[at / 4] : 0u;
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
      if (i < count) value |= static_cast<uint32_t>(static_cast<uint8_t>(data.codes[at + i])) << (8 * i);
    return value;
  }
};

/// Device view of ScoreOperands; `given` is false where there are none.
struct ScoreSource {
  TokenOperand q, k;
  float root;

  ScoreSource(const ScoreOperands& o, const Blocks& all, const char* what)
      : q(*o.q, o.q_step, all, what), k(*o.k, o.k_step, all, what), root(1.0f / std::sqrt(static_cast<float>(all.dim))) {
    if ((o.q_step == nullptr) != (o.k_step == nullptr))
      throw std::invalid_argument(std::string("[") + what + "] q and k must both be codes or both REAL");
  }

  __device__ float factor() const { return (q.data.step() * k.data.step()) * root; }
};

/// A thread's share of a tile in products.
struct TileSums {
  float of[kOwnRows][kOwnColumns] = {};
};
__device__ __forceinline__ int own_row(int i) { return static_cast<int>(threadIdx.x) / kColumnsX + i * kRowsY; }
__device__ __forceinline__ int own_column(int j) { return static_cast<int>(threadIdx.x) % kColumnsX + j * kColumnsX; }

/// sums(i, j) += sum over l < n of a(l, i) b(l, j), in order of l; a(l, i) lies at l * a_outer + i * a_inner, b(l, j) at
/// l * kPitch + j.
__device__ __forceinline__ void multiply(TileSums& sums, Shared<float> a, int a_outer, int a_inner, Shared<float> b, int n) {
  for (int l = 0; l < n; ++l) {
    float left[kOwnRows], right[kOwnColumns];
    for (int i = 0; i < kOwnRows; ++i) left[i] = a[l * a_outer + own_row(i) * a_inner];
    for (int j = 0; j < kOwnColumns; ++j) right[j] = b[l * kPitch + own_column(j)];
    for (int i = 0; i < kOwnRows; ++i)
      for (int j = 0; j < kOwnColumns; ++j) sums.of[i][j] = fma_rn(left[i], right[j], sums.of[i][j]);
  }
}

/// tile[row, column] = sums * factor.
__device__ __forceinline__ void put(Shared<float> tile, const TileSums& sums, float factor) {
  for (int i = 0; i < kOwnRows; ++i)
    for (int j = 0; j < kOwnColumns; ++j) tile[own_row(i) * kPitch + own_column(j)] = sums.of[i][j] * factor;
}

/// The part of a head's tokens x dim that this thread loads into a tile: column `lane`, every fourth token from the warp's on.
struct TileLoad {
  int64_t at, step;  ///< element of the first token, and to the next
  int rows;          ///< tokens of the tile that exist; 0 where the column does not

  __device__ TileLoad(const Blocks& all, const Block& b, int64_t first, int64_t tokens, int64_t column)
      : at((b.row + first + threadIdx.x / 32) * all.width + b.column + column + lane_index()),
        step(kMapWarps * all.width),
        rows(column + lane_index() >= all.dim ? 0 : tokens - first < kTile ? static_cast<int>(tokens - first) : kTile) {}
};

/// tile[l, c] = weight * element (token first + l, column column + c) of a head; zeros from `tokens` and dim on.
__device__ __forceinline__ void load_tokens(Shared<float> tile, const Operand& x, float weight, const TileLoad& part) {
  int64_t at = part.at;
  for (int l = static_cast<int>(threadIdx.x) / 32; l < kTile; l += kMapWarps, at += part.step)
    tile[l * kPitch + lane_index()] = l < part.rows ? weight * x.at(at) : 0.0f;
}

/// tile[c, l] = the transpose of load_tokens: for products over the columns of a head.
__device__ __forceinline__ void load_columns(Shared<float> tile, const Operand& x, float weight, const TileLoad& part) {
  int64_t at = part.at;
  for (int l = static_cast<int>(threadIdx.x) / 32; l < kTile; l += kMapWarps, at += part.step)
    tile[lane_index() * kPitch + l] = l < part.rows ? weight * x.at(at) : 0.0f;
}

/// tile[i, j] = factor * sum over the columns of a head of x(x_first + i) y_weight y(y_first + j), one chain of fused
/// multiply-adds in order of the columns. x_tile and y_tile are scratch. Ends with a barrier.
__device__ __forceinline__ void real_tile(Shared<float> tile, Shared<float> x_tile, Shared<float> y_tile, const Operand& x,
                                          int64_t x_first, int64_t x_tokens, const Operand& y, float y_weight, int64_t y_first,
                                          int64_t y_tokens, float factor, const Blocks& all, const Block& b) {
  TileSums sums;
  for (int64_t column = 0; column < all.dim; column += kTile) {
    load_columns(x_tile, x, 1.0f, TileLoad(all, b, x_first, x_tokens, column));
    load_columns(y_tile, y, y_weight, TileLoad(all, b, y_first, y_tokens, column));
    __syncthreads();
    multiply(sums, x_tile, kPitch, 1, y_tile, all.dim - column < kTile ? static_cast<int>(all.dim - column) : kTile);
    __syncthreads();
  }
  put(tile, sums, factor);
  __syncthreads();
}

/// words[r, w] = codes of token first + r from column + 4 w on, zeros from `tokens` and dim on.
__device__ __forceinline__ void load_words(Shared<uint32_t> words, const TokenOperand& x, const Blocks& all, const Block& b,
                                           int64_t first, int64_t tokens, int64_t column) {
  const int w = static_cast<int>(threadIdx.x) % kWords, row0 = static_cast<int>(threadIdx.x) / kWords;
  const int64_t count = all.dim - column - 4 * w;
  int64_t at = (b.row + first + row0) * all.width + b.column + column + 4 * w;
  for (int r = row0; r < kTile; r += kMapThreads / kWords, at += kMapThreads / kWords * all.width)
    words[r * kWordPitch + w] = first + r < tokens ? x.word(at, count) : 0u;
}

/// sums += rows 16 r.. of a times rows 8 c.. of b over 32 codes from `word` on, in the layout of mma_s8.
__device__ __forceinline__ void multiply_codes(int32_t (&sums)[4], Shared<uint32_t> a, int a_row, int a_pitch, Shared<uint32_t> b,
                                               int b_row, int b_pitch, int word) {
  const int group = lane_index() / 4, t = lane_index() % 4;
  const uint32_t left[4] = {a[(a_row + group) * a_pitch + word + t], a[(a_row + group + 8) * a_pitch + word + t],
                            a[(a_row + group) * a_pitch + word + 4 + t], a[(a_row + group + 8) * a_pitch + word + 4 + t]};
  const uint32_t right[2] = {b[(b_row + group) * b_pitch + word + t], b[(b_row + group) * b_pitch + word + 4 + t]};
  mma_s8(sums, left, right);
}

/// Shared memory in which score tiles are made.
struct TileMemory {
  Shared<uint32_t> q_words, k_words;
  Shared<float> q_tile, k_tile;
};
#define TERNION_TILE_MEMORY(name)                                   \
  TERNION_SHARED(uint32_t, name##_q_words, kTile* kWordPitch);      \
  TERNION_SHARED(uint32_t, name##_k_words, kTile* kWordPitch);      \
  TERNION_SHARED(float, name##_q_tile, kTile* kPitch);              \
  TERNION_SHARED(float, name##_k_tile, kTile* kPitch);              \
  const TileMemory name{name##_q_words, name##_k_words, name##_q_tile, name##_k_tile}

/// tile[i, j] = score of query q_first + i and key k_first + j, the bytes of attention_scores; undefined outside the block.
/// Codes: exact integers by the tensor cores, warp w the quarter of rows 16 (w / 2) and columns 16 (w % 2). Ends with a barrier.
__device__ __forceinline__ void score_tile(Shared<float> tile, const TileMemory& m, const ScoreSource& source, const Blocks& all,
                                           const Block& b, int64_t q_first, int64_t k_first) {
  const float factor = source.factor();
  if (!source.q.data.codes) {
    real_tile(tile, m.q_tile, m.k_tile, source.q.data, q_first, b.queries, source.k.data, 1.0f, k_first, b.keys, factor, all, b);
    return;
  }
  const int warp = static_cast<int>(threadIdx.x) / 32, row = warp / 2 * 16, column = warp % 2 * 16;
  int32_t sums[2][4] = {};
  for (int64_t at = 0; at < all.dim; at += 4 * kWords) {
    load_words(m.q_words, source.q, all, b, q_first, b.queries, at);
    load_words(m.k_words, source.k, all, b, k_first, b.keys, at);
    __syncthreads();
    for (int word = 0; word < kWords; word += 8)
      if (at + 4 * word < all.dim)
        for (int n = 0; n < 2; ++n)
          multiply_codes(sums[n], m.q_words, row, kWordPitch, m.k_words, column + 8 * n, kWordPitch, word);
    __syncthreads();
  }
  const int group = lane_index() / 4, t = lane_index() % 4;
  for (int n = 0; n < 2; ++n)
    for (int i = 0; i < 4; ++i)
      tile[(row + group + i / 2 * 8) * kPitch + column + 8 * n + 2 * t + i % 2] = static_cast<float>(sums[n][i]) * factor;
  __syncthreads();
}

/// First row of this warp in a tile.
__device__ __forceinline__ int warp_row() { return static_cast<int>(threadIdx.x) / 32 * kRowsEach; }

}  // namespace ternion
