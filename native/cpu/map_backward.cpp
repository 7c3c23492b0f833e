// Gradients of attention operands, the map made again row by row. Ref: [TI] 3 L_as, [STE]
#include "map_backward.h"

namespace ternion {
namespace TERNION_NS {

/// Scratch of one block: K is padded(keys), D padded(dim), R a few rows.
struct MapBackward::Memory {
  int64_t keys, dim;                                 ///< padded
  real *keys_DK, *wanted_DK, *values_DK;             ///< transposed, for products over dim
  real *keys_KD;                                     ///< key_step root k
  real *dk_KD, *dv_KD;                               ///< sums over queries
  real *s_RK, *t_RK, *probs_RK, *dropped_RK, *dprobs_RK;
  real *queries, *scaled_RD, *dcontext_RD, *dq_RD;
  const uint32_t* words = nullptr;

  Memory(const Blocks& all, const Block& b)
      : keys(padded(b.keys)), dim(padded(all.dim)),
        keys_DK(scratch(0, all.dim * keys)), wanted_DK(scratch(1, all.dim * keys)), values_DK(scratch(2, all.dim * keys)),
        keys_KD(scratch(3, b.keys * dim)), dk_KD(scratch(4, b.keys * dim)), dv_KD(scratch(5, b.keys * dim)),
        s_RK(scratch(6, kMapRows * keys)), t_RK(scratch(7, kMapRows * keys)), probs_RK(scratch(8, kMapRows * keys)),
        dropped_RK(scratch(9, kMapRows * keys)), dprobs_RK(scratch(10, kMapRows * keys)),
        queries(scratch(11, kMapRows * all.dim)), scaled_RD(scratch(12, kMapRows * dim)),
        dcontext_RD(scratch(13, kMapRows * dim)), dq_RD(scratch(14, kMapRows * dim)) {}
};

void MapBackward::run(const Block& b) const {
  Memory m(all, b);
  load(m, b);
  for (int64_t first = 0; first < b.queries; first += kMapRows) {
    const int64_t count = std::min(kMapRows, b.queries - first);
    source.rows(m.s_RK, m.queries, m.keys_DK, all, b, first, count);
    if (attention) {
      m.words = attention->path.words(b.map + first * b.queries, count * b.queries);
      probability_rows(m, b, first, count);
    }
    if (dq) {
      score_gradient(m, b, first, count);
      operand_rows(m, b, first, count);
    }
    if (attention) value_rows(m, b, first, count);
  }
  store(m, b);
}

void MapBackward::load(const Memory& m, const Block& b) const {
  const int64_t at = b.row * all.width + b.column;
  source.load_keys(m.keys_DK, all, b);
  if (wanted) wanted->load_keys(m.wanted_DK, all, b);
  if (dq) {
    source.k.load(m.keys_KD, m.dim, at, all.width, b.keys, all.dim, source.k.step * source.root);
    std::fill_n(m.dk_KD, b.keys * m.dim, real(0));
  }
  if (!attention) return;
  std::fill_n(m.dv_KD, b.keys * m.dim, real(0));
  if (dq) attention->v.load_transposed(m.values_DK, m.keys, at, all.width, b.keys, all.dim, attention->v.step);
}

/// probs and dropped of a few rows, and their gradient of the context.
void MapBackward::probability_rows(const Memory& m, const Block& b, int64_t first, int64_t count) const {
  const real* stats = attention->stats + 2 * (first_map_row(all, b) + first);
  for (int64_t r = 0; r < count; ++r) {
    real *probs = m.probs_RK + r * m.keys, *dropped = m.dropped_RK + r * m.keys;
    probabilities(probs, m.s_RK + r * m.keys, b.keys, stats[2 * r], stats[2 * r + 1]);
    attention->path.drop(dropped, probs, m.words ? m.words + r * b.queries : nullptr, b.keys);
  }
  attention->dcontext.load(m.dcontext_RD, m.dim, (b.row + first) * all.width + b.column, all.width, count, all.dim, real(1));
  if (dq) small_gemm(m.dprobs_RK, m.keys, m.dcontext_RD, m.dim, m.values_DK, m.keys, count, b.keys, all.dim);
}

/// dv += (probs_step codes)^T dcontext over a few rows; dropped becomes codes.
void MapBackward::value_rows(const Memory& m, const Block& b, int64_t, int64_t count) const {
  if (attention->path.quantizes) attention->path.encode(m.dropped_RK, count * m.keys, attention->scale, attention->probs_step);
  small_gemm_add_transposed(m.dv_KD, m.dim, m.dropped_RK, m.keys, m.dcontext_RD, m.dim, b.keys, all.dim, count);
}

/// s becomes dscores: first the loss, then what comes through the softmax.
void MapBackward::score_gradient(const Memory& m, const Block& b, int64_t first, int64_t count) const {
  if (wanted) wanted->rows(m.t_RK, m.queries, m.wanted_DK, all, b, first, count);
  for (int64_t r = 0; r < count; ++r) {
    const int64_t at = r * m.keys;
    real* s = m.s_RK + at;
    if (wanted)
      for (int64_t j = 0; j < b.keys; ++j)
        s[j] = s[j] > kMaskedScore ? loss_factor * (s[j] - shown_score(m.t_RK[at + j])) : real(0);
    if (attention)
      softmax_gradient(s, m.dprobs_RK + at, m.probs_RK + at, m.dropped_RK + at, m.words ? m.words + r * b.queries : nullptr, b,
                       wanted != nullptr);
  }
}

/// ds (+)= probs (g - <g, probs>) with g = dprobs through the quantizer's straight-through mask and the dropout.
void MapBackward::softmax_gradient(real* ds, const real* dprobs, const real* probs, const real* dropped, const uint32_t* words,
                                   const Block& b, bool add) const {
  const Path& path = attention->path;
  real* g = scratch(15, b.keys);
  path.back(g, dprobs, dropped, words, b.keys);
  const real dot = strided_sum<real>(0, b.keys, [&](int64_t j) { return g[j] * probs[j]; });
  for (int64_t j = 0; j < b.keys; ++j) {
    const real value = probs[j] * (g[j] - dot);
    ds[j] = add ? ds[j] + value : value;
  }
}

/// dq = dscores (k_step root k), dk += dscores^T (q_step root q) over a few rows.
void MapBackward::operand_rows(const Memory& m, const Block& b, int64_t first, int64_t count) const {
  const int64_t at = (b.row + first) * all.width + b.column;
  small_gemm(m.dq_RD, m.dim, m.s_RK, m.keys, m.keys_KD, m.dim, count, all.dim, b.keys);
  for (int64_t r = 0; r < count; ++r) std::copy_n(m.dq_RD + r * m.dim, all.dim, dq + at + r * all.width);
  source.q.load(m.scaled_RD, m.dim, at, all.width, count, all.dim, source.q.step * source.root);
  small_gemm_add_transposed(m.dk_KD, m.dim, m.s_RK, m.keys, m.scaled_RD, m.dim, b.keys, all.dim, count);
}

void MapBackward::store(const Memory& m, const Block& b) const {
  const int64_t at = b.row * all.width + b.column;
  const auto rows = [&](real* to, const real* from) {
    for (int64_t r = 0; r < b.queries; ++r) {
      real* out = to + at + r * all.width;
      if (r < b.keys) std::copy_n(from + r * m.dim, all.dim, out);
      else std::fill_n(out, all.dim, real(0));
    }
  };
  if (dq) rows(dk, m.dk_KD);
  if (attention) rows(attention->dv, m.dv_KD);
}

}  // namespace TERNION_NS
}  // namespace ternion
