// Loss on attention scores that are made from operands. Ref: [TI] 3 L_as
#include "chunked_sum.h"
#include "map_gradient.h"

namespace ternion {
namespace {

/// rows[row of all maps] = sum of squared differences of 32 rows.
__global__ void __launch_bounds__(kMapThreads, 4)
    row_errors(Blocks all, Global<double> rows, ScoreSource source, ScoreSource target) {
  TERNION_TILE_MEMORY(memory);
  TERNION_SHARED(float, s, kTile * kPitch);
  TERNION_SHARED(float, t, kTile * kPitch);
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const int lane = lane_index(), row0 = warp_row();
  float sum[kRowsEach] = {};
  for (int64_t key = 0; key < b.keys; key += kTile) {
    score_tile(s, memory, source, all, b, tile.first, key);
    score_tile(t, memory, target, all, b, tile.first, key);
    if (key + lane < b.keys)
      for (int i = 0; i < kRowsEach; ++i) {
        const int at = (row0 + i) * kPitch + lane;
        const float difference = shown_score(s[at]) - shown_score(t[at]);
        sum[i] += difference * difference;
      }
  }
  for (int i = 0; i < kRowsEach; ++i) {
    const float total = warp_tree_sum(sum[i]);
    const int64_t row = tile.first + row0 + i;
    if (lane == 0 && row < b.queries) rows[first_map_row(all, b) + row] = static_cast<double>(total);
  }
}

/// blocks[(sequence, head)] = the sums of its rows, added in order by one warp.
__global__ void block_errors(Global<double> blocks, Global<const double> rows, Blocks all) {
  const int64_t i = warp_index();
  if (i >= all.batch * all.heads) return;
  const Block b(all, i / all.heads, i % all.heads);
  const int64_t first = first_map_row(all, b);
  const double sum = ordered_sum<double>(b.queries, [&](int64_t r) { return rows[first + r]; });
  if (lane_index() == 0) blocks[i] = sum;
}

}  // namespace

void CudaBackend::score_loss_forward(Buffer& loss, int64_t slot, const ScoreOperands& scores, const ScoreOperands& target,
                                     const Layout& layout, double denominator) {
  const Blocks all(layout);
  const ScoreSource source(scores, all, "score_loss scores"), wanted(target, all, "score_loss target");
  const auto to = f64_slot(loss, slot, "score_loss loss");
  const Scratch row_scratch(*this, F64, all.map_rows()), block_scratch(*this, F64, all.count());
  const auto rows = doubles(*row_scratch, all.map_rows(), "score_loss");
  const auto blocks = doubles(*block_scratch, all.count(), "score_loss");
  launch(shape("score_loss_forward", row_tiles(all), kMapThreads), row_errors, all, rows, source, wanted);
  launch(warp_each("score_loss_forward", all.count()), block_errors, blocks, rows, all);
  write_sum(*this, "score_loss_forward", to, slot, blocks, all.count(), denominator);
}

void CudaBackend::score_loss_backward(Buffer& dq, Buffer& dk, const ScoreOperands& scores, const ScoreOperands& target,
                                      const Layout& layout, double denominator, double weight) {
  const Blocks all(layout);
  const int64_t n = all.rows * all.width;
  MapGradient work(all, ScoreSource(scores, all, "score_loss scores"));
  work.want(ScoreSource(target, all, "score_loss target"), static_cast<float>(weight * 2 / denominator));
  launch_gradients(*this, "score_loss_backward", work, reals(dq, n, "score_loss dq"), reals(dk, n, "score_loss dk"), Global<float>());
}

}  // namespace ternion
