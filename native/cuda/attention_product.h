// Products within (sequence, head) blocks: a thread block computes 32 rows of a result, 32 columns at a time, from tiles in
// shared memory. Each element is one chain of fused multiply-adds in order of the summed index: exact for codes, and for
// reals the bytes of native/cpu/small_gemm.cpp where the CPU has fused multiply-adds.
#pragma once
#include "attention.h"
#include "ternion/math.h"
#include "tops.h"

namespace ternion {

constexpr int kTile = 32;                     ///< rows, columns and summed indices of a tile
constexpr int kPitch = kTile + 1;             ///< of a tile in shared memory: stores along rows and columns meet 32 banks
constexpr int kTileSide = 8;                  ///< threads along a side of a tile
constexpr int kTileThreads = kTileSide * kTileSide;
constexpr int kTileEach = kTile / kTileSide;  ///< rows and columns of a thread, kTileSide apart

/// Thread blocks of a product. Sequence b owns start[b + 1] / 32 - start[b] / 32 + 1 tiles of rows for each head: enough
/// for its length, and their sum is known to the host.
inline int64_t row_tiles(const Blocks& all) { return all.heads * (all.rows / kTile + all.batch); }

/// Row tile of a thread block: rows first .. first + 32 of `block`. Where no such row exists the thread block leaves.
struct RowTile {
  int64_t sequence;
  Block block;
  int64_t first;

  __device__ RowTile(const Blocks& all, int64_t index)
      : sequence(all.find(index / all.heads, [&](int64_t b) { return before(all, b); })),
        block(all, sequence, index % all.heads),
        first((index / all.heads - before(all, sequence)) * kTile) {}

  __device__ bool empty() const { return first < 0 || first >= block.queries; }

  /// Row tiles of one head that belong to the sequences before b.
  __device__ static int64_t before(const Blocks& all, int64_t b) { return all.start[b] / kTile + b; }
};

/// A factor of a product as a matrix: element (i, l), l the summed index, lies at begin + i * outer + l * inner and counts
/// `weight` times.
struct Factor {
  Operand data;
  float weight;
  int64_t begin, outer, inner;

  __device__ float at(int64_t i, int64_t l) const { return weight * data.at(begin + i * outer + l * inner); }
};

/// Tokens x dim of a block as a factor that is summed over dim.
__device__ __forceinline__ Factor over_dim(const Blocks& all, const Block& b, const Operand& x, float weight) {
  return {x, weight, b.row * all.width + b.column, all.width, 1};
}
/// Tokens x dim of a block as a factor that is summed over tokens.
__device__ __forceinline__ Factor over_tokens(const Blocks& all, const Block& b, const Operand& x, float weight) {
  return {x, weight, b.row * all.width + b.column, 1, all.width};
}
/// The map of a block as a factor that is summed over keys.
__device__ __forceinline__ Factor over_keys(const Block& b, const Operand& map, float weight) {
  return {map, weight, b.map, b.queries, 1};
}
/// The map of a block as a factor that is summed over queries.
__device__ __forceinline__ Factor over_queries(const Block& b, const Operand& map, float weight) {
  return {map, weight, b.map, 1, b.queries};
}

/// Where a product goes: rows x cols elements. The first live_rows x live_cols are `factor` times the product, the rest 0.
struct Result {
  Global<float> to;
  int64_t begin, stride, rows, cols, live_rows, live_cols;
  float factor;
  bool accumulate;

  /// Returns the magnitude bits of what it stored.
  __device__ uint32_t store(int64_t i, int64_t j, float sum) const {
    if (i >= rows || j >= cols) return 0;
    const int64_t at = begin + i * stride + j;
    const float value = i < live_rows && j < live_cols ? sum * factor : 0.0f, result = accumulate ? to[at] + value : value;
    to[at] = result;
    return magnitude_bits(result);
  }
};

/// A map, 0 at pad keys.
__device__ __forceinline__ Result map_result(const Block& b, Global<float> map, float factor) {
  return {map, b.map, b.queries, b.queries, b.queries, b.queries, b.keys, factor, false};
}
/// Tokens x dim, 0 from row `live` on.
__device__ __forceinline__ Result token_result(const Blocks& all, const Block& b, Global<float> x, int64_t live, float factor,
                                               bool accumulate) {
  return {x, b.row * all.width + b.column, all.width, b.queries, all.dim, live, all.dim, factor, accumulate};
}

/// tile[l, i] = element (first + i, begin + l), 0 from `count` and `depth` on. Neighbouring threads read neighbouring memory.
__device__ __forceinline__ void load_tile(Shared<float> tile, const Factor& from, int64_t first, int64_t count, int64_t begin,
                                          int64_t depth) {
  for (int n = static_cast<int>(threadIdx.x); n < kTile * kTile; n += kTileThreads) {
    const int fast = n % kTile, slow = n / kTile;
    const int i = from.inner == 1 ? slow : fast, l = from.inner == 1 ? fast : slow;
    const bool inside = first + i < count && begin + l < depth;
    tile[l * kPitch + i] = inside ? from.at(first + i, begin + l) : 0.0f;
  }
}

/// Rows first .. first + 32 of c(i, j) = sum over l < depth of a(i, l) b(j, l), by a whole thread block. Returns the largest
/// magnitude bits among those that this thread stored.
__device__ __forceinline__ uint32_t product(const Result& c, const Factor& a, const Factor& b, int64_t depth, int64_t first) {
  TERNION_SHARED(float, a_tile, kTile * kPitch);
  TERNION_SHARED(float, b_tile, kTile * kPitch);
  const int x = static_cast<int>(threadIdx.x) % kTileSide, y = static_cast<int>(threadIdx.x) / kTileSide;
  uint32_t mine = 0;
  for (int64_t column = 0; column < c.cols; column += kTile) {
    const int64_t live_depth = first < c.live_rows && column < c.live_cols ? depth : 0;
    float sum[kTileEach][kTileEach] = {};
    for (int64_t begin = 0; begin < live_depth; begin += kTile) {
      load_tile(a_tile, a, first, c.live_rows, begin, depth);
      load_tile(b_tile, b, column, c.live_cols, begin, depth);
      __syncthreads();
      const int n = depth - begin < kTile ? static_cast<int>(depth - begin) : kTile;
      for (int l = 0; l < n; ++l) {
        float left[kTileEach], right[kTileEach];
        for (int i = 0; i < kTileEach; ++i) left[i] = a_tile[l * kPitch + y + i * kTileSide];
        for (int j = 0; j < kTileEach; ++j) right[j] = b_tile[l * kPitch + x + j * kTileSide];
        for (int i = 0; i < kTileEach; ++i)
          for (int j = 0; j < kTileEach; ++j) sum[i][j] = fma_rn(left[i], right[j], sum[i][j]);
      }
      __syncthreads();
    }
    for (int i = 0; i < kTileEach; ++i)
      for (int j = 0; j < kTileEach; ++j)
        mine = larger(mine, c.store(first + y + i * kTileSide, column + x + j * kTileSide, sum[i][j]));
  }
  return mine;
}

}  // namespace ternion
