// Attention of operands: scores, softmax, dropout, quantizer and context without a map in memory. Ref: [TI] 0.1, 1.3
#include <optional>

#include "map_backward.h"
#include "tops.h"

namespace ternion {
namespace TERNION_NS {
namespace {

/// Exponentials of all maps are kept between the two passes up to so many elements, where a cache holds them; above they are made twice.
constexpr int64_t kKeptElements = 1 << 20;

/// exps = exponentials of a row of scores, which it may be; to = maximum and inverse sum.
void row_stats(real* to, real* exps, const real* scores, int64_t keys) {
  const real top = strided_max<real>(0, keys, scores[0], [&](int64_t j) { return scores[j]; });
  for (int64_t j = 0; j < keys; ++j) exps[j] = exp_r(scores[j] - top);
  to[0] = top;
  to[1] = real(1) / strided_sum<real>(0, keys, [&](int64_t j) { return exps[j]; });
}

/// Stats of the rows of one block; their exponentials go to `kept` in the layout of maps, unless that is null.
void block_stats(real* stats, real* kept, const ScoreSource& source, const Blocks& all, const Block& b) {
  const int64_t ld = padded(b.keys);
  real *keys = scratch(0, all.dim * ld), *s = scratch(1, kMapRows * ld), *queries = scratch(2, kMapRows * all.dim);
  source.load_keys(keys, all, b);
  for (int64_t first = 0; first < b.queries; first += kMapRows) {
    const int64_t count = std::min(kMapRows, b.queries - first);
    source.rows(s, queries, keys, all, b, first, count);
    for (int64_t r = 0; r < count; ++r) {
      real *row = s + r * ld, *exps = kept ? kept + b.map + (first + r) * b.queries : row;
      row_stats(stats + 2 * (first_map_row(all, b) + first + r), exps, row, b.keys);
    }
  }
}

/// Block and row of a row of all maps.
struct RowPlace {
  Block block;
  int64_t row;
};
RowPlace place_of(const Blocks& all, int64_t map_row) {
  const int64_t b = std::upper_bound(all.start, all.start + all.batch + 1, static_cast<int32_t>(map_row / all.heads)) - all.start - 1;
  const int64_t local = map_row - all.heads * all.start[b], queries = all.start[b + 1] - all.start[b];
  return {Block(all, b * all.heads + local / queries), local % queries};
}

/// The largest probability of a row after dropout.
real top_of_row(const ScoreSource& source, const Blocks& all, const Path& path, const real* stats, int64_t map_row) {
  const RowPlace at = place_of(all, map_row);
  const Block& b = at.block;
  const int64_t ld = padded(b.keys);
  real *keys = scratch(0, all.dim * ld), *s = scratch(1, kMapRows * ld), *queries = scratch(2, kMapRows * all.dim);
  source.load_keys(keys, all, b);
  source.rows(s, queries, keys, all, b, at.row, 1);
  probabilities(s, s, b.keys, stats[2 * map_row], stats[2 * map_row + 1]);
  path.drop(s, path.words(b.map + at.row * b.queries, b.keys), b.keys);
  return magnitude_max(s, 0, b.keys);
}

/// The largest probability of all maps after dropout; NaN when any is NaN. The largest exponential of a row is 1, so no
/// probability of a row passes inverse * kept: rows are looked at from the largest such bound on, until one is reached.
real top_of_all(const ScoreSource& source, const Blocks& all, const Path& path, const real* stats) {
  const int64_t rows = all.heads * all.rows;
  if (!path.drops) {
    real top = 0;
    for (int64_t i = 0; i < rows; ++i) {
      if (!(stats[2 * i + 1] <= top)) top = stats[2 * i + 1];
      if (top != top) return top;
    }
    return top;
  }
  std::vector<int64_t> heap;
  for (int64_t i = 0; i < rows; ++i) {
    if (stats[2 * i + 1] == stats[2 * i + 1]) {
      heap.push_back(i);
    } else {
      const real top = top_of_row(source, all, path, stats, i);
      if (top != top) return top;
    }
  }
  const auto less = [&](int64_t a, int64_t b) { return stats[2 * a + 1] < stats[2 * b + 1]; };
  std::make_heap(heap.begin(), heap.end(), less);
  real best = 0;
  while (!heap.empty() && stats[2 * heap.front() + 1] * path.kept > best) {
    best = std::max(best, top_of_row(source, all, path, stats, heap.front()));
    std::pop_heap(heap.begin(), heap.end(), less);
    heap.pop_back();
  }
  return best;
}

/// How the contexts of all blocks are made.
struct Contexts {
  const Blocks& all;
  const ScoreSource& source;
  const Path& path;
  const Operand& v;
  real *context, *stats;
  const real* kept;  ///< exponentials, or null
  bool known;        ///< stats are; else they are written
  real scale, factor;  ///< of the quantizer, of the products
  Top top;             ///< of the context

  /// probs[count, padded(keys)] of a few rows.
  void probability_rows(real* probs, real* queries, const real* keys, const Block& b, int64_t first, int64_t count) const {
    const int64_t ld = padded(b.keys);
    if (!kept) source.rows(probs, queries, keys, all, b, first, count);
    for (int64_t r = 0; r < count; ++r) {
      real *row = probs + r * ld, *of = stats + 2 * (first_map_row(all, b) + first + r);
      if (!kept && known) {
        probabilities(row, row, b.keys, of[0], of[1]);
        continue;
      }
      if (!known) row_stats(of, row, row, b.keys);
      const real* from = kept ? kept + b.map + (first + r) * b.queries : row;
      for (int64_t j = 0; j < b.keys; ++j) row[j] = from[j] * of[1];
    }
  }

