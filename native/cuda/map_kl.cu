// Kullback-Leibler divergence between attention maps. Ref: [TI] 3.2
#include "attention.h"
#include "chunked_sum.h"
#include "ternion/math.h"

namespace ternion {
namespace {

constexpr float kFloor = 1e-8f;
__device__ __forceinline__ float floored(float p) { return p > kFloor ? p : kFloor; }

/// sums[i] = divergence of row i of all maps, one warp a row; pad queries are left out.
__global__ void row_sums(Blocks all, Global<float> sums, Global<const float> probs, Global<const float> target) {
  const int64_t i = warp_index();
  const MapRow row(all, i);
  if (row.query >= row.keys) return;
  const float sum = warp_sum<float>(0, row.keys, [&](int64_t j) {
    const float t = floored(target[row.begin + j]);
    return t * (log_r(t) - log_r(floored(probs[row.begin + j])));
  });
  if (lane_index() == 0) sums[i] = sum;
}

/// means[i] = divergence of block i over its valid queries, one warp a block.
__global__ void block_means(Blocks all, Global<double> means, Global<const float> sums) {
  const int64_t i = warp_index();
  if (i >= all.batch * all.heads) return;
  const Block b(all, i / all.heads, i % all.heads);
  const int64_t begin = all.heads * b.row + i % all.heads * b.queries;
  const double sum = ordered_sum<double>(b.keys, [&](int64_t r) { return static_cast<double>(sums[begin + r]); });
  if (lane_index() == 0) means[i] = sum / static_cast<double>(b.keys);
}

__global__ void kl_gradient(Blocks all, Global<float> dprobs, Global<const float> probs, Global<const float> target, double weight,
                         bool accumulate) {
  const MapRow row(all, warp_index());
  if (row.queries == 0) return;
  const double blocks = static_cast<double>(all.batch * all.heads);
  const float factor = static_cast<float>(weight / (static_cast<double>(row.keys) * blocks));
  for (int64_t j = lane_index(); j < row.queries; j += 32) {
    const int64_t at = row.begin + j;
    const bool live = row.query < row.keys && j < row.keys && probs[at] > kFloor;
    const float value = live ? -factor * floored(target[at]) / probs[at] : 0.0f;
    dprobs[at] = accumulate ? dprobs[at] + value : value;
  }
}

}  // namespace

void CudaBackend::map_kl_forward(Buffer& loss, int64_t slot, const Buffer& probs, const Buffer& target, const Layout& layout) {
  const Blocks all(layout);
  const Global<const float> pp = reals(probs, all.map_elements(), "map_kl probs");
  const Global<const float> tp = reals(target, all.map_elements(), "map_kl target");
  const Global<double> to = f64_slot(loss, slot, "map_kl loss");
  const int64_t rows = all.map_rows(), n = all.count();
  const Scratch sums(*this, REAL, rows), means(*this, F64, n);
  const Global<float> row = reals(*sums, rows, "map_kl sums");
  const Global<double> block = doubles(*means, n, "map_kl means");
  launch(warp_each("map_kl_forward rows", rows), row_sums, all, row, pp, tp);
  launch(warp_each("map_kl_forward blocks", n), block_means, all, block, row);
  write_sum(*this, "map_kl_forward", to, slot, block, n, static_cast<double>(n));
}

void CudaBackend::map_kl_backward(Buffer& dprobs, const Buffer& probs, const Buffer& target, const Layout& layout, double weight,
                                  bool accumulate) {
  const Blocks all(layout);
  const Global<float> dpp = reals(dprobs, all.map_elements(), "map_kl dprobs");
  const Global<const float> pp = reals(probs, all.map_elements(), "map_kl probs");
  const Global<const float> tp = reals(target, all.map_elements(), "map_kl target");
  launch(warp_each("map_kl_backward", all.map_rows()), kl_gradient, all, dpp, pp, tp, weight, accumulate);
}

}  // namespace ternion
