// BertAdam and AdamW: one pass over each tensor, all tensors shared out to the threads at once. Ref: [BERTADAM], [ADAMW]
#include <cmath>

#include "cpu_backend.h"
#include "pieces.h"
#include "ternion/power.h"

namespace ternion {
namespace TERNION_NS {
namespace {

/// A tensor of the list, checked, with what its update reads.
struct Tensor {
  real *p, *m, *v;
  const real* grad;
  double* sums;  ///< of |clamp(p)| over chunks, or null
  real bound;    ///< of that clamp
  real clip, rate, decay, correct1, correct2;
};

/// Constants of an update in REAL.
struct Betas {
  real b1, c1, b2, c2, eps;
  Betas(double beta1, double beta2, double e)
      : b1(static_cast<real>(beta1)), c1(static_cast<real>(1 - beta1)), b2(static_cast<real>(beta2)),
        c2(static_cast<real>(1 - beta2)), eps(static_cast<real>(e)) {}
};

/// Factor that clips a gradient of the given squared norm to max_norm.
real clip_factor(double squared_norm, double max_norm) {
  if (max_norm <= 0) return real(1);
  const double factor = max_norm / (std::sqrt(squared_norm) + 1e-6);
  return static_cast<real>(factor < 1 ? factor : 1);
}

void bert_adam_chunk(const Tensor& t, const Betas& with, int64_t begin, int64_t end) {
  real *p = t.p, *m = t.m, *v = t.v;
  const real* grad = t.grad;
  const real clip = t.clip, rate = t.rate, decay = t.decay;
  const real b1 = with.b1, c1 = with.c1, b2 = with.b2, c2 = with.c2, eps = with.eps;
  for (int64_t i = begin; i < end; ++i) {
    const real g = grad[i] * clip;
    m[i] = b1 * m[i] + c1 * g;
    v[i] = b2 * v[i] + c2 * g * g;
    p[i] -= rate * (m[i] / (std::sqrt(v[i]) + eps) + decay * p[i]);
  }
}

void adamw_chunk(const Tensor& t, const Betas& with, int64_t begin, int64_t end) {
  real *p = t.p, *m = t.m, *v = t.v;
  const real* grad = t.grad;
  const real clip = t.clip, rate = t.rate, decay = t.decay, correct1 = t.correct1, correct2 = t.correct2;
  const real b1 = with.b1, c1 = with.c1, b2 = with.b2, c2 = with.c2, eps = with.eps;
  for (int64_t i = begin; i < end; ++i) {
    const real g = grad[i] * clip;
    m[i] = b1 * m[i] + c1 * g;
    v[i] = b2 * v[i] + c2 * g * g;
    const real update = (m[i] * correct1) / (std::sqrt(v[i] * correct2) + eps);
    p[i] -= rate * (update + decay * p[i]);
  }
}

/// The tensor's memory and rate, for the operation `name`.
Tensor checked_tensor(const UpdateList::Entry& e, const Buffer& lr, const std::string& name) {
  Tensor t = {};
  t.p = reals(*e.p, e.n, (name + " p").c_str());
  t.m = reals(*e.m, e.n, (name + " m").c_str());
  t.v = reals(*e.v, e.n, (name + " v").c_str());
  t.grad = reals(*e.grad, e.n, (name + " grad").c_str());
  if (e.sums) t.sums = doubles(*e.sums, (e.n + kSumChunk - 1) / kSumChunk, (name + " sums").c_str());
  t.bound = static_cast<real>(e.clip);
  t.rate = reals(lr, e.slot + 1, (name + " lr").c_str())[e.slot];
  t.decay = static_cast<real>(e.decay);
  return t;
}

/// Runs chunk(tensor, begin, end) over the pieces of all tensors unless the guard is set, and the sums in any case.
template <class F>
void update(CpuBackend& backend, const UpdateList& list, const std::vector<Tensor>& tensors, bool guarded, F&& chunk) {
  const auto pieces = pieces_of(tensors.size(), [&](size_t t) { return list.entries()[t].n; });
  backend.parallel(static_cast<int64_t>(pieces.size()), 1, [&](int64_t i, int64_t) {
    const Piece& piece = pieces[static_cast<size_t>(i)];
    const Tensor& t = tensors[piece.tensor];
    if (!guarded) chunk(t, piece.begin, piece.end);
    if (t.sums) t.sums[piece.begin / kSumChunk] = absolute_sum_of_chunk(t.p, piece.begin, piece.end, t.bound);
  });
}

}  // namespace

void CpuBackend::guard_finite(Buffer& guard, const Buffer& values, int64_t n) {
  int32_t* gp = ints(guard, 1, "guard_finite guard");
  const double* vp = doubles(values, n, "guard_finite values");
  for (int64_t i = 0; i < n; ++i)
    if (!std::isfinite(vp[i])) gp[0] = 1;
}

void CpuBackend::sum_squares(Buffer& out, const UpdateList& list) {
  const auto& entries = list.entries();
  std::vector<const real*> grads;
  for (const auto& e : entries) {
    f64_slot(out, e.slot, "sum_squares out");
    grads.push_back(reals(*e.grad, e.n, "sum_squares grad"));
  }
  const auto pieces = pieces_of(entries.size(), [&](size_t t) { return entries[t].n; });
  std::vector<double> partial(pieces.size());
  parallel(static_cast<int64_t>(pieces.size()), 1, [&](int64_t i, int64_t) {
    const Piece& piece = pieces[static_cast<size_t>(i)];
    const real* x = grads[piece.tensor];
    partial[static_cast<size_t>(i)] =
        static_cast<double>(strided_sum<real>(piece.begin, piece.end, [&](int64_t j) { return x[j] * x[j]; }));
  });
  std::vector<double> totals(entries.size());
  for (size_t i = 0; i < pieces.size(); ++i) totals[pieces[i].tensor] += partial[i];
  for (size_t t = 0; t < entries.size(); ++t) f64_slot(out, entries[t].slot, "sum_squares out") = totals[t];
}

void CpuBackend::bert_adam(const UpdateList& list, const Buffer& norms, const Buffer& lr, double beta1, double beta2, double eps, double max_norm, const Buffer& guard) {
  const bool guarded = ints(guard, 1, "bert_adam guard")[0] != 0;
  std::vector<Tensor> tensors;
  for (const auto& e : list.entries()) {
    tensors.push_back(checked_tensor(e, lr, "bert_adam"));
    tensors.back().clip = clip_factor(f64_slot(norms, e.slot, "bert_adam norms"), max_norm);
  }
  const Betas with(beta1, beta2, eps);
  update(*this, list, tensors, guarded, [&](const Tensor& t, int64_t begin, int64_t end) { bert_adam_chunk(t, with, begin, end); });
}

void CpuBackend::adamw(const UpdateList& list, const Buffer& norms, int64_t norm_slot, const Buffer& lr, const Buffer& counts, double beta1, double beta2, double eps, double max_norm, const Buffer& guard) {
  const bool guarded = ints(guard, 1, "adamw guard")[0] != 0;
  const real clip = clip_factor(f64_slot(norms, norm_slot, "adamw norms"), max_norm);
  std::vector<Tensor> tensors;
  for (const auto& e : list.entries()) {
    tensors.push_back(checked_tensor(e, lr, "adamw"));
    const int32_t count = ints(counts, e.slot + 1, "adamw counts")[e.slot];
    tensors.back().clip = clip;
    tensors.back().correct1 = static_cast<real>(1 / (1 - power(beta1, count)));
    tensors.back().correct2 = static_cast<real>(1 / (1 - power(beta2, count)));
  }
  const Betas with(beta1, beta2, eps);
  update(*this, list, tensors, guarded, [&](const Tensor& t, int64_t begin, int64_t end) { adamw_chunk(t, with, begin, end); });
}

}  // namespace TERNION_NS
}  // namespace ternion
