// Kullback-Leibler divergence between attention maps. Ref: [TI] 3.2
#include "attention.h"
#include "reduce.h"
#include "ternion/math.h"

namespace ternion {
namespace TERNION_NS {
namespace {

constexpr real kFloor = real(1e-8);
inline real floored(real p) { return p > kFloor ? p : kFloor; }

}  // namespace

void CpuBackend::map_kl_forward(Buffer& loss, int64_t slot, const Buffer& probs, const Buffer& target, const Layout& layout) {
  const Blocks all(layout);
  const real *pp = reals(probs, all.map_elements(), "map_kl probs"), *tp = reals(target, all.map_elements(), "map_kl target");
  std::vector<double> partial(static_cast<size_t>(all.count()));
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    double sum = 0;
    for (int64_t r = 0; r < b.keys; ++r) {  // pad queries are left out
      const real *p = pp + b.map + r * b.queries, *t = tp + b.map + r * b.queries;
      sum += static_cast<double>(strided_sum<real>(0, b.keys, [&](int64_t j) {
        return floored(t[j]) * (log_r(floored(t[j])) - log_r(floored(p[j])));
      }));
    }
    partial[i] = sum / static_cast<double>(b.keys);
  });
  double total = 0;
  for (double value : partial) total += value;
  f64_slot(loss, slot, "map_kl loss") = total / static_cast<double>(all.count());
}

void CpuBackend::map_kl_backward(Buffer& dprobs, const Buffer& probs, const Buffer& target, const Layout& layout, double weight, bool accumulate) {
  const Blocks all(layout);
  real* dpp = reals(dprobs, all.map_elements(), "map_kl dprobs");
  const real *pp = reals(probs, all.map_elements(), "map_kl probs"), *tp = reals(target, all.map_elements(), "map_kl target");
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    const real factor = static_cast<real>(weight / (static_cast<double>(b.keys) * static_cast<double>(all.count())));
    for (int64_t r = 0; r < b.queries; ++r) {
      const int64_t at = b.map + r * b.queries;
      for (int64_t j = 0; j < b.queries; ++j) {
        const bool live = r < b.keys && j < b.keys && pp[at + j] > kFloor;
        const real value = live ? -factor * floored(tp[at + j]) / pp[at + j] : real(0);
        dpp[at + j] = accumulate ? dpp[at + j] + value : value;
      }
    }
  });
}

}  // namespace TERNION_NS
}  // namespace ternion
