// Gradients of attention operands: one kernel walks the keys of 32 queries for dq, one the queries of 32 keys for dk and dv.
// Both make scores, probabilities and their gradients again. Ref: [TI] 3 L_as, [STE]
#include "map_gradient.h"

namespace ternion {
namespace {

/// A probability, itself after dropout, and the gradient that comes back to it.
struct Cell {
  float p, x, gradient;
};

/// dprobs through the quantizer's straight-through mask and the dropout.
__device__ __forceinline__ Cell cell(const MapGradient& g, float score, float top, float inverse, bool keeps, float dprobs) {
  Cell c;
  c.p = exp_r(score - top) * inverse;
  c.x = g.path.dropped(c.p, keeps);
  const bool inside = !g.path.quantizes || (c.x > -g.path.clip && c.x < g.path.clip);
  c.gradient = g.path.dropped(inside ? dprobs : 0.0f, keeps);
  return c;
}

/// weight dloss / dscore.
__device__ __forceinline__ float loss_gradient(const MapGradient& g, float score, float target) {
  return score > kMaskedScore ? g.loss_factor * (score - shown_score(target)) : 0.0f;
}

/// Shared memory of the two kernels.
struct Memory {
  TileMemory tiles;
  Shared<float> s, t, d;  ///< scores, targets, gradients of probabilities
};

/// s, t and d of the tile of queries q_first .. and keys k_first ..
__device__ __forceinline__ void make_tiles(const Memory& m, const MapGradient& g, const Block& b, int64_t q_first, int64_t k_first,
                                           bool scores) {
  score_tile(m.s, m.tiles, g.source, g.all, b, q_first, k_first);
  if (scores && g.attends)
    real_tile(m.d, m.tiles.q_tile, m.tiles.k_tile, g.dcontext, q_first, b.queries, g.v, g.v.step(), k_first, b.keys, 1.0f, g.all, b);
  if (scores && g.wanted) score_tile(m.t, m.tiles, g.target, g.all, b, q_first, k_first);
}

__device__ __forceinline__ unsigned kept_bits(const MapGradient& g, const Block& b, int64_t q_first, int64_t k_first) {
  return g.path.kept_bits(b.map + (q_first + warp_row()) * b.queries + k_first, b.queries);
}

/// to[tokens, 64 columns] = sums; 0 from row `live` on.
__device__ __forceinline__ void store(Global<float> to, const TileSums (&sums)[kOut], const Blocks& all, const Block& b,
                                      int64_t first, int64_t live, int64_t column) {
  for (int half = 0; half < kOut; ++half)
    for (int i = 0; i < kOwnRows; ++i)
      for (int j = 0; j < kOwnColumns; ++j) {
        const int64_t row = first + own_row(i), c = column + half * kTile + own_column(j);
        if (row < b.queries && c < all.dim)
          to[(b.row + row) * all.width + b.column + c] = row < live ? sums[half].of[i][j] : 0.0f;
      }
}

/// <gradient, p> of the warp's rows.
__device__ __forceinline__ void row_dots(float (&dot)[kRowsEach], const Memory& m, const MapGradient& g, const Block& b,
                                         int64_t first, const RowStats& of) {
  const int lane = lane_index();
  for (int64_t key = 0; key < b.keys; key += kTile) {
    make_tiles(m, g, b, first, key, false);
    real_tile(m.d, m.tiles.q_tile, m.tiles.k_tile, g.dcontext, first, b.queries, g.v, g.v.step(), key, b.keys, 1.0f, g.all, b);
    const unsigned kept = kept_bits(g, b, first, key);
    if (key + lane < b.keys)
      for (int i = 0; i < kRowsEach; ++i) {
        const int at = (warp_row() + i) * kPitch + lane;
        const Cell c = cell(g, m.s[at], of.top[i], of.inverse[i], (kept >> i & 1u) != 0, m.d[at]);
        dot[i] += c.gradient * c.p;
      }
  }
  for (int i = 0; i < kRowsEach; ++i) dot[i] = warp_tree_sum(dot[i]);
}

/// dq of 32 queries and 64 columns; dots[row of all maps] = <gradient, p> for the other kernel.
__global__ void __launch_bounds__(kMapThreads) dq_of(MapGradient g, Global<float> dq, Global<float> dots, int64_t parts) {
  TERNION_TILE_MEMORY(tiles);
  TERNION_SHARED(float, s, kTile * kPitch);
  TERNION_SHARED(float, t, kTile * kPitch);
  TERNION_SHARED(float, d, kTile * kPitch);
  const Memory m{tiles, s, t, d};
  const RowTile tile(g.all, blockIdx.x / parts);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const int64_t part = blockIdx.x % parts, column = part * kOut * kTile;
  const int lane = lane_index(), row0 = warp_row();
  RowStats of = {};
  float dot[kRowsEach] = {};
  if (g.attends) {
    of = load_stats(g.stats, g.all, b, tile.first);
    row_dots(dot, m, g, b, tile.first, of);
    for (int i = 0; i < kRowsEach; ++i)
      if (part == 0 && lane == 0 && tile.first + row0 + i < b.queries)
        dots[first_map_row(g.all, b) + tile.first + row0 + i] = dot[i];
  }
  TileSums sums[kOut];
  for (int64_t key = 0; key < b.keys; key += kTile) {
    make_tiles(m, g, b, tile.first, key, true);
    const unsigned kept = g.attends ? kept_bits(g, b, tile.first, key) : 0u;
    for (int i = 0; i < kRowsEach; ++i) {
      const int at = (row0 + i) * kPitch + lane;
      float ds = g.wanted ? loss_gradient(g, s[at], t[at]) : 0.0f;
      if (g.attends) {
        const Cell c = cell(g, s[at], of.top[i], of.inverse[i], (kept >> i & 1u) != 0, d[at]);
        const float value = c.p * (c.gradient - dot[i]);
        ds = g.wanted ? ds + value : value;
      }
      s[at] = ds;
    }
    multiply_tokens(sums, s, 1, kPitch, tiles, g.source.k.data, g.source.k.data.step() * g.source.root, g.all, b, key, b.keys, column);
  }
  store(dq, sums, g.all, b, tile.first, b.queries, column);
}

/// s = dscores where `scores`, d = what meets dcontext in dv: rows are queries from q_first on, columns keys from k_first on.
__device__ __forceinline__ void key_rows(const Memory& m, const MapGradient& g, const Block& b, int64_t q_first, int64_t k_first,
                                         Global<const float> dots, bool scores) {
  const int lane = lane_index(), row0 = warp_row();
  const unsigned kept = g.attends ? kept_bits(g, b, q_first, k_first) : 0u;
  RowStats of = {};
  if (g.attends) of = load_stats(g.stats, g.all, b, q_first);
  for (int i = 0; i < kRowsEach; ++i) {
    const int at = (row0 + i) * kPitch + lane;
    const int64_t row = q_first + row0 + i;
    float ds = scores && g.wanted ? loss_gradient(g, m.s[at], m.t[at]) : 0.0f;
    if (g.attends) {
      const Cell c = cell(g, m.s[at], of.top[i], of.inverse[i], (kept >> i & 1u) != 0, scores ? static_cast<float>(m.d[at]) : 0.0f);
      if (scores) {
        const float dot = row < b.queries ? dots[first_map_row(g.all, b) + row] : 0.0f;
        const float value = c.p * (c.gradient - dot);
        ds = g.wanted ? ds + value : value;
      }
      m.d[at] = g.path.quantizes ? g.path.code(c.x, g.probs_step[1]) * g.probs_step[0] : c.x;
    }
    m.s[at] = ds;
  }
}

/// dk and dv of 32 keys and 64 columns, each where it is given.
__global__ void __launch_bounds__(kMapThreads)
    dk_dv_of(MapGradient g, Global<float> dk, Global<float> dv, Global<const float> dots, int64_t parts) {
  TERNION_TILE_MEMORY(tiles);
  TERNION_SHARED(float, s, kTile * kPitch);
  TERNION_SHARED(float, t, kTile * kPitch);
  TERNION_SHARED(float, d, kTile * kPitch);
  const Memory m{tiles, s, t, d};
  const RowTile tile(g.all, blockIdx.x / parts);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const int64_t column = blockIdx.x % parts * kOut * kTile;
  TileSums k_sums[kOut], v_sums[kOut];
  for (int64_t query = 0; query < b.queries && tile.first < b.keys; query += kTile) {
    make_tiles(m, g, b, query, tile.first, static_cast<bool>(dk));
    key_rows(m, g, b, query, tile.first, dots, static_cast<bool>(dk));
    if (dv) multiply_tokens(v_sums, d, kPitch, 1, tiles, g.dcontext, 1.0f, g.all, b, query, b.queries, column);
    if (dk)
      multiply_tokens(k_sums, s, kPitch, 1, tiles, g.source.q.data, g.source.q.data.step() * g.source.root, g.all, b, query,
                      b.queries, column);
  }
  if (dk) store(dk, k_sums, g.all, b, tile.first, b.keys, column);
  if (dv) store(dv, v_sums, g.all, b, tile.first, b.keys, column);
}

}  // namespace

void launch_gradients(CudaBackend& backend, const char* name, const MapGradient& work, Global<float> dq, Global<float> dk,
                      Global<float> dv) {
  const int64_t parts = column_parts(work.all), blocks = row_tiles(work.all) * parts;
  const Scratch scratch(backend, REAL, dq && work.attends ? work.all.map_rows() : 0);
  const Global<float> dots = reals(*scratch, dq && work.attends ? work.all.map_rows() : 0, name);
  if (dq) launch(backend.shape(name, blocks, kMapThreads), dq_of, work, dq, dots, parts);
  launch(backend.shape(name, blocks, kMapThreads), dk_dv_of, work, dk, dv, dots, parts);
}

}  // namespace ternion
