// BertAdam and AdamW, one pass over each tensor. Ref: [BERTADAM], [ADAMW]
#include <cmath>

#include "cpu_backend.h"
#include "ternion/power.h"

namespace ternion {
namespace TERNION_NS {
namespace {

constexpr int64_t kGrain = 1 << 14;

/// Factor that clips a gradient of the given squared norm to max_norm.
real clip_factor(double squared_norm, double max_norm) {
  if (max_norm <= 0) return real(1);
  const double factor = max_norm / (std::sqrt(squared_norm) + 1e-6);
  return static_cast<real>(factor < 1 ? factor : 1);
}

}  // namespace

void CpuBackend::bert_adam(Buffer& p, const Buffer& grad, Buffer& m, Buffer& v, int64_t n, const Buffer& norms, const Buffer& lr, int64_t slot, double beta1, double beta2, double eps, double decay, double max_norm) {
  real *pp = reals(p, n, "bert_adam p"), *mp = reals(m, n, "bert_adam m"), *vp = reals(v, n, "bert_adam v");
  const real* gp = reals(grad, n, "bert_adam grad");
  const real clip = clip_factor(f64_slot(norms, slot, "bert_adam norms"), max_norm);
  const real rate = reals(lr, slot + 1, "bert_adam lr")[slot];
  const real b1 = static_cast<real>(beta1), b2 = static_cast<real>(beta2), c1 = static_cast<real>(1 - beta1),
             c2 = static_cast<real>(1 - beta2), e = static_cast<real>(eps), wd = static_cast<real>(decay);
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const real g = gp[i] * clip;
      mp[i] = b1 * mp[i] + c1 * g;
      vp[i] = b2 * vp[i] + c2 * g * g;
      pp[i] -= rate * (mp[i] / (std::sqrt(vp[i]) + e) + wd * pp[i]);
    }
  });
}

void CpuBackend::adamw(Buffer& p, const Buffer& grad, Buffer& m, Buffer& v, int64_t n, const Buffer& norms, int64_t norm_slot, const Buffer& lr, const Buffer& counts, int64_t slot, double beta1, double beta2, double eps, double decay, double max_norm) {
  real *pp = reals(p, n, "adamw p"), *mp = reals(m, n, "adamw m"), *vp = reals(v, n, "adamw v");
  const real* gp = reals(grad, n, "adamw grad");
  const real clip = clip_factor(f64_slot(norms, norm_slot, "adamw norms"), max_norm);
  if (slot < 0) throw std::invalid_argument("[adamw lr] slot " + std::to_string(slot) + " is negative");
  const real rate = reals(lr, slot + 1, "adamw lr")[slot];
  const int32_t t = ints(counts, slot + 1, "adamw counts")[slot];
  const real correct1 = static_cast<real>(1 / (1 - power(beta1, t))), correct2 = static_cast<real>(1 / (1 - power(beta2, t)));
  const real b1 = static_cast<real>(beta1), b2 = static_cast<real>(beta2), c1 = static_cast<real>(1 - beta1),
             c2 = static_cast<real>(1 - beta2), e = static_cast<real>(eps), wd = static_cast<real>(decay);
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const real g = gp[i] * clip;
      mp[i] = b1 * mp[i] + c1 * g;
      vp[i] = b2 * vp[i] + c2 * g * g;
      const real update = (mp[i] * correct1) / (std::sqrt(vp[i] * correct2) + e);
      pp[i] -= rate * (update + wd * pp[i]);
    }
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
