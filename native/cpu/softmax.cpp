// Softmax over the valid keys of attention rows.
#include "attention.h"
#include "reduce.h"
#include "ternion/math.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {

void CpuBackend::softmax_forward(Buffer& probs, const Buffer& scores, const Layout& layout, Buffer* tops, int64_t slot) {
  const Blocks all(layout);
  real* pp = reals(probs, all.map_elements(), "softmax probs");
  const real* sp = reals(scores, all.map_elements(), "softmax scores");
  const Top top(tops, slot, "softmax tops");
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    for (int64_t r = 0; r < b.queries; ++r) {
      const real* in = sp + b.map + r * b.queries;
      real* out = pp + b.map + r * b.queries;
      const real largest = strided_max<real>(0, b.keys, in[0], [&](int64_t j) { return in[j]; });
      for (int64_t j = 0; j < b.keys; ++j) out[j] = exp_r(in[j] - largest);
      const real inverse = real(1) / strided_sum<real>(0, b.keys, [&](int64_t j) { return out[j]; });
      for (int64_t j = 0; j < b.keys; ++j) out[j] *= inverse;
      for (int64_t j = b.keys; j < b.queries; ++j) out[j] = 0;
      top.raise(out, 0, b.keys);
    }
  });
}

void CpuBackend::softmax_backward(Buffer& dscores, const Buffer& dprobs, const Buffer& probs, const Layout& layout,
                                  bool accumulate) {
  const Blocks all(layout);
  real* dsp = reals(dscores, all.map_elements(), "softmax dscores");
  const real *dpp = reals(dprobs, all.map_elements(), "softmax dprobs"), *pp = reals(probs, all.map_elements(), "softmax probs");
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    for (int64_t r = 0; r < b.queries; ++r) {
      const int64_t at = b.map + r * b.queries;
      const real *g = dpp + at, *p = pp + at;
      real* out = dsp + at;
      const real dot = strided_sum<real>(0, b.keys, [&](int64_t j) { return g[j] * p[j]; });
      for (int64_t j = 0; j < b.queries; ++j) {
        const real value = j < b.keys ? p[j] * (g[j] - dot) : real(0);
        out[j] = accumulate ? out[j] + value : value;
      }
    }
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