  void run(const Block& b) const {
    const int64_t ld = padded(b.keys), dim = padded(all.dim), at = b.row * all.width + b.column;
    real *keys = scratch(0, all.dim * ld), *s = scratch(1, kMapRows * ld), *queries = scratch(2, kMapRows * all.dim);
    real *values = scratch(3, b.keys * dim), *c = scratch(4, kMapRows * dim);
    if (!kept) source.load_keys(keys, all, b);
    v.load(values, dim, at, all.width, b.keys, all.dim, real(1));
    for (int64_t first = 0; first < b.queries; first += kMapRows) {
      const int64_t count = std::min(kMapRows, b.queries - first);
      const uint32_t* words = path.words(b.map + first * b.queries, count * b.queries);
      probability_rows(s, queries, keys, b, first, count);
      for (int64_t r = 0; r < count; ++r) path.drop(s + r * ld, words ? words + r * b.queries : nullptr, b.keys);
      if (path.quantizes) path.encode(s, count * ld, scale, real(1));
      small_gemm(c, dim, s, ld, values, dim, count, all.dim, b.keys);
      for (int64_t r = 0; r < count; ++r) {
        real* out = context + at + (first + r) * all.width;
        for (int64_t d = 0; d < all.dim; ++d) out[d] = c[r * dim + d] * factor;
        top.raise(out, 0, all.dim);
      }
    }
  }
};

}  // namespace

void CpuBackend::attention_forward(Buffer& context, Buffer& stats, Buffer* probs_step, const ScoreOperands& scores,
                                   const MapPath& map_path, const Buffer& v, const Buffer* v_step, const Layout& layout,
                                   Buffer* tops, int64_t slot) {
  const Blocks all(layout);
  const Path path(map_path, "attention_forward");
  const ScoreSource source(scores, all, "attention_forward scores");
  const Operand vo(v, v_step, all.rows * all.width, "attention_forward v");
  real* cp = reals(context, all.rows * all.width, "attention_forward context");
  real* sp = reals(stats, 2 * all.heads * all.rows, "attention_forward stats");
  check_probs_step(path.quantizes, probs_step, "attention_forward");
  if (path.quantizes != (v_step != nullptr))
    throw std::invalid_argument("[attention_forward] v must be codes where bits > 0, and REAL elsewhere");
  Contexts contexts{all, source, path, vo, cp, sp, nullptr, false, 0, vo.step, Top(tops, slot, "attention_forward tops")};
  if (!path.quantizes) {
    parallel(all.count(), 1, [&](int64_t i, int64_t) { contexts.run(Block(all, i)); });
    return;
  }
  real* to = reals(*probs_step, 2, "attention_forward step");
  std::optional<Scratch> held;
  if (all.map_elements() <= kKeptElements) held.emplace(*this, REAL, all.map_elements());
  real* kept = held ? static_cast<real*>((**held).data()) : nullptr;
  parallel(all.count(), 1, [&](int64_t i, int64_t) { block_stats(sp, kept, source, all, Block(all, i)); });
  const real m = clipped_max(top_of_all(source, all, path, sp), path.clip);
  to[0] = m / path.levels;
  to[1] = scale_of(m, path.levels);
  contexts.kept = kept;
  contexts.known = true;
  contexts.scale = to[1];
  contexts.factor = to[0] * vo.step;
  parallel(all.count(), 1, [&](int64_t i, int64_t) { contexts.run(Block(all, i)); });
}

void CpuBackend::attention_backward(Buffer* dq, Buffer* dk, Buffer& dv, const Buffer& dcontext, const Buffer& stats,
                                    const Buffer* probs_step, const ScoreOperands& scores, const MapPath& map_path,
                                    const Buffer& v, const Buffer* v_step, const ScoreOperands* target, double denominator,
                                    double weight, const Layout& layout) {
  const Blocks all(layout);
  const int64_t n = all.rows * all.width;
  if ((dq == nullptr) != (dk == nullptr) || (target && !dq))
    throw std::invalid_argument("[attention_backward] pass both dq and dk, or neither and no target");
  const ScoreSource source(scores, all, "attention_backward scores");
  const ScoreSource wanted(target ? *target : scores, all, "attention_backward target");
  AttentionPart part{Path(map_path, "attention_backward"),
                     Operand(v, v_step, n, "attention_backward v"),
                     Operand(dcontext, nullptr, n, "attention_backward dcontext"),
                     reals(stats, 2 * all.heads * all.rows, "attention_backward stats"),
                     probs_step ? reals(*probs_step, 2, "attention_backward step")[0] : real(1),
                     probs_step ? reals(*probs_step, 2, "attention_backward step")[1] : real(0),
                     reals(dv, n, "attention_backward dv")};
  check_probs_step(part.path.quantizes, probs_step, "attention_backward");
  MapBackward work{all, source, target ? &wanted : nullptr, static_cast<real>(target ? weight * 2 / denominator : 0)};
  work.attention = &part;
  if (dq) {
    work.dq = reals(*dq, n, "attention_backward dq");
    work.dk = reals(*dk, n, "attention_backward dk");
  }
  parallel(all.count(), 1, [&](int64_t i, int64_t) { work.run(Block(all, i)); });
}

}  // namespace TERNION_NS
}  // namespace ternion
