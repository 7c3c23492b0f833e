// Attention scores and their gradient. Ref: [TI] 0.1
#include <cmath>

#include "attention.h"

namespace ternion {
namespace TERNION_NS {

void CpuBackend::attention_scores(Buffer& scores, const Buffer& q, const Buffer* q_step, const Buffer& k,
                                  const Buffer* k_step, const Layout& layout) {
  const Blocks all(layout);
  real* sp = reals(scores, all.map_elements(), "attention_scores scores");
  const Operand qo(q, q_step, all.rows * all.width, "attention_scores q");
  const Operand ko(k, k_step, all.rows * all.width, "attention_scores k");
  const real factor = (qo.step * ko.step) * (real(1) / std::sqrt(static_cast<real>(all.dim)));
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    const int64_t ld = padded(b.keys), at = b.row * all.width + b.column;
    real* a = scratch(0, b.queries * all.dim);
    real* t = scratch(1, all.dim * ld);
    real* c = scratch(2, b.queries * ld);
    qo.load(a, all.dim, at, all.width, b.queries, all.dim, real(1));
    ko.load_transposed(t, ld, at, all.width, b.keys, all.dim, real(1));
    small_gemm(c, ld, a, all.dim, t, ld, b.queries, b.keys, all.dim);
    for (int64_t r = 0; r < b.queries; ++r) {
      real* out = sp + b.map + r * b.queries;
      for (int64_t j = 0; j < b.keys; ++j) out[j] = c[r * ld + j] * factor;
      for (int64_t j = b.keys; j < b.queries; ++j) out[j] = 0;
    }
  });
}

void CpuBackend::attention_scores_backward(Buffer& dq, Buffer& dk, const Buffer& dscores, const Buffer& q,
                                           const Buffer* q_step, const Buffer& k, const Buffer* k_step,
                                           const Layout& layout, bool accumulate) {
  const Blocks all(layout);
  real *dqp = reals(dq, all.rows * all.width, "attention_scores dq"), *dkp = reals(dk, all.rows * all.width, "attention_scores dk");
  const real* dsp = reals(dscores, all.map_elements(), "attention_scores dscores");
  const Operand qo(q, q_step, all.rows * all.width, "attention_scores q");
  const Operand ko(k, k_step, all.rows * all.width, "attention_scores k");
  const real root = real(1) / std::sqrt(static_cast<real>(all.dim));
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    const int64_t ld = padded(all.dim), at = b.row * all.width + b.column;
    real* operand = scratch(0, b.queries * ld);
    real* transposed = scratch(1, b.queries * b.queries);
    real* c = scratch(2, b.queries * ld);
    const real* ds = dsp + b.map;
    const auto store = [&](real* out, int64_t rows) {
      for (int64_t r = 0; r < b.queries; ++r)
        for (int64_t d = 0; d < all.dim; ++d) {
          const real value = r < rows ? c[r * ld + d] : real(0);
          real& target = out[at + r * all.width + d];
          target = accumulate ? target + value : value;
        }
    };
    ko.load(operand, ld, at, all.width, b.keys, all.dim, ko.step * root);
    small_gemm(c, ld, ds, b.queries, operand, ld, b.queries, all.dim, b.keys);
    store(dqp, b.queries);
    qo.load(operand, ld, at, all.width, b.queries, all.dim, qo.step * root);
    for (int64_t r = 0; r < b.queries; ++r)
      for (int64_t j = 0; j < b.keys; ++j) transposed[j * b.queries + r] = ds[r * b.queries + j];
    small_gemm(c, ld, transposed, b.queries, operand, ld, b.keys, all.dim, b.queries);
    store(dkp, b.keys);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
