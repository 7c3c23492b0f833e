// Attention scores and their gradient. Ref: [TI] 0.1
#include <cmath>

#include "attention_product.h"

namespace ternion {
namespace {

/// scores = (q k^T) ((q_step k_step) root), 0 at pad keys.
__global__ void __launch_bounds__(kTileThreads) scores_of(Blocks all, Global<float> scores, Operand q, Operand k, float root) {
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const float factor = (q.step() * k.step()) * root;
  product(map_result(b, scores, factor), over_dim(all, b, q, 1), over_dim(all, b, k, 1), all.dim, tile.first);
}

/// dq (+)= dscores (k_step root k).
__global__ void __launch_bounds__(kTileThreads) dq_of(Blocks all, Global<float> dq, Operand dscores, Operand k, float root,
                                                      bool accumulate) {
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  product(token_result(all, b, dq, b.queries, 1, accumulate), over_keys(b, dscores, 1), over_tokens(all, b, k, k.step() * root),
          b.keys, tile.first);
}

/// dk (+)= dscores^T (q_step root q), 0 at pad keys.
__global__ void __launch_bounds__(kTileThreads) dk_of(Blocks all, Global<float> dk, Operand dscores, Operand q, float root,
                                                      bool accumulate) {
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  product(token_result(all, b, dk, b.keys, 1, accumulate), over_queries(b, dscores, 1), over_tokens(all, b, q, q.step() * root),
          b.queries, tile.first);
}

float root_of(const Blocks& all) { return 1.0f / std::sqrt(static_cast<float>(all.dim)); }

}  // namespace

void CudaBackend::attention_scores(Buffer& scores, const Buffer& q, const Buffer* q_step, const Buffer& k, const Buffer* k_step,
                                   const Layout& layout) {
  const Blocks all(layout);
  const Global<float> sp = reals(scores, all.map_elements(), "attention_scores scores");
  const Operand qo(q, q_step, all.rows * all.width, "attention_scores q");
  const Operand ko(k, k_step, all.rows * all.width, "attention_scores k");
  launch(shape("attention_scores", row_tiles(all), kTileThreads), scores_of, all, sp, qo, ko, root_of(all));
}

void CudaBackend::attention_scores_backward(Buffer& dq, Buffer& dk, const Buffer& dscores, const Buffer& q, const Buffer* q_step,
                                            const Buffer& k, const Buffer* k_step, const Layout& layout, bool accumulate) {
  const Blocks all(layout);
  const Global<float> dqp = reals(dq, all.rows * all.width, "attention_scores dq");
  const Global<float> dkp = reals(dk, all.rows * all.width, "attention_scores dk");
  const Operand dso(dscores, nullptr, all.map_elements(), "attention_scores dscores");
  const Operand qo(q, q_step, all.rows * all.width, "attention_scores q");
  const Operand ko(k, k_step, all.rows * all.width, "attention_scores k");
  launch(shape("attention_scores_backward dq", row_tiles(all), kTileThreads), dq_of, all, dqp, dso, ko, root_of(all), accumulate);
  launch(shape("attention_scores_backward dk", row_tiles(all), kTileThreads), dk_of, all, dkp, dso, qo, root_of(all), accumulate);
}

}  // namespace ternion
