// Mean squared errors: plain, and over attention scores. Ref: [TI] 3
#include "attention.h"
#include "reduce.h"

namespace ternion {
namespace TERNION_NS {

void CpuBackend::mse_forward(Buffer& loss, int64_t slot, const Buffer& x, const Buffer& t, int64_t n, double denominator) {
  const real *xp = reals(x, n, "mse x"), *tp = reals(t, n, "mse t");
  const double sum = chunked_sum(n, [&](int64_t begin, int64_t end) {
    return static_cast<double>(strided_sum<real>(begin, end, [&](int64_t i) { return (xp[i] - tp[i]) * (xp[i] - tp[i]); }));
  });
  f64_slot(loss, slot, "mse loss") = sum / denominator;
}

void CpuBackend::mse_backward(Buffer& dx, const Buffer& x, const Buffer& t, int64_t n, double denominator, double weight, bool accumulate) {
  real* dxp = reals(dx, n, "mse dx");
  const real *xp = reals(x, n, "mse x"), *tp = reals(t, n, "mse t");
  const real factor = static_cast<real>(weight * 2 / denominator);
  parallel(n, 1 << 14, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const real value = factor * (xp[i] - tp[i]);
      dxp[i] = accumulate ? dxp[i] + value : value;
    }
  });
}

void CpuBackend::score_mse_forward(Buffer& loss, int64_t slot, const Buffer& scores, const Buffer& target, const Layout& layout, double denominator) {
  const Blocks all(layout);
  const real *sp = reals(scores, all.map_elements(), "score_mse scores"), *tp = reals(target, all.map_elements(), "score_mse target");
  std::vector<double> partial(static_cast<size_t>(all.count()));
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    double sum = 0;
    for (int64_t r = 0; r < b.queries; ++r) {
      const real *s = sp + b.map + r * b.queries, *t = tp + b.map + r * b.queries;
      sum += static_cast<double>(strided_sum<real>(0, b.keys, [&](int64_t j) {
        const real d = shown_score(s[j]) - shown_score(t[j]);
        return d * d;
      }));
    }
    partial[i] = sum;
  });
  double total = 0;
  for (double value : partial) total += value;
  f64_slot(loss, slot, "score_mse loss") = total / denominator;
}

void CpuBackend::score_mse_backward(Buffer& dscores, const Buffer& scores, const Buffer& target, const Layout& layout, double denominator, double weight, bool accumulate) {
  const Blocks all(layout);
  real* dsp = reals(dscores, all.map_elements(), "score_mse dscores");
  const real *sp = reals(scores, all.map_elements(), "score_mse scores"), *tp = reals(target, all.map_elements(), "score_mse target");
  const real factor = static_cast<real>(weight * 2 / denominator);
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    for (int64_t r = 0; r < b.queries; ++r) {
      const int64_t at = b.map + r * b.queries;
      for (int64_t j = 0; j < b.queries; ++j) {
        const bool live = j < b.keys && sp[at + j] > kMaskedScore;
        const real value = live ? factor * (sp[at + j] - shown_score(tp[at + j])) : real(0);
        dsp[at + j] = accumulate ? dsp[at + j] + value : value;
      }
    }
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
