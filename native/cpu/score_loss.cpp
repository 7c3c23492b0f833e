// Loss on attention scores that are made from operands. Ref: [TI] 3 L_as
#include "map_backward.h"

namespace ternion {
namespace TERNION_NS {

void CpuBackend::score_loss_forward(Buffer& loss, int64_t slot, const ScoreOperands& scores, const ScoreOperands& target,
                                    const Layout& layout, double denominator) {
  const Blocks all(layout);
  const ScoreSource source(scores, all, "score_loss scores"), wanted(target, all, "score_loss target");
  double& to = f64_slot(loss, slot, "score_loss loss");
  std::vector<double> partial(static_cast<size_t>(all.count()));
  parallel(all.count(), 1, [&](int64_t i, int64_t) {
    const Block b(all, i);
    const int64_t ld = padded(b.keys);
    real *source_keys = scratch(0, all.dim * ld), *wanted_keys = scratch(1, all.dim * ld);
    real *s = scratch(2, kMapRows * ld), *t = scratch(3, kMapRows * ld), *queries = scratch(4, kMapRows * all.dim);
    source.load_keys(source_keys, all, b);
    wanted.load_keys(wanted_keys, all, b);
    double sum = 0;
    for (int64_t first = 0; first < b.queries; first += kMapRows) {
      const int64_t count = std::min(kMapRows, b.queries - first);
      source.rows(s, queries, source_keys, all, b, first, count);
      wanted.rows(t, queries, wanted_keys, all, b, first, count);
      for (int64_t r = 0; r < count; ++r)
        sum += static_cast<double>(strided_sum<real>(r * ld, r * ld + b.keys, [&](int64_t j) {
          const real d = shown_score(s[j]) - shown_score(t[j]);
          return d * d;
        }));
    }
    partial[i] = sum;
  });
  double total = 0;
  for (double value : partial) total += value;
  to = total / denominator;
}

void CpuBackend::score_loss_backward(Buffer& dq, Buffer& dk, const ScoreOperands& scores, const ScoreOperands& target,
                                     const Layout& layout, double denominator, double weight) {
  const Blocks all(layout);
  const int64_t n = all.rows * all.width;
  const ScoreSource source(scores, all, "score_loss scores"), wanted(target, all, "score_loss target");
  MapBackward work{all, source, &wanted, static_cast<real>(weight * 2 / denominator)};
  work.dq = reals(dq, n, "score_loss dq");
  work.dk = reals(dk, n, "score_loss dk");
  parallel(all.count(), 1, [&](int64_t i, int64_t) { work.run(Block(all, i)); });
}

}  // namespace TERNION_NS
}  // namespace ternion
