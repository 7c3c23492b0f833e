// The context: probabilities times values, and its gradient. Ref: [TI] 0.1
#include "attention.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {

void CpuBackend::attention_context(Buffer& context, const Buffer& probs, const Buffer* probs_step, const Buffer& v,
                                   const Buffer* v_step, const Layout& layout, Buffer* tops, int64_t slot) {
  const Blocks all(layout);
  real* cp = reals(context, all.rows * all.width, "attention_context context");
  const Operand po(probs, probs_step, all.map_elements(), "attention_context probs");
  const Operand vo(v, v_step, all.rows * all.width, "attention_context v");
  const Top top(tops, slot, "attention_context tops");
  const real factor = po.step * vo.step;
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    const int64_t ld = padded(all.dim), at = b.row * all.width + b.column;
    real* p = scratch(0, b.queries * b.keys);
    real* values = scratch(1, b.keys * ld);
    real* c = scratch(2, b.queries * ld);
    po.load(p, b.keys, b.map, b.queries, b.queries, b.keys, real(1));
    vo.load(values, ld, at, all.width, b.keys, all.dim, real(1));
    small_gemm(c, ld, p, b.keys, values, ld, b.queries, all.dim, b.keys);
    for (int64_t r = 0; r < b.queries; ++r) {
      real* out = cp + at + r * all.width;
      for (int64_t d = 0; d < all.dim; ++d) out[d] = c[r * ld + d] * factor;
      top.raise(out, 0, all.dim);
    }
  });
}

void CpuBackend::attention_context_backward(Buffer* dprobs, Buffer& dv, const Buffer& dcontext, const Buffer& probs,
                                            const Buffer* probs_step, const Buffer& v, const Buffer* v_step,
                                            const Layout& layout) {
  const Blocks all(layout);
  real* dpp = dprobs ? reals(*dprobs, all.map_elements(), "attention_context dprobs") : nullptr;
  real* dvp = reals(dv, all.rows * all.width, "attention_context dv");
  const Operand dco(dcontext, nullptr, all.rows * all.width, "attention_context dcontext");
  const Operand po(probs, probs_step, all.map_elements(), "attention_context probs");
  const Operand vo(v, v_step, all.rows * all.width, "attention_context v");
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    const int64_t at = b.row * all.width + b.column, ld = padded(all.dim), ldk = padded(b.keys);
    real* dc = scratch(0, b.queries * ld);
    dco.load(dc, ld, at, all.width, b.queries, all.dim, real(1));
    if (dpp) {
      real* values = scratch(1, all.dim * ldk);
      real* c = scratch(2, b.queries * ldk);
      vo.load_transposed(values, ldk, at, all.width, b.keys, all.dim, vo.step);
      small_gemm(c, ldk, dc, ld, values, ldk, b.queries, b.keys, all.dim);
      for (int64_t r = 0; r < b.queries; ++r) {
        real* out = dpp + b.map + r * b.queries;
        for (int64_t j = 0; j < b.queries; ++j) out[j] = j < b.keys ? c[r * ldk + j] : real(0);
      }
    }
    real* p = scratch(3, b.keys * b.queries);
    real* c = scratch(4, b.keys * ld);
    po.load_transposed(p, b.queries, b.map, b.queries, b.queries, b.keys, po.step);
    small_gemm(c, ld, p, b.queries, dc, ld, b.keys, all.dim, b.queries);
    for (int64_t r = 0; r < b.queries; ++r)
      for (int64_t d = 0; d < all.dim; ++d) dvp[at + r * all.width + d] = r < b.keys ? c[r * ld + d] : real(0);
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
