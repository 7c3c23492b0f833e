// Mean squared errors: plain, and over attention scores. Ref: [TI] 3
#include "attention.h"
#include "chunked_sum.h"

namespace ternion {
namespace {

constexpr int kThreads = 256;  ///< for each (sequence, head)

__global__ void error_sums(Global<double> chunks, Global<const float> x, Global<const float> t, int64_t n) {
  const double sum = chunk_sum(blockIdx.x, n, [&](int64_t i) {
    const float d = x[i] - t[i];
    return d * d;
  });
  if (lane_index() == 0) chunks[blockIdx.x] = sum;
}

__global__ void error_gradient(Global<float> dx, Global<const float> x, Global<const float> t, int64_t n, float factor,
                               bool accumulate) {
  const int64_t i = thread_index();
  if (i >= n) return;
  const float value = factor * (x[i] - t[i]);
  dx[i] = accumulate ? dx[i] + value : value;
}

/// The (sequence, head) of this thread block.
__device__ __forceinline__ Block own_block(const Blocks& all) { return Block(all, blockIdx.x / all.heads, blockIdx.x % all.heads); }

/// Each warp adds rows in float, then the first adds the sums of all rows in double, in order. `rows` holds them between.
__global__ void score_error_sums(Global<double> blocks, Global<double> rows, Global<const float> scores,
                                 Global<const float> target, Blocks all) {
  const Block b = own_block(all);
  const int64_t first = all.heads * b.row + blockIdx.x % all.heads * b.queries;
  for (int64_t r = threadIdx.x / 32; r < b.queries; r += blockDim.x / 32) {
    const int64_t at = b.map + r * b.queries;
    const float sum = warp_sum<float>(0, b.keys, [&](int64_t j) {
      const float d = shown_score(scores[at + j]) - shown_score(target[at + j]);
      return d * d;
    });
    if (lane_index() == 0) rows[first + r] = static_cast<double>(sum);
  }
  __syncthreads();
  if (threadIdx.x >= 32) return;
  const double sum = ordered_sum<double>(b.queries, [&](int64_t r) { return rows[first + r]; });
  if (lane_index() == 0) blocks[blockIdx.x] = sum;
}

__global__ void score_error_gradient(Global<float> dscores, Global<const float> scores, Global<const float> target, Blocks all,
                                     float factor, bool accumulate) {
  const Block b = own_block(all);
  for (int64_t r = threadIdx.x / 32; r < b.queries; r += blockDim.x / 32)
    for (int64_t j = lane_index(); j < b.queries; j += 32) {
      const int64_t i = b.map + r * b.queries + j;
      const bool live = j < b.keys && scores[i] > kMaskedScore;
      const float value = live ? factor * (scores[i] - shown_score(target[i])) : 0;
      dscores[i] = accumulate ? dscores[i] + value : value;
    }
}

}  // namespace

void CudaBackend::mse_forward(Buffer& loss, int64_t slot, const Buffer& x, const Buffer& t, int64_t n, double denominator) {
  const auto xs = reals(x, n, "mse x"), ts = reals(t, n, "mse t");
  const auto to = f64_slot(loss, slot, "mse loss");
  const int64_t chunks = sum_chunks(n);
  const Scratch scratch(*this, F64, chunks);
  const auto sums = doubles(*scratch, chunks, "mse");
  launch(shape("mse_forward", chunks, 32), error_sums, sums, xs, ts, n);
  write_sum(*this, "mse_forward", to, slot, sums, chunks, denominator);
}

void CudaBackend::mse_backward(Buffer& dx, const Buffer& x, const Buffer& t, int64_t n, double denominator, double weight, bool accumulate) {
  const auto dxs = reals(dx, n, "mse dx");
  const auto xs = reals(x, n, "mse x"), ts = reals(t, n, "mse t");
  launch(each("mse_backward", n), error_gradient, dxs, xs, ts, n, static_cast<float>(weight * 2 / denominator), accumulate);
}

void CudaBackend::score_mse_forward(Buffer& loss, int64_t slot, const Buffer& scores, const Buffer& target, const Layout& layout, double denominator) {
  const Blocks all(layout);
  const auto ss = reals(scores, all.map_elements(), "score_mse scores"), ts = reals(target, all.map_elements(), "score_mse target");
  const auto to = f64_slot(loss, slot, "score_mse loss");
  const Scratch row_scratch(*this, F64, all.map_rows()), block_scratch(*this, F64, all.count());
  const auto row_sums = doubles(*row_scratch, all.map_rows(), "score_mse");
  const auto block_sums = doubles(*block_scratch, all.count(), "score_mse");
  launch(shape("score_mse_forward", all.count(), kThreads), score_error_sums, block_sums, row_sums, ss, ts, all);
  write_sum(*this, "score_mse_forward", to, slot, block_sums, all.count(), denominator);
}

void CudaBackend::score_mse_backward(Buffer& dscores, const Buffer& scores, const Buffer& target, const Layout& layout, double denominator, double weight, bool accumulate) {
  const Blocks all(layout);
  const auto dss = reals(dscores, all.map_elements(), "score_mse dscores");
  const auto ss = reals(scores, all.map_elements(), "score_mse scores"), ts = reals(target, all.map_elements(), "score_mse target");
  launch(shape("score_mse_backward", all.count(), kThreads), score_error_gradient, dss, ss, ts, all,
         static_cast<float>(weight * 2 / denominator), accumulate);
}

}  // namespace ternion
