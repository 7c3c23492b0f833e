// Attention maps made from their operands, a few rows at a time: no map is ever whole in memory.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "attention.h"
#include "quantizer.h"
#include "reduce.h"
#include "ternion/map_path_checks.h"
#include "ternion/math.h"
#include "ternion/philox.h"

namespace ternion {
namespace TERNION_NS {

constexpr int64_t kMapRows = 32;           ///< rows of a map at a time

/// Number of the first row of a block among the rows of all maps.
inline int64_t first_map_row(const Blocks& all, const Block& b) { return all.heads * b.row + b.column / all.dim * b.queries; }

/// Host view of ScoreOperands.
struct ScoreSource {
  Operand q, k;
  real root, factor;

  ScoreSource(const ScoreOperands& o, const Blocks& all, const char* what)
      : q(*o.q, o.q_step, all.rows * all.width, what),
        k(*o.k, o.k_step, all.rows * all.width, what),
        root(real(1) / std::sqrt(static_cast<real>(all.dim))),
        factor((q.step * k.step) * root) {
    if ((o.q_step == nullptr) != (o.k_step == nullptr))
      throw std::invalid_argument(std::string("[") + what + "] q and k must both be codes or both REAL");
  }

  /// keys_DK[dim, padded(keys)] = the block's keys, transposed.
  void load_keys(real* keys_DK, const Blocks& all, const Block& b) const {
    k.load_transposed(keys_DK, padded(b.keys), b.row * all.width + b.column, all.width, b.keys, all.dim, real(1));
  }

  /// scores[count, padded(keys)] = rows first .. first + count of the block's scores; queries[count, dim] is scratch.
  void rows(real* scores, real* queries, const real* keys_DK, const Blocks& all, const Block& b, int64_t first, int64_t count) const {
    const int64_t ld = padded(b.keys);
    q.load(queries, all.dim, (b.row + first) * all.width + b.column, all.width, count, all.dim, real(1));
    small_gemm(scores, ld, queries, all.dim, keys_DK, ld, count, b.keys, all.dim);
    for (int64_t i = 0; i < count * ld; ++i) scores[i] *= factor;
  }
};

/// Row of scores -> row of probabilities from its statistics.
inline void probabilities(real* probs, const real* scores, int64_t keys, real top, real inverse) {
  for (int64_t j = 0; j < keys; ++j) probs[j] = exp_r(scores[j] - top) * inverse;
}

/// Host view of a MapPath.
struct Path {
  bool drops, quantizes;
  uint64_t seed;
  uint32_t step, site, threshold;
  real kept, clip, levels;

  Path(const MapPath& path, const char* what)
      : drops(path.p != 0), quantizes(path.bits != 0), seed(static_cast<uint64_t>(path.seed)), step(0),
        site(static_cast<uint32_t>(path.site)), threshold(dropout_threshold(path.p)),
        kept(real(1) / (real(1) - static_cast<real>(path.p))), clip(static_cast<real>(path.clip)),
        levels(static_cast<real>((1 << (path.bits > 0 ? path.bits - 1 : 0)) - 1)) {
    check_map_path(path, what);
    if (drops) step = static_cast<uint32_t>(ints(*path.step, 1, what)[0]);
  }

  /// Dropout words of elements begin .. begin + n of the map; nullptr without dropout.
  const uint32_t* words(int64_t begin, int64_t n) const {
    if (!drops) return nullptr;
    static thread_local std::vector<uint32_t> store;
    const uint64_t first = static_cast<uint64_t>(begin) / 4, blocks = (static_cast<uint64_t>(begin + n) + 3) / 4 - first;
    if (store.size() < 4 * blocks) store.resize(4 * blocks);
    dropout_words(seed, step, site, first, blocks, store.data());
    return store.data() + begin % 4;
  }

  /// row = dropout of row, in place; words may be null.
  void drop(real* row, const uint32_t* words, int64_t n) const {
    if (!words) return;
    for (int64_t j = 0; j < n; ++j) row[j] = words[j] >= threshold ? row[j] * kept : real(0);
  }

  /// to = dropout of row; words may be null.
  void drop(real* __restrict__ to, const real* __restrict__ row, const uint32_t* __restrict__ words, int64_t n) const {
    if (words)
      for (int64_t j = 0; j < n; ++j) to[j] = words[j] >= threshold ? row[j] * kept : real(0);
    else
      std::copy_n(row, n, to);
  }

  /// x = step times the codes of x, in place; `scale` is levels / maximum, or 0.
  void encode(real* x, int64_t n, real scale, real step) const {
    for (int64_t j = 0; j < n; ++j) x[j] = step * round_half_even(clamp(x[j], clip) * scale);
  }

  /// g = the gradient of probabilities from dprobs, that of their codes: where they lie inside the clip, through the dropout.
  void back(real* __restrict__ g, const real* __restrict__ dprobs, const real* __restrict__ dropped,
            const uint32_t* __restrict__ words, int64_t n) const {
    const real bound = quantizes ? clip : std::numeric_limits<real>::infinity();
    if (words)
      for (int64_t j = 0; j < n; ++j) {
        const real inside = dropped[j] > -bound && dropped[j] < bound ? dprobs[j] : real(0);
        g[j] = words[j] >= threshold ? inside * kept : real(0);
      }
    else
      for (int64_t j = 0; j < n; ++j) g[j] = dropped[j] > -bound && dropped[j] < bound ? dprobs[j] : real(0);
  }
};

}  // namespace TERNION_NS
}  // namespace ternion
