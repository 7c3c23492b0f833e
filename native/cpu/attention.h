// One (sequence, head) block of a packed batch, and loading of its operands.
#pragma once
#include "cpu_backend.h"
#include "small_gemm.h"

namespace ternion {
namespace TERNION_NS {

/// Host view of a Layout.
struct Blocks {
  const int32_t *start, *valid, *pairs;
  int64_t batch, heads, dim, width, rows;

  explicit Blocks(const Layout& l)
      : start(ints(*l.starts, l.batch + 1, "layout starts")),
        valid(ints(*l.valid, l.batch, "layout valid")),
        pairs(ints(*l.pairs, l.batch + 1, "layout pairs")),
        batch(l.batch), heads(l.heads), dim(l.head_dim), width(heads * dim), rows(l.rows) {
    if (start[batch] != l.rows || pairs[batch] != l.areas)
      throw std::invalid_argument("[layout] rows " + std::to_string(l.rows) + " and areas " + std::to_string(l.areas) + ", wanted " +
                                  std::to_string(start[batch]) + " and " + std::to_string(pairs[batch]));
  }

  int64_t count() const { return batch * heads; }
  int64_t map_elements() const { return heads * pairs[batch]; }
};

/// Block i = (sequence i / heads, head i % heads).
struct Block {
  int64_t row, queries, keys, column, map;

  Block(const Blocks& all, int64_t i) {
    const int64_t b = i / all.heads, h = i % all.heads;
    row = all.start[b];
    queries = all.start[b + 1] - row;
    keys = all.valid[b];
    column = h * all.dim;
    map = all.heads * all.pairs[b] + h * queries * queries;
  }
};

/// A REAL tensor, or S8 codes with a step. Codes are loaded as whole numbers, the step is applied by the caller.
struct Operand {
  const real* values = nullptr;
  const int8_t* codes = nullptr;
  real step = 1;

  Operand(const Buffer& buffer, const Buffer* step_buffer, int64_t n, const char* what) {
    if (step_buffer) {
      codes = codes_of(buffer, n, what);
      step = reals(*step_buffer, 1, what)[0];
    } else {
      values = reals(buffer, n, what);
    }
  }

  real at(int64_t i) const { return codes ? static_cast<real>(codes[i]) : values[i]; }

  /// to[r, c] = factor * element (begin + r * stride + c), rows x cols, padded with zeros to `ld` columns.
  void load(real* to, int64_t ld, int64_t begin, int64_t stride, int64_t rows, int64_t cols, real factor) const {
    for (int64_t r = 0; r < rows; ++r) {
      real* out = to + r * ld;
      const int64_t from = begin + r * stride;
      if (codes)
        for (int64_t c = 0; c < cols; ++c) out[c] = factor * static_cast<real>(codes[from + c]);
      else
        for (int64_t c = 0; c < cols; ++c) out[c] = factor * values[from + c];
      for (int64_t c = cols; c < ld; ++c) out[c] = 0;
    }
  }

  /// The transpose: to[c, r], padded with zeros to `ld` columns.
  void load_transposed(real* to, int64_t ld, int64_t begin, int64_t stride, int64_t rows, int64_t cols, real factor) const {
    for (int64_t c = 0; c < cols; ++c) {
      for (int64_t r = 0; r < rows; ++r) to[c * ld + r] = factor * at(begin + r * stride + c);
      for (int64_t r = rows; r < ld; ++r) to[c * ld + r] = 0;
    }
  }
};

constexpr real kMaskedScore = real(-100);

/// The reference zeroes scores at or below -100 before comparing. Ref: [TI] 3 L_as
inline real shown_score(real score) { return score <= kMaskedScore ? real(0) : score; }

/// Scratch of one thread, grown on demand.
inline real* scratch(int slot, int64_t n) {
  static thread_local std::vector<real> store[16];
  if (static_cast<int64_t>(store[slot].size()) < n) store[slot].resize(static_cast<size_t>(n));
  return store[slot].data();
}

}  // namespace TERNION_NS
}  // namespace ternion
