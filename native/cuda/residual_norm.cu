// Dropout, residual and layer norm in one pass. Ref: [LN], [PHILOX]
#include "norm_rows.h"
#include "ternion/philox.h"

namespace ternion {
namespace {

/// Which elements a dropout keeps, and their factor.
struct Mask {
  Global<const int32_t> step;
  uint64_t seed;
  uint32_t site, threshold;
  float kept;

  Mask(double p, int64_t seed_, int32_t site_, const Buffer* step_buffer)
      : seed(static_cast<uint64_t>(seed_)), site(static_cast<uint32_t>(site_)), threshold(dropout_threshold(p)),
        kept(1.0f / (1.0f - static_cast<float>(p))) {
    if (!(p >= 0 && p < 1)) throw std::invalid_argument("[residual_norm] p = " + std::to_string(p) + " is outside [0, 1)");
    if (p > 0 && !step_buffer)
      throw std::invalid_argument("[residual_norm] p = " + std::to_string(p) + " wants a step, got null");
    if (step_buffer) step = ints(*step_buffer, 1, "residual_norm step");
  }

  /// Calls f(i, whether element i is kept) for the elements [begin, end), by a whole warp: neighbouring lanes have
  /// neighbouring elements. A lane makes the words of 4 elements and hands them to the lanes that have these.
  template <class F>
  __device__ __forceinline__ void each(int64_t begin, int64_t end, F f) const {
    const int lane = lane_index();
    if (threshold == 0) {
      for (int64_t i = begin + lane; i < end; i += 32) f(i, true);
      return;
    }
    const uint32_t at = static_cast<uint32_t>(step[0]);
    for (int64_t first = begin - begin % 4; first < end; first += 128) {
      const PhiloxBlock words = dropout_block(seed, at, site, static_cast<uint64_t>(first / 4 + lane));
      for (int k = 0; k < 4; ++k) {
        uint32_t word = 0;
        for (int j = 0; j < 4; ++j) {
          const uint32_t other = __shfl_sync(kAllLanes, words.w[j], 8 * k + lane / 4);
          word = lane % 4 == j ? other : word;
        }
        const int64_t i = first + 32 * k + lane;
        if (i >= begin && i < end) f(i, word >= threshold);
      }
    }
  }

  __device__ __forceinline__ float dropped(float x, bool keep) const { return keep ? x * kept : 0.0f; }
};

/// One warp for each row.
__global__ void forward(Global<float> y, Global<float> sum, Global<float> mean, Global<float> rstd, Global<const float> branch,
                        Global<const float> skip, Global<const float> gamma, Global<const float> beta, int64_t rows, int64_t cols,
                        float eps, Mask mask, Global<uint32_t> top) {
  const int64_t r = warp_index();
  uint32_t mine = 0;
  if (r < rows) {
    mask.each(r * cols, (r + 1) * cols, [&](int64_t i, bool keep) { sum[i] = skip[i] + mask.dropped(branch[i], keep); });
    __syncwarp();  // other lanes read what this one wrote
    mine = normalize_row(y, mean, rstd, sum, gamma, beta, r, cols, eps);
  }
  raise_top(top, 0, mine);
}

/// One block for each chunk of rows. Either of dbranch and dskip may be absent.
__global__ void __launch_bounds__(kNormThreads)
    gradient(Global<float> dbranch, bool add_branch, Global<float> dskip, bool add_skip, Global<float> partial, NormGradient n,
             Mask mask) {
  norm_parameter_sums(partial, n);
  const int64_t r = norm_chunk_row();
  if (r >= n.rows) return;
  const NormGradientRow row(n, r);
  mask.each(row.row, row.row + n.cols, [&](int64_t i, bool keep) {
    const float g = row.at(i - row.row);
    if (dbranch) dbranch[i] = add_branch ? dbranch[i] + mask.dropped(g, keep) : mask.dropped(g, keep);
    if (dskip) dskip[i] = add_skip ? dskip[i] + g : g;
  });
}

}  // namespace

void CudaBackend::residual_norm_forward(Buffer& y, Buffer& sum, Buffer& mean, Buffer& rstd, const Buffer& branch,
                                        const Buffer& skip, const Buffer& gamma, const Buffer& beta, int64_t rows,
                                        int64_t cols, double eps, double p, int64_t seed, int32_t site, const Buffer* step,
                                        Buffer* tops, int64_t slot) {
  const Mask mask(p, seed, site, step);
  const int64_t n = rows * cols;
  const auto yp = reals(y, n, "residual_norm y"), sp = reals(sum, n, "residual_norm sum"),
             mp = reals(mean, rows, "residual_norm mean"), rp = reals(rstd, rows, "residual_norm rstd");
  const auto bp = reals(branch, n, "residual_norm branch"), kp = reals(skip, n, "residual_norm skip"),
             gp = reals(gamma, cols, "residual_norm gamma"), tp = reals(beta, cols, "residual_norm beta");
  launch(warp_each("residual_norm_forward", rows), forward, yp, sp, mp, rp, bp, kp, gp, tp, rows, cols, static_cast<float>(eps),
         mask, top_of(tops, slot, "residual_norm tops"));
}

void CudaBackend::residual_norm_backward(Buffer* dbranch, bool add_branch, Buffer* dskip, bool add_skip, Buffer& dgamma,
                                         Buffer& dbeta, bool accumulate, const Buffer& dy, const Buffer& sum,
                                         const Buffer& mean, const Buffer& rstd, const Buffer& gamma, int64_t rows,
                                         int64_t cols, double p, int64_t seed, int32_t site, const Buffer* step) {
  const Mask mask(p, seed, site, step);
  const int64_t n = rows * cols;
  const auto dbp = dbranch ? reals(*dbranch, n, "residual_norm dbranch") : Global<float>();
  const auto dkp = dskip ? reals(*dskip, n, "residual_norm dskip") : Global<float>();
  const auto dgp = reals(dgamma, cols, "residual_norm dgamma"), dtp = reals(dbeta, cols, "residual_norm dbeta");
  const NormGradient norm{reals(dy, n, "residual_norm dy"), reals(sum, n, "residual_norm sum"),
                          reals(mean, rows, "residual_norm mean"), reals(rstd, rows, "residual_norm rstd"),
                          reals(gamma, cols, "residual_norm gamma"), rows, cols};
  const int64_t chunks = norm_chunks(rows);
  const Scratch partial(*this, REAL, chunks * 2 * cols);
  const auto pp = reals(*partial, chunks * 2 * cols, "residual_norm partial");
  launch(shape("residual_norm_backward", chunks, kNormThreads), gradient, dbp, add_branch, dkp, add_skip, pp, norm, mask);
  add_norm_parameter_sums(*this, "residual_norm_backward", dgp, dtp, pp, chunks, cols, accumulate);
}

}  // namespace ternion
