// Gradients of attention operands, the map made again tile by tile.
#pragma once
#include "map_path.h"

namespace ternion {

/// What the gradients of q, k and v are made of. Each sum runs over queries or keys in order, as in the operations that
/// store maps.
struct MapGradient {
  Blocks all;
  ScoreSource source, target;
  bool wanted = false, attends = false;  ///< there is a score loss; a gradient comes from the context
  float loss_factor = 0;                 ///< 2 weight / denominator
  Path path;
  Operand v, dcontext;
  Global<const float> stats, probs_step;

  MapGradient(const Blocks& blocks, const ScoreSource& scores) : all(blocks), source(scores), target(scores) {}

  void want(const ScoreSource& scores, float factor) {
    target = scores;
    wanted = true;
    loss_factor = factor;
  }
  void attend(const Path& through, const Operand& values, const Operand& gradient, Global<const float> rows,
              Global<const float> step) {
    path = through;
    v = values;
    dcontext = gradient;
    stats = rows;
    probs_step = step;
    attends = true;
  }
};

/// dq and dk where they are given, dv where a gradient comes from the context; overwritten.
void launch_gradients(CudaBackend& backend, const char* name, const MapGradient& work, Global<float> dq, Global<float> dk,
                      Global<float> dv);

/// sums[half](i, j) += sum over 32 tokens l of a(l, i) weight x(first + l, column + 32 half + j); a as in `multiply`, which other
/// threads may just have written. x passes through the tiles of `m`. Ends with a barrier.
__device__ __forceinline__ void multiply_tokens(TileSums (&sums)[kOut], Shared<float> a, int a_outer, int a_inner,
                                                const TileMemory& m, const Operand& x, float weight, const Blocks& all,
                                                const Block& b, int64_t first, int64_t tokens, int64_t column) {
  load_tokens(m.q_tile, x, weight, TileLoad(all, b, first, tokens, column));
  load_tokens(m.k_tile, x, weight, TileLoad(all, b, first, tokens, column + kTile));
  __syncthreads();
  const int n = tokens - first < kTile ? static_cast<int>(tokens - first) : kTile;
  for (int l = 0; l < n; ++l) {
    float left[kOwnRows], right[kOut][kOwnColumns];
    for (int i = 0; i < kOwnRows; ++i) left[i] = a[l * a_outer + own_row(i) * a_inner];
    for (int j = 0; j < kOwnColumns; ++j) {
      right[0][j] = m.q_tile[l * kPitch + own_column(j)];
      right[1][j] = m.k_tile[l * kPitch + own_column(j)];
    }
    for (int half = 0; half < kOut; ++half)
      for (int i = 0; i < kOwnRows; ++i)
        for (int j = 0; j < kOwnColumns; ++j) sums[half].of[i][j] = fma_rn(left[i], right[half][j], sums[half].of[i][j]);
  }
  __syncthreads();
}

}  // namespace ternion
