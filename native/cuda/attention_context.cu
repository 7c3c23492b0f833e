// The context: probabilities times values, and its gradient. Ref: [TI] 0.1
#include "attention_product.h"

namespace ternion {
namespace {

/// context = (probs v) (probs_step v_step).
__global__ void __launch_bounds__(kTileThreads) context_of(Blocks all, Global<float> context, Operand probs, Operand v,
                                                           Global<uint32_t> top) {
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  const float factor = probs.step() * v.step();
  raise_top(top, 0, product(token_result(all, b, context, b.queries, factor, false), over_keys(b, probs, 1),
                            over_tokens(all, b, v, 1), b.keys, tile.first));
}

/// dprobs = dcontext (v_step v)^T, 0 at pad keys.
__global__ void __launch_bounds__(kTileThreads) dprobs_of(Blocks all, Global<float> dprobs, Operand dcontext, Operand v) {
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  product(map_result(b, dprobs, 1), over_dim(all, b, dcontext, 1), over_dim(all, b, v, v.step()), all.dim, tile.first);
}

/// dv = (probs_step probs)^T dcontext, 0 at pad keys.
__global__ void __launch_bounds__(kTileThreads) dv_of(Blocks all, Global<float> dv, Operand dcontext, Operand probs) {
  const RowTile tile(all, blockIdx.x);
  if (tile.empty()) return;
  const Block& b = tile.block;
  product(token_result(all, b, dv, b.keys, 1, false), over_queries(b, probs, probs.step()), over_tokens(all, b, dcontext, 1),
          b.queries, tile.first);
}

}  // namespace

void CudaBackend::attention_context(Buffer& context, const Buffer& probs, const Buffer* probs_step, const Buffer& v,
                                    const Buffer* v_step, const Layout& layout, Buffer* tops, int64_t slot) {
  const Blocks all(layout);
  const Global<float> cp = reals(context, all.rows * all.width, "attention_context context");
  const Operand po(probs, probs_step, all.map_elements(), "attention_context probs");
  const Operand vo(v, v_step, all.rows * all.width, "attention_context v");
  launch(shape("attention_context", row_tiles(all), kTileThreads), context_of, all, cp, po, vo,
         top_of(tops, slot, "attention_context tops"));
}

void CudaBackend::attention_context_backward(Buffer* dprobs, Buffer& dv, const Buffer& dcontext, const Buffer& probs,
                                             const Buffer* probs_step, const Buffer& v, const Buffer* v_step,
                                             const Layout& layout) {
  const Blocks all(layout);
  const Global<float> dpp = dprobs ? reals(*dprobs, all.map_elements(), "attention_context dprobs") : Global<float>();
  const Global<float> dvp = reals(dv, all.rows * all.width, "attention_context dv");
  const Operand dco(dcontext, nullptr, all.rows * all.width, "attention_context dcontext");
  const Operand po(probs, probs_step, all.map_elements(), "attention_context probs");
  const Operand vo(v, v_step, all.rows * all.width, "attention_context v");
  if (dprobs) launch(shape("attention_context_backward dprobs", row_tiles(all), kTileThreads), dprobs_of, all, dpp, dco, vo);
  launch(shape("attention_context_backward dv", row_tiles(all), kTileThreads), dv_of, all, dvp, dco, po);
}

}  // namespace ternion
