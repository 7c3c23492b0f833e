// Dropout, residual and layer norm in one pass. Ref: [LN], [PHILOX]
#include "norm_row.h"
#include "ternion/philox.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {
namespace {

/// Which elements a dropout keeps, and their factor.
class Mask {
 public:
  Mask(double p, int64_t seed, int32_t site, const Buffer* step)
      : seed_(static_cast<uint64_t>(seed)), site_(static_cast<uint32_t>(site)), threshold_(dropout_threshold(p)),
        kept_(real(1) / (real(1) - static_cast<real>(p))) {
    if (!(p >= 0 && p < 1)) throw std::invalid_argument("[residual_norm] p = " + std::to_string(p) + " is outside [0, 1)");
    if (p > 0 && !step) throw std::invalid_argument("[residual_norm] p = " + std::to_string(p) + " wants a step, got null");
    step_ = step ? static_cast<uint32_t>(ints(*step, 1, "residual_norm step")[0]) : 0;
  }

  /// Calls store(c, dropout of x[c]) for the elements begin + c, c < n. `word` is memory that may grow.
  template <class Store>
  void apply(const real* x, int64_t begin, int64_t n, std::vector<uint32_t>& word, Store&& store) const {
    if (threshold_ == 0) {
      for (int64_t c = 0; c < n; ++c) store(c, x[c] * kept_);
      return;
    }
    const int64_t first = begin / 4, blocks = (begin + n + 3) / 4 - first;
    if (static_cast<int64_t>(word.size()) < 4 * blocks) word.resize(static_cast<size_t>(4 * blocks));
    dropout_words(seed_, step_, site_, static_cast<uint64_t>(first), static_cast<size_t>(blocks), word.data());
    const uint32_t* w = word.data() + (begin - 4 * first);
    for (int64_t c = 0; c < n; ++c) store(c, w[c] >= threshold_ ? x[c] * kept_ : real(0));
  }

 private:
  uint64_t seed_;
  uint32_t step_, site_, threshold_;
  real kept_;
};

}  // namespace

void CpuBackend::residual_norm_forward(Buffer& y, Buffer& sum, Buffer& mean, Buffer& rstd, const Buffer& branch,
                                       const Buffer& skip, const Buffer& gamma, const Buffer& beta, int64_t rows, int64_t cols,
                                       double eps, double p, int64_t seed, int32_t site, const Buffer* step, Buffer* tops,
                                       int64_t slot) {
  const Mask mask(p, seed, site, step);
  const int64_t n = rows * cols;
  real *yp = reals(y, n, "residual_norm y"), *sp = reals(sum, n, "residual_norm sum"),
       *mp = reals(mean, rows, "residual_norm mean"), *rp = reals(rstd, rows, "residual_norm rstd");
  const real *bp = reals(branch, n, "residual_norm branch"), *kp = reals(skip, n, "residual_norm skip"),
             *gp = reals(gamma, cols, "residual_norm gamma"), *tp = reals(beta, cols, "residual_norm beta");
  const Top top(tops, slot, "residual_norm tops");
  parallel(rows, 8, [&](int64_t begin, int64_t end) {
    std::vector<uint32_t> word;
    for (int64_t r = begin; r < end; ++r) {
      const int64_t row = r * cols;
      real* total = sp + row;
      const real* through = kp + row;
      mask.apply(bp + row, row, cols, word, [&](int64_t c, real value) { total[c] = through[c] + value; });
      normalize_row(yp + row, mp[r], rp[r], total, gp, tp, cols, static_cast<real>(eps));
    }
    top.raise(yp, begin * cols, end * cols);
  });
}

void CpuBackend::residual_norm_backward(Buffer* dbranch, bool add_branch, Buffer* dskip, bool add_skip, Buffer& dgamma,
                                        Buffer& dbeta, bool accumulate, const Buffer& dy, const Buffer& sum, const Buffer& mean,
                                        const Buffer& rstd, const Buffer& gamma, int64_t rows, int64_t cols, double p,
                                        int64_t seed, int32_t site, const Buffer* step) {
  const Mask mask(p, seed, site, step);
  const int64_t n = rows * cols;
  real* dbp = dbranch ? reals(*dbranch, n, "residual_norm dbranch") : nullptr;
  real* dkp = dskip ? reals(*dskip, n, "residual_norm dskip") : nullptr;
  real *dgp = reals(dgamma, cols, "residual_norm dgamma"), *dtp = reals(dbeta, cols, "residual_norm dbeta");
  const real *dyp = reals(dy, n, "residual_norm dy"), *sp = reals(sum, n, "residual_norm sum"),
             *mp = reals(mean, rows, "residual_norm mean"), *rp = reals(rstd, rows, "residual_norm rstd"),
             *gp = reals(gamma, cols, "residual_norm gamma");
  NormParameterGradient parameters(rows, cols);
  parallel(rows, NormParameterGradient::kChunk, [&](int64_t begin, int64_t end) {
    std::vector<uint32_t> word;
    std::vector<real> of_sum(static_cast<size_t>(cols));
    real* g = of_sum.data();
    for (int64_t r = begin; r < end; ++r) {
      const int64_t row = r * cols;
      parameters.add_row(r, dyp + row, sp + row, mp[r], rp[r]);
      norm_gradient_row(g, dyp + row, sp + row, mp[r], rp[r], gp, cols);
      if (dbp) {
        real* out = dbp + row;
        mask.apply(g, row, cols, word, [&](int64_t c, real value) { out[c] = add_branch ? out[c] + value : value; });
      }
      if (dkp) {
        real* out = dkp + row;
        for (int64_t c = 0; c < cols; ++c) out[c] = add_skip ? out[c] + g[c] : g[c];
      }
    }
  });
  parameters.write(dgp, dtp, accumulate);
}

}  // namespace TERNION_NS
}  // namespace ternion
