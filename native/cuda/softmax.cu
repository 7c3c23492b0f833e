// Softmax over the valid keys of attention rows: one warp a row.
#include "attention.h"
#include "reduce.h"
#include "ternion/math.h"
#include "tops.h"

namespace ternion {
namespace {

/// Softmax of a row; returns its largest magnitude bits among those that this lane wrote.
__device__ __forceinline__ uint32_t softmax_row(const MapRow& row, Global<float> probs, Global<const float> scores) {
  const float top = warp_max<float>(0, row.keys, scores[row.begin], [&](int64_t j) { return scores[row.begin + j]; });
  const float sum = warp_sum<float>(0, row.keys, [&](int64_t j) {
    const float e = exp_r(scores[row.begin + j] - top);
    probs[row.begin + j] = e;
    return e;
  });
  const float inverse = 1.0f / sum;
  uint32_t mine = 0;
  for (int64_t j = lane_index(); j < row.queries; j += 32) {
    const float value = j < row.keys ? probs[row.begin + j] * inverse : 0.0f;
    probs[row.begin + j] = value;
    mine = larger(mine, magnitude_bits(value));
  }
  return mine;
}

__global__ void softmax(Blocks all, Global<float> probs, Global<const float> scores, Global<uint32_t> top) {
  const MapRow row(all, warp_index());
  raise_top(top, 0, row.queries == 0 ? 0 : softmax_row(row, probs, scores));
}

/// dscores may be dprobs: a lane writes only what it alone has yet to read.
__global__ void softmax_gradient(Blocks all, Global<float> dscores, Global<const float> dprobs, Global<const float> probs,
                                 bool accumulate) {
  const MapRow row(all, warp_index());
  if (row.queries == 0) return;
  const float dot = warp_sum<float>(0, row.keys, [&](int64_t j) { return dprobs[row.begin + j] * probs[row.begin + j]; });
  for (int64_t j = lane_index(); j < row.queries; j += 32) {
    const int64_t at = row.begin + j;
    const float value = j < row.keys ? probs[at] * (dprobs[at] - dot) : 0.0f;
    dscores[at] = accumulate ? dscores[at] + value : value;
  }
}

}  // namespace

void CudaBackend::softmax_forward(Buffer& probs, const Buffer& scores, const Layout& layout, Buffer* tops, int64_t slot) {
  const Blocks all(layout);
  const Global<float> pp = reals(probs, all.map_elements(), "softmax probs");
  const Global<const float> sp = reals(scores, all.map_elements(), "softmax scores");
  launch(warp_each("softmax_forward", all.map_rows()), softmax, all, pp, sp, top_of(tops, slot, "softmax tops"));
}

void CudaBackend::softmax_backward(Buffer& dscores, const Buffer& dprobs, const Buffer& probs, const Layout& layout,
                                   bool accumulate) {
  const Blocks all(layout);
  const Global<float> dsp = reals(dscores, all.map_elements(), "softmax dscores");
  const Global<const float> dpp = reals(dprobs, all.map_elements(), "softmax dprobs");
  const Global<const float> pp = reals(probs, all.map_elements(), "softmax probs");
  launch(warp_each("softmax_backward", all.map_rows()), softmax_gradient, all, dsp, dpp, pp, accumulate);
}

}  // namespace ternion
